#include "app/dlio_flags.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

enum kind { SWITCH, VALUE, OPTIONAL };

static const struct flag {
	const char *name, *letters;
	enum kind kind;
	size_t place;
	const char *choices; /* words between blanks; NULL: anything */
	const char *help;
} flags[] = {
#define PLACE(field) offsetof(struct dlio_flags, field)
	{ "help", "h", SWITCH, PLACE(help), NULL, "What this program is" },
	{ "hydra-help", "", SWITCH, PLACE(hydra_help), NULL, "These flags" },
	{ "version", "", SWITCH, PLACE(version), NULL, "Of this program" },
	{ "cfg", "c", VALUE, PLACE(cfg), " job hydra all ",
	  "Show the configuration instead of running: job, hydra or all" },
	{ "resolve", "", SWITCH, PLACE(resolve), NULL,
	  "With --cfg: put in what ${…} stands for" },
	{ "package", "p", VALUE, PLACE(package), NULL,
	  "With --cfg: only this part, as workload.reader" },
	{ "run", "r", SWITCH, PLACE(run), NULL, "Run, as without flags" },
	{ "multirun", "m", SWITCH, PLACE(multirun), NULL,
	  "Not supported: there is one run" },
	{ "shell-completion", "sc", SWITCH, PLACE(shell_completion), NULL,
	  "Not supported" },
	{ "config-path", "cp", VALUE, PLACE(config_path), NULL,
	  "A folder with a config.yaml instead of the one built in" },
	{ "config-name", "cn", VALUE, PLACE(config_name), NULL,
	  "Another name than config" },
	{ "config-dir", "cd", VALUE, PLACE(config_dir), NULL,
	  "A folder with workloads of your own: DIR/workload/NAME.yaml" },
	{ "experimental-rerun", "", VALUE, PLACE(rerun), NULL,
	  "Not supported" },
	{ "info", "i", OPTIONAL, PLACE(info),
	  " all config defaults defaults-tree plugins searchpath ",
	  "Show where the configuration comes from: all, config, defaults, "
	  "defaults-tree, plugins or searchpath" },
#undef PLACE
};

void dlio_flags_print(FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		const struct flag *f = &flags[i];
		char text[64];

		snprintf(text, sizeof(text), "--%s%s%s%s", f->name,
			 *f->letters ? ", -" : "", f->letters,
			 f->kind == SWITCH ? "" : " VALUE");
		fprintf(out, "  %-32s %s\n", text, f->help);
	}
}

static bool is_flag(const char *word)
{
	return word && word[0] == '-' && word[1];
}

static const struct flag *find_letters(const char *letters, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (len && !strncmp(flags[i].letters, letters, len) &&
		    !flags[i].letters[len])
			return &flags[i];
	return NULL;
}

/* The whole name, or the beginning of one name only. */
static const struct flag *find_name(const char *name, size_t len)
{
	const struct flag *found = NULL;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (strncmp(flags[i].name, name, len) != 0)
			continue;
		if (!flags[i].name[len])
			return &flags[i];
		found = &flags[i];
		n++;
	}
	return n == 1 && len ? found : NULL;
}

static bool is_choice(const struct flag *f, const char *value)
{
	char word[64];

	if (!f->choices)
		return true;
	return snprintf(word, sizeof(word), " %s ", value) <
		       (int)sizeof(word) &&
	       strstr(f->choices, word);
}

static int set_value(struct dlio_flags *out, const struct flag *f,
		     const char *value)
{
	if (!is_choice(f, value))
		return log_invalid("--%s: invalid choice: '%s' (choose "
				   "from%.*s)",
				   f->name, value, (int)strlen(f->choices) - 1,
				   f->choices);
	*(const char **)((char *)out + f->place) = value;
	return 0;
}

/* A name that begins several. */
static int unknown(const char *word, size_t len)
{
	char names[256] = "";
	size_t n = 0, end = 0;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (len <= 2 || word[1] != '-' ||
		    strncmp(flags[i].name, word + 2, len - 2) != 0)
			continue;
		end += (size_t)snprintf(names + end, sizeof(names) - end,
					"%s--%s", n++ ? ", " : "",
					flags[i].name);
	}
	if (n)
		return log_invalid("ambiguous option: %.*s could match %s",
				   (int)len, word, names);
	return log_invalid("unrecognized arguments: %s", word);
}

/* A flag, with the word behind it in case it is its value.  Gives how many
 * words were used. */
static int take_flag(struct dlio_flags *out, const char *word, const char *next)
{
	size_t len = strcspn(word, "=");
	const char *value = word[len] ? word + len + 1 : NULL;
	const struct flag *f = word[1] == '-' ? find_name(word + 2, len - 2) :
						find_letters(word + 1, len - 1);
	int used = 1, rc;

	if (!f)
		return unknown(word, len);
	if (f->kind == SWITCH && value)
		return log_invalid("--%s takes no value", f->name);
	if (f->kind == SWITCH) {
		*(bool *)((char *)out + f->place) = true;
		return 1;
	}
	if (!value && next && !is_flag(next)) {
		value = next;
		used = 2;
	}
	if (!value && f->kind == OPTIONAL)
		value = "all";
	if (!value)
		return log_invalid("--%s: expected one argument", f->name);
	rc = set_value(out, f, value);
	return rc ? rc : used;
}

static int parse(int argc, char **argv, struct dlio_flags *out)
{
	bool ended = false;

	for (int i = 1, used; i < argc; i += used) {
		used = 1;
		if (ended || !is_flag(argv[i])) {
			out->overrides[out->n++] = argv[i];
		} else if (!strcmp(argv[i], "--")) {
			ended = true;
		} else {
			used = take_flag(out, argv[i],
					 i + 1 < argc ? argv[i + 1] : NULL);
			if (used < 0)
				return used;
		}
	}
	return 0;
}

int dlio_flags_parse(int argc, char **argv, struct dlio_flags *out)
{
	int rc;

	*out = (struct dlio_flags){ 0 };
	out->overrides = calloc((size_t)argc + 1, sizeof(*out->overrides));
	if (!out->overrides)
		return log_fail(-ENOMEM, "command line");
	rc = parse(argc, argv, out);
	if (rc)
		log_error("see --hydra-help for the flags");
	return rc;
}
