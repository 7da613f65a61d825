#include "fuse/folders.h"

#include "base/buffers.h"
#include "fuse/call.h"
#include "fuse/dirlist.h"
#include "fuse/handle.h"
#include "fuse/later.h"
#include "fuse/server.h"
#include "fuse/space.h"

#include <errno.h>

static struct handle *handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}

static int open_list(const struct server *s, fuse_ino_t ino,
		     struct handle **out)
{
	struct handle h = { .kind = HANDLE_FOLDER };
	int rc = dirlist_open(s->space, ino, &h.list);

	if (rc < 0)
		return rc;
	*out = handle_add(s->handles, &h);
	if (*out)
		return 0;
	dirlist_close(h.list);
	return -ENOMEM;
}

static void open_folder(struct call *c, fuse_ino_t ino, const char *name,
			struct fuse_file_info *fi)
{
	struct handle *h;
	int rc = open_list(c->server, ino, &h);

	(void)name;
	if (rc < 0) {
		call_status(c, rc);
		return;
	}
	fi->fh = (uintptr_t)h;
	if (space_is_constant(c->server->space, ino)) {
		fi->cache_readdir = 1;
		fi->keep_cache = 1;
	}
	if (call_opened(c, fi) == -ENOENT)
		handle_close(c->server->handles, h, false);
}

void folders_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_OTHER);

	if (space_is_listed(c.server->space, ino, NULL))
		open_folder(&c, ino, NULL, fi);
	else
		later_do(&c, ino, NULL, fi, open_folder);
}

/* The entry of a name for readdirplus; "." and ".." are not looked up. */
static size_t add_plus(struct call *c, fuse_ino_t folder, char *at, size_t room,
		       const char *name, const struct stat *st, off_t next)
{
	struct fuse_entry_param param = { .attr = *st };
	struct space_entry e;
	size_t size;

	if (next > 2) {
		if (space_lookup(c->server->space, folder, name, &e) < 0)
			return 0; /* gone meanwhile */
		param.ino = e.st.st_ino;
		param.attr = e.st;
		param.attr_timeout = param.entry_timeout = e.timeout;
	}
	size = fuse_add_direntry_plus(c->req, at, room, name, &param, next);
	if (size > room && next > 2)
		space_forget(c->server->space, e.st.st_ino, 1);
	return size;
}

static void read_folder(struct call *c, fuse_ino_t ino, size_t size, off_t off,
			const struct dirlist *list, bool plus)
{
	char *buf = buffers_get(c->server->buffers);
	size_t used = 0, room = MIN(size, CALL_BUFFER);
	const char *name;
	struct stat st;

	if (!buf) {
		call_status(c, -ENOMEM);
		return;
	}
	while ((name = dirlist_name(list, (uint64_t)off, &st))) {
		size_t n;

		off++;
		if (space_is_control(ino, name))
			continue; /* the store's own */
		n = plus ? add_plus(c, ino, buf + used, room - used, name, &st,
				    off) :
			   fuse_add_direntry(c->req, buf + used, room - used,
					     name, &st, off);
		if (n > room - used)
			break;
		used += n;
	}
	call_bytes(c, (ssize_t)used, buf);
	buffers_put(c->server->buffers, buf);
}

void folders_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		     struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_LIST);

	read_folder(&c, ino, size, off, handle_of(fi)->list, false);
}

void folders_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
			 struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_LIST);

	read_folder(&c, ino, size, off, handle_of(fi)->list, true);
}

void folders_releasedir(fuse_req_t req, fuse_ino_t ino,
			struct fuse_file_info *fi)
{
	struct call c = call_begin(req, REC_OTHER);

	(void)ino;
	handle_close(c.server->handles, handle_of(fi), false);
	call_status(&c, 0);
}
