#include "train/hostinfo.h"

#include "base/log.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* Cut the blanks off both ends, in place. */
static char *strip(char *text)
{
	char *end = text + strlen(text);

	while (end > text && isspace((unsigned char)end[-1]))
		*--end = 0;
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

static struct hostinfo_entry *find(const struct hostinfo_map *m,
				   const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->entry[i].key, key))
			return &m->entry[i];
	return NULL;
}

static struct hostinfo_entry *add(struct hostinfo_map *m, const char *key)
{
	struct hostinfo_entry *more =
		reallocarray(m->entry, m->n + 1, sizeof(*more));
	char *copy = strdup(key);

	if (more)
		m->entry = more;
	if (!more || !copy) {
		free(copy);
		return NULL;
	}
	m->entry[m->n] = (struct hostinfo_entry){ .key = copy };
	return &m->entry[m->n++];
}

static int set(struct hostinfo_map *m, const char *key, const char *value)
{
	struct hostinfo_entry *e = find(m, key);
	char *copy;

	if (!e)
		e = add(m, key);
	copy = strdup(value);
	if (!e || !copy) {
		free(copy);
		return -ENOMEM;
	}
	free(e->value);
	e->value = copy;
	return 0;
}

static int parse_line(struct hostinfo_map *m, char *line)
{
	char *colon = strchr(line, ':');
	const char *key;

	if (!colon || strchr(colon + 1, ':'))
		return 0;
	*colon = 0;
	key = strip(line);
	if (!strcmp(key, "processor"))
		return 0;
	return set(m, key, strip(colon + 1));
}

int hostinfo_parse(FILE *in, struct hostinfo_map *out)
{
	AUTO_FREE char *line = NULL;
	size_t room = 0;
	int rc = 0;

	*out = (struct hostinfo_map){ 0 };
	while (rc == 0 && getline(&line, &room, in) >= 0)
		rc = parse_line(out, line);
	if (rc < 0)
		hostinfo_clear(out);
	return rc;
}

void hostinfo_clear(struct hostinfo_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->entry[i].key);
		free(m->entry[i].value);
	}
	free(m->entry);
	*m = (struct hostinfo_map){ 0 };
}

const char *hostinfo_value(const struct hostinfo_map *m, const char *key)
{
	const struct hostinfo_entry *e = find(m, key);

	return e ? e->value : NULL;
}

static int read_map(const char *proc, const char *name,
		    struct hostinfo_map *out)
{
	AUTO_FREE char *path = NULL;
	AUTO_FCLOSE FILE *in = NULL;

	*out = (struct hostinfo_map){ 0 };
	if (asprintf(&path, "%s/%s", proc, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	in = fopen(path, "re");
	if (!in && errno == ENOENT)
		return 0;
	if (!in)
		return log_fail(-errno, "open %s", path);
	return hostinfo_parse(in, out);
}

int hostinfo_meminfo(const char *proc, struct hostinfo_map *out)
{
	return read_map(proc, "meminfo", out);
}

int hostinfo_cpuinfo(const char *proc, struct hostinfo_map *out)
{
	return read_map(proc, "cpuinfo", out);
}

uint64_t hostinfo_memory(const struct hostinfo_map *meminfo)
{
	const char *text = hostinfo_value(meminfo, "MemTotal");

	return text ? strtoull(text, NULL, 10) * KIB : 0; /* "… kB" */
}

unsigned hostinfo_cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned)n : 1;
}

void hostinfo_name(char out[HOSTINFO_NAME_SIZE])
{
	if (gethostname(out, HOSTINFO_NAME_SIZE) < 0)
		snprintf(out, HOSTINFO_NAME_SIZE, "localhost");
	out[HOSTINFO_NAME_SIZE - 1] = 0;
}
