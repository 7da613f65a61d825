/* The files and the log of our statistics beside those of DLIO's, for the same
 * events (tests/golden/dlio): line by line the same keys, order, indentation
 * and types, and, in strict mode, the same figures. */
#include "lib/stats_play.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <ctype.h>
#include <math.h>
#include <string.h>

static char root[] = "/tmp/test_output.XXXXXX";

static void set_up(void)
{
	cr_assert_not_null(mkdtemp(root));
}

static void tear_down(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_expect_eq(system(command), 0);
}

TestSuite(output, .init = set_up, .fini = tear_down);

static char *read_file(const char *folder, const char *name)
{
	char path[512];
	AUTO_FCLOSE FILE *f = NULL;
	char *text = calloc(1, 1 << 17);

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	cr_assert_not_null(f, "%s", path);
	text[fread(text, 1, (1 << 17) - 1, f)] = 0;
	return text;
}

static char *read_golden(const char *scenario, const char *name)
{
	char folder[512];

	snprintf(folder, sizeof(folder), "%s/tests/golden/dlio/%s",
		 DLIOFS_SOURCE_DIR, scenario);
	return read_file(folder, name);
}

/* ---- What is allowed to differ ------------------------------------------- */

/* Cut len bytes at p, and put the text instead, which is not longer. */
static void replace(char *p, size_t len, const char *text)
{
	size_t put = strlen(text);

	cr_assert_leq(put, len);
	memcpy(p, text, put);
	memmove(p + put, p + len, strlen(p + len) + 1);
}

/* The host's maps become empty. */
static void empty_maps(char *text)
{
	static const char *const keys[] = { "\"host_cpuinfo\": {\n",
					    "\"host_meminfo\": {\n" };
	char *p, *end;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		for (p = text; (p = strstr(p, keys[i])); p++) {
			p += strlen(keys[i]) - 2;
			end = strchr(p, '}');
			cr_assert_not_null(end);
			replace(p, (size_t)(end - p) + 1, "{}");
		}
	}
}

/* Our own last key goes. */
static void cut_ours(char *text)
{
	static const char ours[] = ",\n    \"dliofs\": {\n";
	char *p = strstr(text, ours);

	cr_assert_not_null(p, "there is a section of ours");
	replace(p, strlen(p), "\n}\n");
}

/* Value of a line: behind the key, if it has one. */
static const char *value_of(const char *line, char key[64])
{
	const char *colon = strstr(line, "\": ");

	line += strspn(line, " ");
	if (*line != '"' || !colon)
		return line;
	snprintf(key, 64, "%.*s", (int)(colon - line - 1), line + 1);
	return colon + 3;
}

static bool depends_on_host(const char *key)
{
	static const char *const keys[] = { "host_memory_GB", "host_cpu_count",
					    "potential_caching", "hostname" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

static bool is_number(const char *v)
{
	return isdigit((unsigned char)*v) || *v == '-';
}

static bool is_fraction(const char *v)
{
	return strcspn(v, ".e") < strspn(v, "-+.e0123456789");
}

/* Microseconds of the day of "…T12:36:48.561133"; -1 if it is no stamp. */
static double stamp_us(const char *v)
{
	unsigned day, hour, minute;
	double second;

	if (sscanf(v, "\"%*4u-%*2u-%2uT%2u:%2u:%lf\"", &day, &hour, &minute,
		   &second) != 4)
		return -1;
	return ((hour * 60 + minute) * 60 + second) * 1e6;
}

/* ---- Comparison ---------------------------------------------------------- */

struct compare {
	const char *name;
	unsigned line;
	bool figures;		       /* not only types */
	double our_first, their_first; /* stamps */
	char key[64];
};

/* Stamps say the same when they are as far from the first. */
static bool same_moment(struct compare *c, double our, double their)
{
	double off;

	if (our < 0 || their < 0)
		return our == their;
	if (c->our_first < 0) {
		c->our_first = our;
		c->their_first = their;
	}
	off = fmod((our - c->our_first) - (their - c->their_first), 86400e6);
	/* Well below what lies between the parts of an epoch. */
	return fabs(off) < 20e3;
}

static bool same_value(struct compare *c, const char *our, const char *their)
{
	double a, b;
	char *end;

	if (is_number(our) && is_number(their)) {
		if (is_fraction(our) != is_fraction(their))
			return false;
		if (!c->figures || depends_on_host(c->key))
			return true;
		a = strtod(our, NULL);
		b = strtod(their, &end);
		return fabs(a - b) <= 1e-9 * MAX(1e-3, fabs(b)) &&
		       !strcmp(our + strcspn(our, ",\n"),
			       their + strcspn(their, ",\n"));
	}
	if (*our == '"' && *their == '"' && stamp_us(their) >= 0)
		return same_moment(c, stamp_us(our), stamp_us(their));
	if (*our == '"' && *their == '"' &&
	    (!c->figures || depends_on_host(c->key)))
		return true;
	if (!strncmp(their, "NaN", 3))
		return !strncmp(our, "null", 4);
	return !strcmp(our, their);
}

static void compare_lines(struct compare *c, char *ours, char *theirs)
{
	char *save_our, *save_their, key[64];
	char *our = strtok_r(ours, "\n", &save_our);
	char *their = strtok_r(theirs, "\n", &save_their);

	c->our_first = -1;
	while (our && their) {
		const char *our_value = value_of(our, key);
		const char *their_value = value_of(their, c->key);

		c->line++;
		cr_expect(our_value - our == their_value - their &&
				  !strncmp(our, their,
					   (size_t)(their_value - their)) &&
				  same_value(c, our_value, their_value),
			  "%s line %u\nours:   %s\nDLIO's: %s", c->name,
			  c->line, our, their);
		our = strtok_r(NULL, "\n", &save_our);
		their = strtok_r(NULL, "\n", &save_their);
	}
	cr_expect(!our && !their, "%s: as many lines; ours: %s, DLIO's: %s",
		  c->name, our ? our : "none", their ? their : "none");
}

static void compare_json(const char *scenario, const char *name, bool figures)
{
	struct compare c = { .name = name, .figures = figures };
	AUTO_FREE char *ours = read_file(root, name);
	AUTO_FREE char *theirs = read_golden(scenario, name);

	empty_maps(ours);
	if (!strcmp(name, "summary.json"))
		cut_ours(ours);
	compare_lines(&c, ours, theirs);
}

/* Put what stands between the two texts, wherever that is, as the last. */
static void mask(char *text, const char *before, const char *after,
		 const char *instead)
{
	char *p, *end;

	for (p = text; (p = strstr(p, before)); p++) {
		p += strlen(before);
		end = strstr(p, after);
		cr_assert_not_null(end);
		replace(p, (size_t)(end - p), instead);
	}
}

/* What is behind "[LEVEL] " and a stamp, if there is one, which is cut off. */
static const char *after_stamp(const char *line, double *us)
{
	const char *p = strstr(line, "] ");
	char quoted[40];

	*us = -1;
	if (*line != '[' || !p || strlen(p) < 29)
		return line;
	snprintf(quoted, sizeof(quoted), "\"%.26s\"", p + 2);
	*us = stamp_us(quoted);
	return *us < 0 ? line : p + 29;
}

static bool same_line(struct compare *c, const char *our, const char *their)
{
	double our_us, their_us;
	const char *our_text = after_stamp(our, &our_us);
	const char *their_text = after_stamp(their, &their_us);

	return same_moment(c, our_us, their_us) &&
	       !strncmp(our, their, strcspn(their, "]")) &&
	       !strcmp(our_text, their_text);
}

static void compare_log(const char *scenario, const char *name)
{
	struct compare c = { .name = name, .our_first = -1 };
	AUTO_FREE char *ours = read_file(root, name);
	AUTO_FREE char *theirs = read_golden(scenario, name);
	char *save_our, *save_their, *our, *their;

	mask(ours, "host has [", "]", "M");
	mask(theirs, "host has [", "]", "M");
	mask(ours, "Saved outputs in ", "\n", "F");
	mask(theirs, "Saved outputs in ", "\n", "F");
	our = strtok_r(ours, "\n", &save_our);
	their = strtok_r(theirs, "\n", &save_their);
	while (our && their) {
		cr_expect(same_line(&c, our, their),
			  "%s\nours:   %s\nDLIO's: %s", name, our, their);
		our = strtok_r(NULL, "\n", &save_our);
		their = strtok_r(NULL, "\n", &save_their);
	}
	cr_expect(!our && !their, "%s: as many lines", name);
}

/* ---- Tests --------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned ranks;
} scenarios[] = { { "blocks", 1 }, { "ranks", 2 }, { "checkpoints", 1 } };

static void play(size_t i, bool strict)
{
	struct config c;
	char events[512];

	snprintf(events, sizeof(events), "%s/tests/golden/dlio/%s",
		 DLIOFS_SOURCE_DIR, scenarios[i].name);
	stats_play_config(scenarios[i].name, &c);
	c.dliofs.train.compat_strict = strict;
	cr_assert_eq(stats_play(events, &c, scenarios[i].ranks, root), 0, "%s",
		     scenarios[i].name);
}

static void compare_all_json(size_t i, bool figures)
{
	static const char *const files[] = { "output", "per_epoch_stats" };
	char name[64];

	compare_json(scenarios[i].name, "summary.json", figures);
	for (unsigned r = 0; r < scenarios[i].ranks; r++) {
		for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
			snprintf(name, sizeof(name), "%u_%s.json", r, files[f]);
			compare_json(scenarios[i].name, name, figures);
		}
	}
}

static void strict_equals_dlio(size_t i)
{
	char name[64];

	play(i, true);
	compare_all_json(i, true);
	for (unsigned r = 0; r < scenarios[i].ranks; r++) {
		snprintf(name, sizeof(name), "%u_dlio.txt", r);
		compare_log(scenarios[i].name, name);
	}
}

Test(output, strict_figures_are_dlios_with_blocks_and_evaluation)
{
	strict_equals_dlio(0);
}

Test(output, strict_figures_are_dlios_with_two_ranks)
{
	strict_equals_dlio(1);
}

Test(output, strict_figures_are_dlios_without_training)
{
	strict_equals_dlio(2);
}

/* With two ranks the evaluation's lists are of another length, see T11 in
 * summary.h; that is tested in test_stats.c. */
Test(output, the_shape_is_dlios_in_any_mode)
{
	play(0, false);
	compare_all_json(0, false);
}

Test(output, files_of_an_earlier_run_are_replaced)
{
	AUTO_FREE char *first = NULL;
	AUTO_FREE char *second = NULL;

	play(0, true);
	play(2, true);
	first = read_file(root, "summary.json");
	cr_expect_null(strstr(first, "train_au"));
	play(0, true);
	second = read_file(root, "summary.json");
	cr_expect_not_null(strstr(second, "train_au"));
}
