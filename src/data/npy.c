#include "data/npy.h"

#include <errno.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_LEN ((size_t)6)
#define ALIGN 64
/* NumPy leaves room for the first dimension to grow to this many digits. */
#define GROWTH_DIGITS 21

/* ---- Writing: by hand, as the sizes of ten million files are asked for ---- */

static char *put_number(char *at, uint64_t n)
{
	char digits[20];
	size_t len = 0;

	do {
		digits[len++] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	while (len > 0)
		*at++ = digits[--len];
	return at;
}

/* A tuple as Python's repr() has it: "()", "(3,)", "(3, 4)". */
static char *put_shape(char *at, const struct npy *a)
{
	*at++ = '(';
	for (unsigned i = 0; i < a->ndims; i++)
		at = put_number(i > 0 ? stpcpy(at, ", ") : at, a->shape[i]);
	return stpcpy(at, a->ndims == 1 ? ",)" : ")");
}

/* As many blanks as the growing dimension is short of its most digits. */
static char *put_room_to_grow(char *at, const struct npy *a)
{
	char digits[20];
	uint64_t growing;
	size_t room;

	if (a->ndims == 0)
		return at;
	growing = a->shape[a->fortran_order ? a->ndims - 1 : 0];
	room = GROWTH_DIGITS - (size_t)(put_number(digits, growing) - digits);
	memset(at, ' ', room);
	return at + room;
}

/* At most 10 bytes of prefix, 15 of descr, 52 of words, 32 * 22 of shape, 20 of
 * room and 64 of padding: 865. */
size_t npy_write(const struct npy *a, char buf[NPY_MAX_HEADER])
{
	size_t used, total;
	char *at = buf + 10;

	at = stpcpy(stpcpy(at, "{'descr': '"), a->descr);
	at = stpcpy(at, "', 'fortran_order': ");
	at = stpcpy(at, a->fortran_order ? "True" : "False");
	at = put_shape(stpcpy(at, ", 'shape': "), a);
	at = put_room_to_grow(stpcpy(at, ", }"), a);

	/* One newline, and never no blank: a header that would end on the
	 * border gets 64 more. */
	used = (size_t)(at - buf) + 1;
	total = round_down(used, ALIGN) + ALIGN;
	memset(at, ' ', total - used);
	buf[total - 1] = '\n';
	memcpy(buf, MAGIC "\x01\x00", MAGIC_LEN + 2);
	buf[8] = (char)((total - 10) & 0xff);
	buf[9] = (char)((total - 10) >> 8);
	return total;
}

/* ---- Reading: the little of Python's grammar that a header is ---- */

struct cursor {
	const char *at, *end;
};

static void skip_blanks(struct cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' ||
				  *c->at == '\n' || *c->at == '\r'))
		c->at++;
}

/* Is the next thing this character?  Then step over it. */
static bool take(struct cursor *c, char wanted)
{
	skip_blanks(c);
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

static bool take_word(struct cursor *c, const char *word)
{
	size_t len = strlen(word);

	skip_blanks(c);
	if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
		return false;
	c->at += len;
	return true;
}

static int parse_string(struct cursor *c, char *out, size_t size)
{
	char quote = take(c, '\'') ? '\'' : '"';
	size_t len = 0;

	if (quote == '"' && !take(c, '"'))
		return -EINVAL;
	for (; c->at < c->end && *c->at != quote; c->at++) {
		if (len + 1 == size || *c->at == '\\' || *c->at == '\0')
			return -EINVAL;
		out[len++] = *c->at;
	}
	out[len] = '\0';
	return take(c, quote) ? 0 : -EINVAL;
}

static int parse_number(struct cursor *c, uint64_t *out)
{
	uint64_t n = 0;

	skip_blanks(c);
	if (c->at == c->end || *c->at < '0' || *c->at > '9')
		return -EINVAL;
	for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
		uint64_t digit = (uint64_t)(*c->at - '0');

		if (n > (UINT64_MAX - digit) / 10)
			return -EINVAL;
		n = n * 10 + digit;
	}
	take(c, 'L'); /* Python 2's long */
	*out = n;
	return 0;
}

static int parse_shape(struct cursor *c, struct npy *a)
{
	bool comma = true;

	if (!take(c, '('))
		return -EINVAL;
	a->ndims = 0;
	while (!take(c, ')')) {
		if (!comma)
			return -EINVAL;
		if (a->ndims == NPY_MAX_DIMS)
			return -ENOTSUP;
		if (parse_number(c, &a->shape[a->ndims++]) < 0)
			return -EINVAL;
		comma = take(c, ',');
	}
	/* "(3)" is a number in brackets, not a tuple. */
	return a->ndims == 1 && !comma ? -EINVAL : 0;
}

enum { SEEN_DESCR = 1, SEEN_ORDER = 2, SEEN_SHAPE = 4, SEEN_ALL = 7 };

/* The value of a key.  Returns which it was. */
static int parse_value(struct cursor *c, const char *key, struct npy *a)
{
	int rc;

	if (!strcmp(key, "descr")) {
		if (take(c, '['))
			return -ENOTSUP;
		rc = parse_string(c, a->descr, sizeof(a->descr));
		return rc < 0 ? rc : SEEN_DESCR;
	}
	if (!strcmp(key, "fortran_order")) {
		a->fortran_order = take_word(c, "True");
		if (!a->fortran_order && !take_word(c, "False"))
			return -EINVAL;
		return SEEN_ORDER;
	}
	if (!strcmp(key, "shape")) {
		rc = parse_shape(c, a);
		return rc < 0 ? rc : SEEN_SHAPE;
	}
	return -EINVAL;
}

static int parse_dict(struct cursor *c, struct npy *a)
{
	bool comma = true;
	int seen = 0;

	if (!take(c, '{'))
		return -EINVAL;
	while (!take(c, '}')) {
		char key[16];
		int rc;

		if (!comma || parse_string(c, key, sizeof(key)) < 0 ||
		    !take(c, ':'))
			return -EINVAL;
		rc = parse_value(c, key, a);
		if (rc < 0)
			return rc;
		if (seen & rc)
			return -EINVAL;
		seen |= rc;
		comma = take(c, ',');
	}
	skip_blanks(c);
	return seen == SEEN_ALL && c->at == c->end ? 0 : -EINVAL;
}

ssize_t npy_parse(const void *buf, size_t len, struct npy *out)
{
	const unsigned char *b = buf;
	struct cursor c;
	size_t prefix, text = 0;
	int rc;

	if (memcmp(b, MAGIC, MIN(len, MAGIC_LEN)) != 0)
		return -EINVAL;
	if (len < 12)
		return 0;
	if (b[6] < 1 || b[6] > 3 || b[7] != 0)
		return -EINVAL;
	/* Version 1 has two bytes of length, later ones four. */
	prefix = b[6] == 1 ? 10 : 12;
	for (size_t i = prefix; i-- > 8;)
		text = text << 8 | b[i];
	if (len - prefix < text)
		return 0;
	memset(out, 0, sizeof(*out));
	c.at = (const char *)b + prefix;
	c.end = c.at + text;
	rc = parse_dict(&c, out);
	return rc < 0 ? rc : (ssize_t)(prefix + text);
}
