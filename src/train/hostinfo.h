/* What this host is, as DLIO's files describe it.  Any thread. */
#ifndef TRAIN_HOSTINFO_H
#define TRAIN_HOSTINFO_H

#include "base/util.h"

/* "key: value" lines, in the order in which keys first came. */
struct hostinfo_map {
	struct hostinfo_entry {
		char *key, *value;
	} * entry;
	size_t n;
};

/* Read lines with exactly one colon; keys and values lose the blanks around
 * them.  A key that comes again replaces the value: of /proc/cpuinfo, the
 * last CPU stays.  "processor", the CPU's number, is left out. */
int hostinfo_parse(FILE *in, struct hostinfo_map *out) MUST_USE;
void hostinfo_clear(struct hostinfo_map *m);

/* NULL if there is no such key. */
const char *hostinfo_value(const struct hostinfo_map *m, const char *key);

/* /proc/meminfo and /proc/cpuinfo, under another root in tests.  A file that
 * is not there gives an empty map. */
int hostinfo_meminfo(const char *proc, struct hostinfo_map *out) MUST_USE;
int hostinfo_cpuinfo(const char *proc, struct hostinfo_map *out) MUST_USE;

/* MemTotal in bytes; 0 if unknown. */
uint64_t hostinfo_memory(const struct hostinfo_map *meminfo);

unsigned hostinfo_cpus(void); /* online */

#define HOSTINFO_NAME_SIZE 256
void hostinfo_name(char out[HOSTINFO_NAME_SIZE]);

#endif
