#include "fuse/listing.h"

#include "backends/backend.h"
#include "base/log.h"
#include "fuse/tree.h"
#include "io/crawl.h"

#include <errno.h>
#include <string.h>

struct listing {
	struct tree *tree;
	unsigned export;
	uint64_t left_out;
	char first[256]; /* of those left out */
};

/* Where folders are not things, tools that want them to be put empty objects
 * named "a/". */
static int add(struct listing *l, const char *name,
	       const struct object_info *info)
{
	size_t len = strlen(name);
	AUTO_FREE char *folder = NULL;

	if (len == 0 || name[len - 1] != '/')
		return tree_add_file(l->tree, l->export, name, info->size,
				     info->mtime_ns);
	folder = strndup(name, len - 1);
	return folder ? tree_add_folder(l->tree, l->export, folder) : -ENOMEM;
}

static int listed(void *arg, const char *name, const struct object_info *info)
{
	struct listing *l = arg;
	int rc = add(l, name, info);

	switch (rc) {
	case -EISDIR:
		return 0; /* the tree counts them */
	case -EINVAL:
	case -ENAMETOOLONG:
	case -EEXIST:
		if (l->left_out++ == 0)
			snprintf(l->first, sizeof(l->first), "%s", name);
		return 0;
	default:
		return rc;
	}
}

int listing_add(struct tree *t, unsigned export, struct backend *b,
		unsigned threads)
{
	struct listing l = { .tree = t, .export = export };
	uint64_t hidden = tree_hidden(t);
	int rc = crawl(b, "", threads, listed, &l);

	if (rc < 0)
		return rc;
	hidden = tree_hidden(t) - hidden;
	if (l.left_out)
		log_warn("%s: left out %llu object%s whose name cannot be a "
			 "path, the first is '%s'",
			 b->uri, (unsigned long long)l.left_out,
			 l.left_out == 1 ? "" : "s", l.first);
	if (hidden)
		log_warn("%s: left out %llu object%s with the name of a folder",
			 b->uri, (unsigned long long)hidden,
			 hidden == 1 ? "" : "s");
	return 0;
}
