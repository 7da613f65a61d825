#include "fuse/changes.h"

#include "fuse/branch.h"
#include "fuse/call.h"
#include "fuse/handle.h"
#include "fuse/server.h"
#include "fuse/space.h"
#include "fuse/watch.h"
#include "fuse/writer.h"
#include "io/strand.h"

#include <errno.h>
#include <string.h>

void changes_mkdir(fuse_req_t req, fuse_ino_t folder, const char *name,
		   mode_t mode)
{
	struct call c = call_begin(req, REC_CREATE);
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	struct branch_attr attr;
	struct space_place p;
	struct space_entry e;
	int rc = space_writable(c.server->space, folder, &p);

	if (rc == 0)
		rc = branch_mkdir(p.branch, p.number, name, mode, ctx->uid,
				  ctx->gid, &attr);
	if (rc == 0)
		space_describe(c.server->space, &p, &attr, &e);
	call_entry(&c, rc, &e);
}

/* ---- Names -------------------------------------------------------------- */

/* The store is asked, so this is done on the pool, with copies of the names. */
struct name_job {
	struct pool_job job;
	struct call call;
	struct space_place folder, to_folder;
	char *name, *to_name;
	unsigned flags;
};

static void submit(const struct name_job *from, const char *name,
		   const char *to_name)
{
	size_t name_size = strlen(name) + 1, to_size = strlen(to_name) + 1;
	struct name_job *j = malloc(sizeof(*j) + name_size + to_size);

	if (!j) {
		call_status(&from->call, -ENOMEM);
		return;
	}
	*j = *from;
	j->name = (char *)(j + 1);
	j->to_name = j->name + name_size;
	memcpy(j->name, name, name_size);
	memcpy(j->to_name, to_name, to_size);
	watch_call(&j->call);
	pool_submit(j->call.server->pool, &j->job);
}

static void finish(struct name_job *j, int rc)
{
	if (watch_claim(&j->call))
		call_status(&j->call, rc);
	free(j);
}

static void remove_name(fuse_req_t req, fuse_ino_t folder, const char *name,
			void (*run)(struct pool_job *job))
{
	struct name_job j = { .job.run = run,
			      .call = call_begin(req, REC_REMOVE) };
	int rc = space_writable(j.call.server->space, folder, &j.folder);

	if (rc < 0)
		call_status(&j.call, rc);
	else
		submit(&j, name, "");
}

static void unlink_file(struct pool_job *job)
{
	struct name_job *j = CONTAINER_OF(job, struct name_job, job);

	finish(j, branch_unlink(j->folder.branch, j->folder.number, j->name));
}

void changes_unlink(fuse_req_t req, fuse_ino_t folder, const char *name)
{
	remove_name(req, folder, name, unlink_file);
}

static void remove_folder(struct pool_job *job)
{
	struct name_job *j = CONTAINER_OF(job, struct name_job, job);

	finish(j, branch_rmdir(j->folder.branch, j->folder.number, j->name));
}

void changes_rmdir(fuse_req_t req, fuse_ino_t folder, const char *name)
{
	remove_name(req, folder, name, remove_folder);
}

static void rename_node(struct pool_job *job)
{
	struct name_job *j = CONTAINER_OF(job, struct name_job, job);

	finish(j, branch_move(j->folder.branch, j->folder.number, j->name,
			      j->to_folder.number, j->to_name, j->flags));
}

void changes_rename(fuse_req_t req, fuse_ino_t folder, const char *name,
		    fuse_ino_t to_folder, const char *to_name, unsigned flags)
{
	struct name_job j = { .job.run = rename_node,
			      .call = call_begin(req, REC_RENAME),
			      .flags = flags };
	const struct space *sp = j.call.server->space;
	int rc = space_writable(sp, folder, &j.folder);

	if (rc == 0)
		rc = space_writable(sp, to_folder, &j.to_folder);
	if (rc == 0 && j.to_folder.branch != j.folder.branch)
		rc = -EXDEV;
	if (rc < 0)
		call_status(&j.call, rc);
	else
		submit(&j, name, to_name);
}

/* EPERM is how a file system says that it does not have such things. */
static void refuse(fuse_req_t req, fuse_ino_t folder)
{
	struct call c = call_begin(req, REC_CREATE);
	struct space_place p;
	int rc = space_writable(c.server->space, folder, &p);

	call_status(&c, rc < 0 ? rc : -EPERM);
}

void changes_symlink(fuse_req_t req, const char *to, fuse_ino_t folder,
		     const char *name)
{
	(void)to;
	(void)name;
	refuse(req, folder);
}

void changes_mknod(fuse_req_t req, fuse_ino_t folder, const char *name,
		   mode_t mode, dev_t device)
{
	(void)name;
	(void)mode;
	(void)device;
	refuse(req, folder);
}

/* ---- Attributes --------------------------------------------------------- */

struct attr_job {
	struct pool_job job;
	struct call call;
	struct space_place place;
	struct handle *handle; /* of a descriptor that writes, or NULL */
	struct stat to;
	int set; /* FUSE_SET_ATTR_* */
};

/* Without a descriptor that writes, a size can only be what it is. */
static int change_size(const struct attr_job *j)
{
	struct branch_attr attr;
	int rc;

	if (!(j->set & FUSE_SET_ATTR_SIZE))
		return 0;
	if (j->handle)
		return writer_truncate(j->handle->writer,
				       (uint64_t)j->to.st_size);
	rc = branch_stat(j->place.branch, j->place.number, &attr);
	if (rc == 0 && attr.size != (uint64_t)j->to.st_size)
		rc = -EOPNOTSUPP;
	return rc;
}

static int64_t ns_of(struct timespec ts, bool now)
{
	if (now)
		clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * (int64_t)NS_PER_SEC + ts.tv_nsec;
}

static int change_rest(const struct attr_job *j)
{
	static const struct {
		int theirs;
		unsigned ours;
	} map[] = {
		{ FUSE_SET_ATTR_MODE, BRANCH_MODE },
		{ FUSE_SET_ATTR_UID, BRANCH_UID },
		{ FUSE_SET_ATTR_GID, BRANCH_GID },
		{ FUSE_SET_ATTR_ATIME, BRANCH_ATIME },
		{ FUSE_SET_ATTR_ATIME_NOW, BRANCH_ATIME },
		{ FUSE_SET_ATTR_MTIME, BRANCH_MTIME },
		{ FUSE_SET_ATTR_MTIME_NOW, BRANCH_MTIME },
	};
	struct branch_attr to = {
		.mode = j->to.st_mode,
		.uid = j->to.st_uid,
		.gid = j->to.st_gid,
		.atime_ns =
			ns_of(j->to.st_atim, j->set & FUSE_SET_ATTR_ATIME_NOW),
		.mtime_ns =
			ns_of(j->to.st_mtim, j->set & FUSE_SET_ATTR_MTIME_NOW),
	};
	unsigned set = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (j->set & map[i].theirs)
			set |= map[i].ours;
	return branch_change(j->place.branch, j->place.number, set, &to);
}

static void change_attr(const struct attr_job *j)
{
	struct space_entry e;
	int rc = change_size(j);

	if (rc == 0)
		rc = change_rest(j);
	if (rc == 0)
		rc = space_stat(j->call.server->space, space_ino(&j->place),
				&e);
	call_attr(&j->call, rc, &e);
}

static void change_attr_in_turn(struct pool_job *job)
{
	struct attr_job *j = CONTAINER_OF(job, struct attr_job, job);

	change_attr(j);
	free(j);
}

void changes_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *to, int set,
		     struct fuse_file_info *fi)
{
	struct attr_job here = { .job.run = change_attr_in_turn,
				 .call = call_begin(req, REC_OTHER),
				 .to = *to,
				 .set = set };
	struct handle *h = fi ? (struct handle *)(uintptr_t)fi->fh : NULL;
	struct attr_job *later;
	int rc = space_writable(here.call.server->space, ino, &here.place);

	if (rc < 0) {
		call_status(&here.call, rc);
		return;
	}
	if (!(set & FUSE_SET_ATTR_SIZE) || !h || h->kind != HANDLE_WRITER) {
		change_attr(&here);
		return;
	}
	here.handle = h;
	later = malloc(sizeof(*later));
	if (!later) {
		call_status(&here.call, -ENOMEM);
		return;
	}
	*later = here;
	strand_submit(h->strand, &later->job);
}
