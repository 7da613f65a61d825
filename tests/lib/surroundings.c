#include "lib/surroundings.h"

#include <err.h>
#include <stdarg.h>
#include <sys/stat.h>

void surroundings_set(struct surroundings *s, const char *fmt, ...)
{
	size_t i = 0;
	va_list args;
	int len;

	while (s->environment[i])
		i++;
	if (i == SURROUNDINGS_MOST)
		errx(1, "too many variables");
	va_start(args, fmt);
	len = vsnprintf(s->text[i], sizeof(s->text[i]), fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof(s->text[i]))
		errx(1, "a variable is too long");
	s->environment[i] = s->text[i];
}

void surroundings_write(const char *folder, const char *name, const char *what,
			mode_t mode)
{
	AUTO_FREE char *path = NULL;
	FILE *f;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		err(1, "write %s", name);
	f = fopen(path, "we");
	if (!f || fputs(what, f) == EOF || fclose(f) || chmod(path, mode))
		err(1, "write %s", path);
}
