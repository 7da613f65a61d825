#include "config/dump.h"

#include "base/json.h"
#include "config/quote.h"
#include "config/scalar.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#define DECIMAL "0123456789"

/* 2026-11-23, alone or with a time behind it. */
static bool is_date(const char *text)
{
	static const char form[] = "0000-00-00";
	size_t i;

	for (i = 0; form[i]; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text[i]) :
				     text[i] != '-')
			return false;
	return !text[i] || strchr("Tt ", text[i]);
}

/* Words that Python's float() takes, besides those of YAML. */
static bool is_python_float(const char *text)
{
	static const char *const words[] = { "inf", "infinity", "nan" };

	text += *text == '-' || *text == '+';
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(text, words[i]))
			return true;
	return false;
}

/* Leading zeros and exponents without a sign: numbers for Python alone. */
static bool is_python_number(const char *text)
{
	char *end;

	if (!strpbrk(text, DECIMAL) || strpbrk(text, "xXpP(nN"))
		return false;
	strtod(text, &end);
	return !*end;
}

/* Would it be read as something else than text? */
static bool is_no_text(const char *text)
{
	static const char *const words[] = { "y", "Y", "n", "N", "<<", "=" };
	struct scalar s;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(text, words[i]))
			return true;
	scalar_from_yaml(text, &s);
	return s.kind != NODE_STRING || is_date(text) ||
	       is_python_float(text) || is_python_number(text);
}

static bool ends_word(char c)
{
	return !c || c == ' ';
}

/* YAML's indicators where they would be one, outside of brackets. */
static bool has_indicator(const char *text)
{
	if (strchr("#,[]{}&*!|>'\"%@`", *text) || !strncmp(text, "---", 3) ||
	    !strncmp(text, "...", 3) ||
	    (strchr("?-", *text) && ends_word(text[1])))
		return true;
	for (const char *p = text; *p; p++)
		if ((*p == ':' && ends_word(p[1])) ||
		    (*p == '#' && p > text && p[-1] == ' '))
			return true;
	return false;
}

static bool is_plain(const char *text)
{
	size_t len = strlen(text);

	return len && text[0] != ' ' && text[len - 1] != ' ' &&
	       !is_no_text(text) && !has_indicator(text);
}

static void dump_text(const char *text, FILE *out)
{
	if (quote_is_needed(text)) {
		quote_print(text, out);
		return;
	}
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('\'', out);
	for (; *text; text++)
		fprintf(out, *text == '\'' ? "''" : "%c", *text);
	fputc('\'', out);
}

/* Python's text but for YAML 1.1's sake: .inf, 1.0e-05. */
static void dump_number(double d, FILE *out)
{
	char text[JSON_DOUBLE_SIZE];
	char *digits, *e;

	json_double(d, text);
	digits = text + (*text == '-');
	e = strchr(digits, 'e');
	if (isalpha((unsigned char)*digits))
		fprintf(out, "%.*s.%s", (int)(digits - text), text, digits);
	else if (e && !strchr(text, '.'))
		fprintf(out, "%.*s.0%s", (int)(e - text), text, e);
	else
		fputs(text, out);
}

static void dump_scalar(const struct node *n, FILE *out)
{
	switch (n->kind) {
	case NODE_NULL:
		fputs("null", out);
		break;
	case NODE_BOOL:
		fputs(n->scalar.boolean ? "true" : "false", out);
		break;
	case NODE_INT:
		fprintf(out, "%" PRId64, n->scalar.integer);
		break;
	case NODE_FLOAT:
		dump_number(n->scalar.number, out);
		break;
	case NODE_STRING:
		dump_text(n->text, out);
		break;
	default:
		fputs(n->kind == NODE_LIST ? "[]" : "{}", out);
		break;
	}
	fputc('\n', out);
}

static void dump_items(const struct node *n, int indent, FILE *out);

/* Lists stand under their key, maps a step to the right. */
static void dump_member(const struct node *n, int indent, FILE *out)
{
	dump_text(n->key, out);
	fputc(':', out);
	if (!n->n) {
		fputc(' ', out);
		dump_scalar(n, out);
		return;
	}
	fputc('\n', out);
	if (n->kind == NODE_MAP)
		indent += 2;
	fprintf(out, "%*s", indent, "");
	dump_items(n, indent, out);
}

/* From where the first item's line is indented already. */
static void dump_items(const struct node *n, int indent, FILE *out)
{
	for (size_t i = 0; i < n->n; i++) {
		const struct node *item = n->item[i];

		if (i)
			fprintf(out, "%*s", indent, "");
		if (n->kind == NODE_MAP) {
			dump_member(item, indent, out);
			continue;
		}
		fputs("- ", out);
		if (item->n)
			dump_items(item, indent + 2, out);
		else
			dump_scalar(item, out);
	}
}

void dump_tree(const struct node *n, FILE *out)
{
	if (n->n)
		dump_items(n, 0, out);
	else
		dump_scalar(n, out);
}
