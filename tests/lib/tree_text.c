#include "lib/tree_text.h"

static void show(const struct node *n, FILE *out)
{
	static const char *const brackets[] = { "[]", "{}" };
	const char *b = brackets[n->kind == NODE_MAP];

	switch (n->kind) {
	case NODE_NULL:
		fputs("null", out);
		return;
	case NODE_BOOL:
		fputs(n->scalar.boolean ? "true" : "false", out);
		return;
	case NODE_INT:
		fprintf(out, "%lld", (long long)n->scalar.integer);
		return;
	case NODE_FLOAT:
		fprintf(out, "%g", n->scalar.number);
		return;
	case NODE_STRING:
		fprintf(out, "\"%s\"", n->text);
		return;
	default:
		break;
	}
	fputc(b[0], out);
	for (size_t i = 0; i < n->n; i++) {
		fputs(i ? ", " : "", out);
		if (n->kind == NODE_MAP)
			fprintf(out, "%s: ", n->item[i]->key);
		show(n->item[i], out);
	}
	fputc(b[1], out);
}

char *tree_text(const struct node *n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	show(n, out);
	fclose(out);
	return text;
}
