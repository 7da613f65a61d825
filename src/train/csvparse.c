#include "train/csvparse.h"

#include <string.h>

static const char no_number[] = "has a field that is no number";

void csvparse_init(struct csvparse *p)
{
	*p = (struct csvparse){ 0 };
}

/* Digits of which a double keeps each. */
#define MAX_DIGITS 15

static bool small_integer(const char *at, size_t len, double *out)
{
	uint64_t n = 0;

	if (len == 0 || len > MAX_DIGITS)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(at[i] - '0');
	}
	*out = (double)n;
	return true;
}

/* What pandas takes for a number, or for none where one could be. */
static bool number(char *field, size_t len, double *out)
{
	char *end;

	if (small_integer(field, len, out))
		return true;
	*out = 0;
	if (len == 0)
		return true;
	field[len] = '\0';
	if (!strcmp(field, "True") || !strcmp(field, "False")) {
		*out = *field == 'T';
		return true;
	}
	/* strtod() would skip blanks, and take "0x1p3". */
	if (field[strspn(field, "0123456789+-.eEinfa")])
		return false;
	*out = strtod(field, &end);
	return *end == '\0';
}

static const char *end_field(struct csvparse *p)
{
	double n;

	if (!number(p->field, p->len, &n))
		return no_number;
	p->sum += n;
	p->len = 0;
	p->column++;
	return NULL;
}

static const char *end_row(struct csvparse *p)
{
	const char *wrong = end_field(p);

	if (wrong)
		return wrong;
	if (p->rows == 0)
		p->columns = p->column;
	if (p->column != p->columns)
		return p->column < p->columns ? "is shorter than the first" :
						"is longer than the first";
	p->rows++;
	p->column = 0;
	return NULL;
}

const char *csvparse_add(struct csvparse *p, const void *data, size_t len)
{
	const char *at = data, *end = at + len;

	for (; at < end; at++) {
		const char *wrong = NULL;

		if (*at == ',')
			wrong = end_field(p);
		else if (*at == '\n')
			wrong = end_row(p);
		else if (p->len == CSVPARSE_MAX_FIELD || *at == '\0')
			wrong = no_number;
		else
			p->field[p->len++] = *at;
		if (wrong)
			return wrong;
	}
	return NULL;
}

const char *csvparse_end(struct csvparse *p)
{
	/* The last line need not end. */
	if (p->len > 0 || p->column > 0)
		return end_row(p);
	return p->rows ? NULL : "is not there: the file is empty";
}
