#include "config/search.h"

#include "base/log.h"
#include "config/builtin.h"
#include "config/yaml.h"

#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 4096

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int search_check(const struct search *s)
{
	if (s->main && !is_folder(s->main))
		return log_invalid("Primary config directory not found: '%s'",
				   s->main);
	if (s->own && !is_folder(s->own))
		return log_invalid("Additional config directory '%s' not found",
				   s->own);
	return 0;
}

void search_free(struct search *s)
{
	for (size_t i = 0; i < s->paths.n; i++)
		free(s->paths.item[i]);
	free(s->paths.item);
}

static bool has_group(const char *folder, const char *name)
{
	char path[PATH_SIZE];

	return folder &&
	       snprintf(path, sizeof(path), "%s/%s", folder, name) <
		       PATH_SIZE &&
	       is_folder(path);
}

bool search_is_group(const struct search *s, const char *name)
{
	if (has_group(s->own, name) || has_group(s->main, name))
		return true;
	return !s->main && !strcmp(name, "workload");
}

/* ---- One file ---- */

static size_t stem_length(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml")))
		return (size_t)(dot - name);
	return strlen(name);
}

static const struct builtin_file *find_builtin(const char *name)
{
	size_t len = stem_length(name);

	for (const struct builtin_file *f = builtin_files; f->name; f++)
		if (!strncmp(f->name, name, len) && !f->name[len])
			return f;
	return NULL;
}

/* The path of a file in a folder; kept, because marks point to it.  NULL:
 * there is none. */
static int find_in(struct search *s, const char *folder, const char *name,
		   const char **out)
{
	char **grown;
	char *path;

	*out = NULL;
	if (!folder)
		return 0;
	if (asprintf(&path, "%s/%.*s.yaml", folder, (int)stem_length(name),
		     name) < 0)
		return log_fail(-ENOMEM, "configuration");
	if (access(path, F_OK)) {
		free(path);
		return 0;
	}
	grown = reallocarray(s->paths.item, s->paths.n + 1, sizeof(char *));
	if (!grown) {
		free(path);
		return log_fail(-ENOMEM, "configuration");
	}
	s->paths.item = grown;
	s->paths.item[s->paths.n++] = path;
	*out = path;
	return 0;
}

/* "# @package NAME" among the comments a file begins with. */
static void read_package(const char *text, char package[SEARCH_PACKAGE_SIZE])
{
	package[0] = '\0';
	while (*text == '#' || *text == '\n') {
		sscanf(text, "# @package %127[A-Za-z0-9_.$-]", package);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

static int load_path(const char *path, struct node **out, char *package)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	int rc = yaml_read_file(path, &text, &len);

	if (rc)
		return rc;
	read_package(text, package);
	return yaml_parse(path, text, len, out);
}

static int load_builtin(const struct builtin_file *f, struct node **out,
			char *package)
{
	read_package(f->text, package);
	return yaml_parse(f->name, f->text, strlen(f->text), out);
}

static bool is_group_file(const char *name)
{
	return strchr(name, '/') != NULL;
}

int search_load(struct search *s, const char *name, struct node **out,
		char package[SEARCH_PACKAGE_SIZE])
{
	const struct builtin_file *ours = s->main ? NULL : find_builtin(name);
	const char *main_path, *own_path;
	int rc = find_in(s, s->main, name, &main_path);

	if (!rc)
		rc = find_in(s, s->own, name, &own_path);
	if (rc)
		return rc;
	if (own_path && (is_group_file(name) || !(main_path || ours))) {
		if (main_path || ours)
			log_warn("%s is taken; DLIO would take its own file of "
				 "that name",
				 own_path);
		return load_path(own_path, out, package);
	}
	if (main_path)
		return load_path(main_path, out, package);
	return ours ? load_builtin(ours, out, package) : -ENOENT;
}

/* ---- A group's files ---- */

struct names {
	char **item;
	size_t n;
};

static void add_name(struct names *names, const char *name)
{
	char **grown = reallocarray(names->item, names->n + 1, sizeof(char *));

	if (!grown)
		return;
	names->item = grown;
	names->item[names->n] = strndup(name, stem_length(name));
	if (names->item[names->n])
		names->n++;
}

static void add_folder(struct names *names, const char *folder,
		       const char *group)
{
	char pattern[PATH_SIZE];
	glob_t found;

	if (!folder || snprintf(pattern, sizeof(pattern), "%s/%s/*.yaml",
				folder, group) >= PATH_SIZE)
		return;
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		add_name(names, strrchr(found.gl_pathv[i], '/') + 1);
	globfree(&found);
}

static void add_builtins(struct names *names, const char *group)
{
	size_t len = strlen(group);

	for (const struct builtin_file *f = builtin_files; f->name; f++)
		if (!strncmp(f->name, group, len) && f->name[len] == '/')
			add_name(names, f->name + len + 1);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void search_list(const struct search *s, const char *group,
		 void (*say)(void *arg, const char *name), void *arg)
{
	struct names names = { 0 };

	add_folder(&names, s->own, group);
	add_folder(&names, s->main, group);
	if (!s->main)
		add_builtins(&names, group);
	if (names.n)
		qsort(names.item, names.n, sizeof(char *), compare);
	for (size_t i = 0; i < names.n; i++) {
		if (!i || strcmp(names.item[i], names.item[i - 1]) != 0)
			say(arg, names.item[i]);
	}
	for (size_t i = 0; i < names.n; i++)
		free(names.item[i]);
	free(names.item);
}

static void say_option(void *arg, const char *name)
{
	(void)arg;
	log_error("\t%s", name);
}

int search_missing(const struct search *s, const char *parent, const char *name)
{
	char group[PATH_SIZE];
	const char *slash = strrchr(name, '/');

	if (!*parent)
		return log_invalid("Cannot find primary config '%s'", name);
	log_error("In '%s': Could not find '%s'", parent, name);
	if (slash) {
		snprintf(group, sizeof(group), "%.*s", (int)(slash - name),
			 name);
		log_error("Available options in '%s':", group);
		search_list(s, group, say_option, NULL);
	}
	return -EINVAL;
}
