/* Any bytes as a page of a listing, in pieces: refused, or keys that end where
 * they say; and as a refusal, from which a code and a message fit. */
#include "backends/s3_document.h"
#include "backends/s3_errors.h"
#include "backends/s3_list.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void list(const uint8_t *data, size_t size, size_t piece)
{
	struct s3_list_entry e;
	struct s3_document *d;
	struct s3_page *p;
	int rc = 0;

	if (s3_list_page_new(&p) != 0)
		return;
	d = s3_list_page_document(p);
	s3_document_begin(d);
	for (size_t at = 0; rc == 0 && at < size; at += piece)
		rc = s3_document_sink(d, data + at, MIN(piece, size - at));
	if (rc == 0)
		rc = s3_document_end(d);
	if (rc == 0)
		rc = s3_list_page_finish(p);
	for (size_t i = 0; rc == 0 && s3_list_page_entry(p, i, &e); i++)
		if (strlen(e.key) > e.len || e.key[e.len] != '\0')
			__builtin_trap();
	if (rc == 0 && s3_list_page_next(p) && !*s3_list_page_next(p))
		__builtin_trap();
	s3_list_page_free(p);
}

static void explain(const uint8_t *data, size_t size)
{
	static struct http_exchange x = { .status = 400 };
	char code[REST_CODE], message[256];

	x.refusal_len = MIN(size, sizeof(x.refusal) - 1);
	memcpy(x.refusal, data, x.refusal_len);
	x.refusal[x.refusal_len] = '\0';
	s3_errors_explain(&x, code, message);
	if (strlen(code) >= sizeof(code) || strlen(message) >= sizeof(message))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	list(data + 1, size - 1, data[0] + (size_t)1);
	explain(data, size);
	return 0;
}
