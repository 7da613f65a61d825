#include "base/json.h"

#include "base/utf8.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

struct level {
	bool is_object;
	bool has_values;
};

struct json {
	FILE *stream;
	int indent;
	int rc;	   /* the first error */
	int depth; /* levels open; level[0] is the text itself */
	struct level level[JSON_DEPTH + 1];
};

int json_new(FILE *stream, int indent, struct json **out)
{
	struct json *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	j->stream = stream;
	j->indent = indent;
	*out = j;
	return 0;
}

static void fail(struct json *j, int rc)
{
	if (j->rc == 0)
		j->rc = rc;
}

int json_free(struct json *j)
{
	int rc;

	if (!j)
		return 0;
	if (j->depth > 0)
		fail(j, -EINVAL);
	putc('\n', j->stream);
	if (fflush(j->stream))
		fail(j, -errno);
	if (ferror(j->stream))
		fail(j, -EIO);
	rc = j->rc;
	free(j);
	return rc;
}

/* Every value on a line of its own, or all on one. */
static void new_line(struct json *j)
{
	if (j->indent)
		fprintf(j->stream, "\n%*s", j->depth * j->indent, "");
}

static void write_ascii(FILE *stream, char c)
{
	static const char *const escapes[128] = {
		['"'] = "\\\"", ['\\'] = "\\\\", ['\b'] = "\\b", ['\f'] = "\\f",
		['\n'] = "\\n", ['\r'] = "\\r",	 ['\t'] = "\\t",
	};

	if (escapes[(int)c])
		fputs(escapes[(int)c], stream);
	else if (c < ' ')
		fprintf(stream, "\\u%04x", c);
	else
		putc(c, stream);
}

/* A byte that is no UTF-8 becomes U+FFFD: file names may hold anything, and
 * the text must still be JSON. */
static void write_string(FILE *stream, const char *s)
{
	putc('"', stream);
	while (*s) {
		size_t length = utf8_length(s);

		if (length == 1)
			write_ascii(stream, *s);
		else if (length > 1)
			fwrite(s, 1, length, stream);
		else
			fputs("\\ufffd", stream);
		s += MAX(length, 1);
	}
	putc('"', stream);
}

/* What precedes every value.  False: it has no place here. */
static bool begin_value(struct json *j, const char *key)
{
	struct level *level = &j->level[j->depth];
	bool is_second_text = j->depth == 0 && level->has_values;

	if (level->is_object != (key != NULL) || is_second_text) {
		fail(j, -EINVAL);
		return false;
	}
	if (level->has_values)
		fputs(j->indent ? "," : ", ", j->stream);
	level->has_values = true;
	if (j->depth > 0)
		new_line(j);
	if (key) {
		write_string(j->stream, key);
		fputs(": ", j->stream);
	}
	return true;
}

static void open_level(struct json *j, const char *key, bool is_object)
{
	if (!begin_value(j, key))
		return;
	if (j->depth == JSON_DEPTH) {
		fail(j, -EOVERFLOW);
		return;
	}
	putc(is_object ? '{' : '[', j->stream);
	j->level[++j->depth] = (struct level){ .is_object = is_object };
}

void json_object(struct json *j, const char *key)
{
	open_level(j, key, true);
}

void json_array(struct json *j, const char *key)
{
	open_level(j, key, false);
}

void json_end(struct json *j)
{
	struct level level = j->level[j->depth];

	if (j->depth == 0) {
		fail(j, -EINVAL);
		return;
	}
	j->depth--;
	if (level.has_values)
		new_line(j);
	putc(level.is_object ? '}' : ']', j->stream);
}

void json_string(struct json *j, const char *key, const char *value)
{
	if (!value)
		json_null(j, key);
	else if (begin_value(j, key))
		write_string(j->stream, value);
}

void json_int(struct json *j, const char *key, int64_t value)
{
	if (begin_value(j, key))
		fprintf(j->stream, "%" PRId64, value);
}

void json_uint(struct json *j, const char *key, uint64_t value)
{
	if (begin_value(j, key))
		fprintf(j->stream, "%" PRIu64, value);
}

void json_number(struct json *j, const char *key, double value)
{
	char text[JSON_DOUBLE_SIZE];

	if (!isfinite(value)) {
		json_null(j, key);
		return;
	}
	json_double(value, text);
	if (begin_value(j, key))
		fputs(text, j->stream);
}

void json_bool(struct json *j, const char *key, bool value)
{
	if (begin_value(j, key))
		fputs(value ? "true" : "false", j->stream);
}

void json_null(struct json *j, const char *key)
{
	if (begin_value(j, key))
		fputs("null", j->stream);
}

/* ---- Doubles --------------------------------------------------------------- */

/* "d.ddde-dd", with so many digits; does it read back? */
static bool try_digits(double value, int digits, char text[JSON_DOUBLE_SIZE])
{
	snprintf(text, JSON_DOUBLE_SIZE, "%.*e", digits - 1, value);
	return strtod(text, NULL) == value;
}

/* A power of two has its neighbour below at half the distance of the one above.
 * The nearest decimal may then be below and too far, and the next one above not
 * too far.  (46 powers of two are so, with 16 digits; none ends in 9.) */
static bool try_next_above(double value, char text[JSON_DOUBLE_SIZE])
{
	char *exponent = strchr(text, 'e');

	exponent[-1]++;
	return strtod(text, NULL) == value;
}

/* Any decimal of up to 15 digits is still the nearest one after a journey
 * through a double; so if one reads back, it is what 15 digits give, and the
 * rest are zeros.  Subnormal doubles hold fewer digits, down to one. */
static void find_shortest(double value, char text[JSON_DOUBLE_SIZE])
{
	for (int digits = value < DBL_MIN ? 1 : 15; digits <= 16; digits++)
		if (try_digits(value, digits, text))
			return;
	if (!try_next_above(value, text))
		try_digits(value, 17, text);
}

/* A decimal number, 0.ddd * 10^point. */
struct decimal {
	char digits[20]; /* padded with zeros, which may be printed too */
	int count;	 /* without the padding */
	int point;
};

/* From "d.ddde-dd". */
static struct decimal parse(const char *text)
{
	struct decimal d = { .digits = "0000000000000000000" };
	const char *e = strchr(text, 'e');

	d.digits[0] = text[0];
	if (e > text + 2) /* text[1] is the point, whatever the locale's */
		memcpy(d.digits + 1, text + 2, (size_t)(e - text - 2));
	for (int i = 0; d.digits[i]; i++)
		if (d.digits[i] != '0' || i == 0)
			d.count = i + 1;
	d.point = (int)strtol(e + 1, NULL, 10) + 1;
	return d;
}

/* Python writes 1e-05 and 0.0001, 1e+16 and 1000000000000000.0. */
void json_double(double value, char out[JSON_DOUBLE_SIZE])
{
	const char *sign = signbit(value) ? "-" : "";
	char text[JSON_DOUBLE_SIZE];
	struct decimal d;

	if (!isfinite(value)) {
		snprintf(out, JSON_DOUBLE_SIZE, "%f",
			 isnan(value) ? fabs(value) : value);
		return;
	}
	find_shortest(fabs(value), text);
	d = parse(text);
	if (d.point > 16 || d.point < -3)
		snprintf(out, JSON_DOUBLE_SIZE, "%s%c%s%.*se%+03d", sign,
			 d.digits[0], d.count > 1 ? "." : "", d.count - 1,
			 d.digits + 1, d.point - 1);
	else if (d.point > 0)
		snprintf(out, JSON_DOUBLE_SIZE, "%s%.*s.%.*s", sign, d.point,
			 d.digits, MAX(d.count - d.point, 1),
			 d.digits + d.point);
	else
		snprintf(out, JSON_DOUBLE_SIZE, "%s0.%.*s%.*s", sign, -d.point,
			 "000", d.count, d.digits);
}
