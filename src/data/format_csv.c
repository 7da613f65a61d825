/* What pandas writes of DLIO's samples: a row of numbers for each, the same in
 * all rows, no header. */
#include "data/format.h"

#include "base/log.h"

#include <inttypes.h>
#include <string.h>

/* Numbers made at a time; a number with its comma is not longer than 21. */
#define AT_ONCE 512
#define MAX_TEXT 24

static int64_t integer_at(const struct dtype *t, const unsigned char *at)
{
	uint64_t bits = 0;

	memcpy(&bits, at, t->size); /* little-endian, as all payload */
	if (t->descr[1] == 'i') {
		unsigned spare = 64 - 8 * (unsigned)t->size;

		return (int64_t)(bits << spare) >> spare;
	}
	return (int64_t)bits;
}

static size_t put_text(char *out, const struct dtype *t,
		       const unsigned char *at)
{
	int64_t value = integer_at(t, at);

	if (t->kind == DTYPE_BOOL)
		return (size_t)snprintf(out, MAX_TEXT, "%s",
					value ? "True" : "False");
	return (size_t)snprintf(out, MAX_TEXT,
				t->descr[1] == 'u' ? "%" PRIu64 : "%" PRId64,
				value);
}

static int put_row(const struct dataset_file *f, struct format_sink *out)
{
	struct payload_span span = format_random(f, 1, 0, f->record_bytes);
	size_t step = f->dtype->size;
	unsigned char numbers[AT_ONCE * sizeof(uint64_t)];
	char text[AT_ONCE * MAX_TEXT];

	for (uint64_t at = 0; at < span.len;) {
		size_t n = MIN(span.len - at, AT_ONCE * step), len = 0;
		int rc;

		payload_fill(f->payload, &span, at, numbers, n);
		at += n;
		for (size_t i = 0; i < n; i += step) {
			len += put_text(text + len, f->dtype, numbers + i);
			text[len++] = ',';
		}
		if (at == span.len)
			text[len - 1] = '\n';
		rc = format_put(out, text, len);
		if (rc)
			return rc;
	}
	return 0;
}

static int csv_encode(const struct dataset_file *f, struct format_sink *out)
{
	int rc = 0;

	for (uint64_t i = 0; i < f->samples && !rc; i++)
		rc = put_row(f, out);
	return rc;
}

static int csv_check(const struct dataset_file *f)
{
	if (f->dtype->kind == DTYPE_FLOAT || f->dtype->kind == DTYPE_COMPLEX)
		return log_invalid("dataset.format csv holds integers and "
				   "bools; record_element_type %s is neither",
				   f->dtype->name);
	if (f->layout->compression)
		return log_invalid("dataset.compression %s: csv is not "
				   "compressed; leave it out",
				   f->layout->compression);
	return 0;
}

const struct format format_csv = {
	.name = "csv",
	.encode = csv_encode,
	.check = csv_check,
};
