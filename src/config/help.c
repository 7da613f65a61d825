#include "config/help.h"

#include "config/keys.h"

#include <string.h>

static void print_kind(const struct key *k, FILE *out)
{
	static const char *const kinds[] = {
		[KEY_STRING] = "text",
		[KEY_CHOICE] = "choice",
		[KEY_ENUM] = "choice",
		[KEY_BOOL] = "true or false",
		[KEY_INT] = "whole number",
		[KEY_UINT] = "whole number",
		[KEY_SIZE] = "size",
		[KEY_DOUBLE] = "number",
		[KEY_INTS] = "list of numbers",
		[KEY_STRINGS] = "list of texts",
		[KEY_COLUMNS] = "list of maps",
		[KEY_TIME] = "time",
		[KEY_STDEV] = "number",
		[KEY_PRESENT] = "map",
		[KEY_ALIAS] = "",
		[KEY_IGNORED] = "",
	};

	fputs(kinds[k->type], out);
}

static bool has_default(const struct key *k)
{
	return k->standard || k->type == KEY_INTS || k->type == KEY_STRINGS ||
	       k->type == KEY_COLUMNS;
}

static void print_default(const struct key *k, FILE *out)
{
	if (has_default(k))
		fputs(k->standard ? k->standard : "[]", out);
}

static void print_names(const struct key *k, FILE *out)
{
	const char *before = ": ";

	for (const char *const *name = k->names; *name; name++) {
		if (!**name)
			continue;
		fprintf(out, "%s%s", before, *name);
		before = ", ";
	}
}

static void print_meaning(const struct key *k, FILE *out)
{
	if (k->type == KEY_IGNORED)
		fputs("Ignored: ", out);
	fputs(k->help, out);
	if (k->names)
		print_names(k, out);
	if (k->unit)
		fprintf(out, " [%s]", k->unit);
	if (k->least || k->most)
		fprintf(out, "; %s", KEYS_RANGE(k));
	if (k->idle)
		fprintf(out, " (%s)", k->idle);
}

static void print_row(const struct key *k, const char *name, bool markdown,
		      FILE *out)
{
	if (!markdown) {
		fprintf(out, "  %s", name);
		if (k->type < KEY_ALIAS) {
			fputs(" (", out);
			print_kind(k, out);
			fputs(has_default(k) ? ", default " : "", out);
			print_default(k, out);
			fputc(')', out);
		}
		fputs("\n      ", out);
		print_meaning(k, out);
		fputc('\n', out);
		return;
	}
	fprintf(out, "| `%s` | ", name);
	print_kind(k, out);
	fputs(" | ", out);
	print_default(k, out);
	fputs(" | ", out);
	print_meaning(k, out);
	fputs(" |\n", out);
}

void help_print(FILE *out, bool markdown)
{
	const char *section = "";
	size_t len = 0;

	for (size_t i = 0; i < keys_table_count; i++) {
		const struct key *k = &keys_table[i];
		const char *name = k->path;
		size_t n = strcspn(k->path, ".");

		if (n != len || strncmp(section, k->path, n) != 0) {
			section = k->path;
			len = n;
			fprintf(out, markdown ? "%s### `%.*s`\n\n" : "%s%.*s\n",
				i ? "\n" : "", (int)len, section);
			if (markdown)
				fputs("| key | kind | default | meaning |\n"
				      "|---|---|---|---|\n",
				      out);
		}
		if (name[n])
			name += n + 1;
		print_row(k, name, markdown, out);
	}
}
