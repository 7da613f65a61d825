/* Any bytes as an answer of STS: keys that are whole, or none. */
#include "backends/aws_sts_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct aws_found f = { 0 };
	int rc = aws_sts_answer_keys(text, size, &f);

	if (rc > 0 || (rc == 0) != (f.id && f.secret && f.token))
		abort();
	if (rc == 0 &&
	    (!aws_found_is_plain(f.id) || !aws_found_is_plain(f.secret) ||
	     !aws_found_is_plain(f.token)))
		abort();
	aws_found_clear(&f);
	if (!rc && aws_sts_answer_refusal(text, size) &&
	    !*aws_sts_answer_refusal(text, size)->meaning)
		abort();
	return 0;
}
