#include "fuse/call.h"

#include "base/clock.h"
#include "fuse/server.h"
#include "fuse/space.h"

/* With nothing to record with, the clock is not read either. */
struct call call_begin(fuse_req_t req, enum rec_op op)
{
	struct server *s = fuse_req_userdata(req);

	return (struct call){
		.req = req,
		.server = s,
		.op = op,
		.start_ns = s->recorder ? clock_ns() : 0,
	};
}

static void record(const struct call *c, int64_t result)
{
	if (c->server->recorder && !c->unrecorded)
		recorder_add(c->server->recorder, REC_FUSE, c->op,
			     clock_ns() - c->start_ns, result);
}

void call_status(const struct call *c, int rc)
{
	record(c, rc);
	fuse_reply_err(c->req, -rc);
}

static struct fuse_entry_param entry_param(const struct space_entry *e)
{
	return (struct fuse_entry_param){
		.ino = e->st.st_ino,
		.attr = e->st,
		.attr_timeout = e->timeout,
		.entry_timeout = e->timeout,
	};
}

void call_entry(const struct call *c, int rc, const struct space_entry *e)
{
	struct fuse_entry_param param;

	if (rc < 0) {
		call_status(c, rc);
		return;
	}
	param = entry_param(e);
	record(c, 0);
	fuse_reply_entry(c->req, &param);
}

void call_no_entry(const struct call *c, const struct space_entry *e)
{
	const struct fuse_entry_param nothing = { .entry_timeout = e->timeout };

	record(c, 0);
	fuse_reply_entry(c->req, &nothing);
}

void call_attr(const struct call *c, int rc, const struct space_entry *e)
{
	if (rc < 0) {
		call_status(c, rc);
		return;
	}
	record(c, 0);
	fuse_reply_attr(c->req, &e->st, e->timeout);
}

void call_bytes(const struct call *c, ssize_t got, const void *data)
{
	if (got < 0) {
		call_status(c, (int)got);
		return;
	}
	record(c, got);
	fuse_reply_buf(c->req, data, (size_t)got);
}

void call_pieces(const struct call *c, ssize_t got, const struct iovec *iov,
		 int n)
{
	if (got < 0) {
		call_status(c, (int)got);
		return;
	}
	record(c, got);
	fuse_reply_iov(c->req, iov, n);
}

void call_written(const struct call *c, int rc, size_t len)
{
	if (rc < 0) {
		call_status(c, rc);
		return;
	}
	record(c, (int64_t)len);
	fuse_reply_write(c->req, len);
}

int call_opened(const struct call *c, const struct fuse_file_info *fi)
{
	record(c, 0);
	return fuse_reply_open(c->req, fi);
}

int call_created(const struct call *c, const struct space_entry *e,
		 const struct fuse_file_info *fi)
{
	const struct fuse_entry_param param = entry_param(e);

	record(c, 0);
	return fuse_reply_create(c->req, &param, fi);
}

void call_statfs(const struct call *c, const struct statvfs *st)
{
	record(c, 0);
	fuse_reply_statfs(c->req, st);
}

void call_silence(const struct call *c)
{
	fuse_reply_none(c->req);
}
