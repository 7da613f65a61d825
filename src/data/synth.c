#include "data/synth.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

struct synth {
	struct backend backend;
	const struct dataset *dataset;
};

struct synth_object {
	struct object object;
	uint64_t file;
};

static const struct dataset *dataset_of(struct backend *b)
{
	return CONTAINER_OF(b, struct synth, backend)->dataset;
}

static void synth_close(struct backend *b)
{
	free(CONTAINER_OF(b, struct synth, backend));
}

/* What a shallow listing shows of a name: all of it, or up to the first slash
 * after the prefix. */
static size_t shown_length(const char *name, size_t prefix_len)
{
	const char *slash = strchr(name + prefix_len, '/');

	return slash ? (size_t)(slash - name) + 1 : strlen(name);
}

static int synth_stat(struct backend *b, const char *name,
		      struct object_info *out)
{
	uint64_t file;

	if (dataset_find(dataset_of(b), name, &file))
		return -ENOENT;
	*out = (struct object_info){ .size = dataset_size(dataset_of(b),
							  file) };
	return 0;
}

/* Folders that begin with the prefix, cut behind it.  Those that become the
 * same are next to each other. */
static int list_folders(const struct dataset *d, const char *prefix,
			backend_list_fn fn, void *arg)
{
	char name[DATASET_MAX_NAME], last[DATASET_MAX_NAME] = "";
	size_t prefix_len = strlen(prefix);

	for (uint64_t i = 0; i < dataset_folders(d); i++) {
		struct object_info info = { 0 };
		int rc;

		dataset_folder_name(d, i, name);
		if (strncmp(name, prefix, prefix_len) || !name[prefix_len])
			continue;
		name[shown_length(name, prefix_len)] = '\0';
		if (!strcmp(name, last))
			continue;
		memcpy(last, name, sizeof(last));
		rc = fn(arg, name, &info);
		if (rc)
			return rc;
	}
	return 0;
}

static int synth_list(struct backend *b, const char *prefix,
		      enum backend_depth depth, backend_list_fn fn, void *arg)
{
	const struct dataset *d = dataset_of(b);
	char name[DATASET_MAX_NAME];
	size_t prefix_len = strlen(prefix);
	int rc = 0;

	if (depth == BACKEND_SHALLOW)
		rc = list_folders(d, prefix, fn, arg);
	for (uint64_t i = 0; i < dataset_objects(d) && !rc; i++) {
		struct object_info info = { 0 };

		dataset_name(d, i, name);
		if (strncmp(name, prefix, prefix_len) ||
		    (depth == BACKEND_SHALLOW &&
		     name[shown_length(name, prefix_len)]))
			continue;
		info.size = dataset_size(d, i);
		rc = fn(arg, name, &info);
	}
	return rc;
}

static int synth_open_object(struct backend *b, const char *name,
			     const uint64_t *size, struct object **out)
{
	struct synth_object *o;
	uint64_t file;

	(void)size;
	if (dataset_find(dataset_of(b), name, &file))
		return -ENOENT;
	o = calloc(1, sizeof(*o));
	if (!o)
		return -ENOMEM;
	o->object.size = dataset_size(dataset_of(b), file);
	o->file = file;
	*out = &o->object;
	return 0;
}

static ssize_t synth_read(struct object *o, struct object_read *rd)
{
	struct synth_object *so = CONTAINER_OF(o, struct synth_object, object);

	return dataset_read(dataset_of(o->backend), so->file, rd->buf, rd->len,
			    rd->offset);
}

static void synth_close_object(struct object *o)
{
	free(CONTAINER_OF(o, struct synth_object, object));
}

static int synth_remove(struct backend *b, const char *name)
{
	(void)b;
	(void)name;
	return -EROFS;
}

static int synth_rename(struct backend *b, const char *from, const char *to)
{
	(void)b;
	(void)from;
	(void)to;
	return -EROFS;
}

static int synth_create_object(struct backend *b, const char *name,
			       struct object **out)
{
	(void)b;
	(void)name;
	(void)out;
	return -EROFS;
}

static int synth_append(struct object *o, const void *buf, size_t len)
{
	(void)o;
	(void)buf;
	(void)len;
	return -EROFS;
}

static int synth_commit(struct object *o, unsigned flags)
{
	(void)o;
	(void)flags;
	return -EROFS;
}

static int synth_open_location(const char *location,
			       const struct backend_options *options,
			       struct backend **out)
{
	(void)options;
	(void)out;
	return log_invalid("synth://%s is opened with a dataset", location);
}

static const struct backend_ops synth_ops = {
	.scheme = "synth",
	.open = synth_open_location,
	.close = synth_close,
	.list = synth_list,
	.stat = synth_stat,
	.remove = synth_remove,
	.rename = synth_rename,
	.open_object = synth_open_object,
	.read = synth_read,
	.create_object = synth_create_object,
	.append = synth_append,
	.commit = synth_commit,
	.close_object = synth_close_object,
};

int synth_open(const struct dataset *d, struct backend **out)
{
	AUTO_FREE struct synth *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->backend.uri = strdup("synth://");
	if (!s->backend.uri)
		return -ENOMEM;
	s->backend.ops = &synth_ops;
	s->backend.alignment = 1;
	s->backend.local = true;
	s->dataset = d;
	*out = &TAKE(s)->backend;
	return 0;
}
