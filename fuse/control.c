#include "fuse/control.h"

#include "fuse/mount.h"

#include <errno.h>
#include <string.h>

struct control {
	size_t n;
	struct mount_file files[];
};

int control_new(const struct mount_file *files, size_t n, struct control **out)
{
	struct control *c = calloc(1, sizeof(*c) + n * sizeof(c->files[0]));

	if (!c)
		return -ENOMEM;
	for (; c->n < n; c->n++) {
		c->files[c->n] = files[c->n];
		c->files[c->n].name = strdup(files[c->n].name);
		if (!c->files[c->n].name)
			goto fail;
	}
	*out = c;
	return 0;

fail:
	control_free(c);
	return -ENOMEM;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		free((void *)(uintptr_t)c->files[i].name);
	free(c);
}

int control_find(const struct control *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->files[i].name, name) == 0)
			return (int)i;
	return -ENOENT;
}

const char *control_name(const struct control *c, size_t i)
{
	return i < c->n ? c->files[i].name : NULL;
}

bool control_takes_text(const struct control *c, size_t i)
{
	const char *name = control_name(c, i);

	return name && strcmp(name, CONTROL_PREFETCH) == 0;
}

int control_render(const struct control *c, size_t i, char **text, size_t *len)
{
	const struct mount_file *f = &c->files[i];
	FILE *out;

	*text = NULL;
	out = open_memstream(text, len);
	if (!out)
		return -ENOMEM;
	f->render(f->arg, out);
	/* Without memory for its last step, fclose() has no text and is
	 * content. */
	if (fclose(out) != 0 || !*text) {
		free(TAKE(*text));
		return -ENOMEM;
	}
	return 0;
}
