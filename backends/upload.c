#include "backends/upload.h"

#include "base/buffers.h"
#include "base/pool.h"

#include <errno.h>
#include <string.h>

struct uploads {
	unsigned threads;
	size_t part_bytes;
	unsigned most; /* buffers, but for those of one part that each upload
			* may have */
	struct buffers *buffers;

	pthread_mutex_t lock; /* guards what follows, and more below */
	pthread_cond_t changed;
	struct pool *pool; /* from the first part on */
	unsigned out;	   /* buffers, or as much memory */
};

struct upload {
	struct uploads *all;
	const struct upload_ops *ops;
	void *self;

	char *filling; /* or NULL */
	size_t filled, room;
	unsigned parts; /* given to the threads */
	bool begun, committed;

	/* Guarded by the lock of all. */
	unsigned under_way; /* parts */
	int error;	    /* the first, after which it can only be closed */
};

struct part {
	struct pool_job job;
	struct upload *upload;
	char *buf;
	size_t len, room;
	unsigned number;
};

/* ---- Buffers ------------------------------------------------------------ */

/* How large the next part is: see the header. */
static size_t next_size(const struct upload *u)
{
	unsigned most = u->ops->max_parts, step = MAX(most / 20, 1u);
	uint64_t size = u->all->part_bytes;

	for (unsigned n = most / 2; n <= u->parts && size < u->ops->max_part;
	     n += step)
		size *= 2;
	return (size_t)MIN(size, u->ops->max_part);
}

static unsigned buffers_in(const struct uploads *all, size_t room)
{
	return (unsigned)((room - 1) / all->part_bytes + 1);
}

/* An upload with nothing under way gets it in any case: all of the memory may
 * be in half-filled parts, and nobody but their writers could free it, one of
 * whom may be the same thread. */
static int wait_for_room(struct upload *u, size_t room)
{
	struct uploads *all = u->all;
	unsigned n = buffers_in(all, room);
	LOCKED(&all->lock);

	while (all->out + n > all->most && u->under_way > 0 && !u->error)
		pthread_cond_wait(&all->changed, &all->lock);
	if (u->error)
		return u->error;
	all->out += n;
	return 0;
}

static void give_back(struct uploads *all, char *buf, size_t room)
{
	if (room > all->part_bytes)
		free(buf);
	else
		buffers_put(all->buffers, buf);
	LOCKED(&all->lock);

	all->out -= buffers_in(all, room);
	pthread_cond_broadcast(&all->changed);
}

static int begin_filling(struct upload *u)
{
	size_t room = next_size(u);
	int rc;

	rc = wait_for_room(u, room);
	if (rc)
		return rc;
	u->filled = 0;
	u->room = room;
	u->filling = room > u->all->part_bytes ? malloc(room) :
						 buffers_get(u->all->buffers);
	if (u->filling)
		return 0;
	give_back(u->all, NULL, room);
	return -ENOMEM;
}

/* ---- Parts -------------------------------------------------------------- */

static int error_of(struct upload *u)
{
	LOCKED(&u->all->lock);

	return u->error;
}

static void fail(struct upload *u, int error)
{
	LOCKED(&u->all->lock);

	if (!u->error)
		u->error = error;
}

static void send_part(struct pool_job *job)
{
	struct part *p = CONTAINER_OF(job, struct part, job);
	struct upload *u = p->upload;
	struct uploads *all = u->all;
	int rc;

	rc = error_of(u);
	if (rc == 0)
		rc = u->ops->part(u->self, p->number, p->buf, p->len);
	if (rc)
		fail(u, rc);
	give_back(all, p->buf, p->room);
	free(p);

	/* From here on the upload may be gone. */
	LOCKED(&all->lock);
	u->under_way--;
	pthread_cond_broadcast(&all->changed);
}

/* Most stores are only read, and need no threads for writing. */
static int submit(struct upload *u, struct part *p)
{
	struct uploads *all = u->all;
	LOCKED(&all->lock);
	int rc = 0;

	if (!all->pool)
		rc = pool_new(all->threads, &all->pool);
	if (rc)
		return rc;
	u->under_way++;
	pool_submit(all->pool, &p->job);
	return 0;
}

static int begin_parts(struct upload *u)
{
	int rc;

	if (u->begun)
		return 0;
	rc = u->ops->begin(u->self);
	u->begun = rc == 0;
	return rc;
}

static int give_part(struct upload *u)
{
	AUTO_FREE struct part *p = NULL;
	int rc;

	if (u->parts == u->ops->max_parts)
		return -EFBIG;
	rc = begin_parts(u);
	if (rc)
		return rc;
	p = malloc(sizeof(*p));
	if (!p)
		return -ENOMEM;
	*p = (struct part){ .job.run = send_part,
			    .upload = u,
			    .buf = u->filling,
			    .len = u->filled,
			    .room = u->room,
			    .number = u->parts };
	rc = submit(u, p);
	if (rc)
		return rc;
	u->filling = NULL;
	u->parts++;
	(void)TAKE(p);
	return 0;
}

static int wait_for_parts(struct upload *u)
{
	LOCKED(&u->all->lock);

	while (u->under_way > 0)
		pthread_cond_wait(&u->all->changed, &u->all->lock);
	return u->error;
}

/* ---- What the header promised ------------------------------------------- */

int uploads_new(unsigned threads, uint64_t part_bytes, uint64_t memory,
		struct uploads **out)
{
	AUTO_FREE struct uploads *all = calloc(1, sizeof(*all));
	int rc;

	if (!all)
		return -ENOMEM;
	if (threads == 0 || part_bytes == 0 || part_bytes > SIZE_MAX / 2)
		return -EINVAL;
	all->threads = threads;
	all->part_bytes = (size_t)part_bytes;
	all->most = (unsigned)MIN(memory / part_bytes, UINT32_MAX / 2);
	rc = buffers_new(all->part_bytes, 4096, MIN(all->most, 1024u),
			 &all->buffers);
	if (rc)
		return rc;
	pthread_mutex_init(&all->lock, NULL);
	pthread_cond_init(&all->changed, NULL);
	*out = TAKE(all);
	return 0;
}

void uploads_free(struct uploads *all)
{
	if (!all)
		return;
	pool_free(all->pool);
	buffers_free(all->buffers);
	pthread_cond_destroy(&all->changed);
	pthread_mutex_destroy(&all->lock);
	free(all);
}

uint64_t uploads_held(struct uploads *all)
{
	LOCKED(&all->lock);

	return (uint64_t)all->out * all->part_bytes;
}

int upload_begin(struct uploads *all, const struct upload_ops *ops, void *self,
		 struct upload **out)
{
	struct upload *u = calloc(1, sizeof(*u));

	if (!u)
		return -ENOMEM;
	u->all = all;
	u->ops = ops;
	u->self = self;
	*out = u;
	return 0;
}

/* A full part waits for the next byte: an object of exactly one part is one
 * request. */
int upload_append(struct upload *u, const void *data, size_t len)
{
	const char *from = data;
	size_t n;
	int rc = 0;

	while (len > 0) {
		if (u->filling && u->filled == u->room)
			rc = give_part(u);
		if (rc == 0 && !u->filling)
			rc = begin_filling(u);
		if (rc) {
			fail(u, rc);
			return rc;
		}
		n = MIN(len, u->room - u->filled);
		memcpy(u->filling + u->filled, from, n);
		u->filled += n;
		from += n;
		len -= n;
	}
	return 0;
}

/* With more than one part there is always one that is being filled. */
static int commit_parts(struct upload *u)
{
	int rc;

	rc = give_part(u);
	if (rc == 0)
		rc = wait_for_parts(u);
	if (rc == 0)
		rc = u->ops->complete(u->self, u->parts);
	return rc;
}

int upload_commit(struct upload *u)
{
	int rc = error_of(u);

	if (rc)
		return rc;
	if (u->begun)
		rc = commit_parts(u);
	else
		rc = u->ops->put(u->self, u->filling, u->filled);
	u->committed = rc == 0;
	return rc;
}

void upload_close(struct upload *u)
{
	if (!u)
		return;
	if (!u->committed)
		fail(u, -ECANCELED); /* what has not been sent need not be */
	/* A part that arrives after the abort might stay for ever. */
	(void)wait_for_parts(u);
	if (u->begun && !u->committed)
		u->ops->abort(u->self);
	if (u->filling)
		give_back(u->all, u->filling, u->room);
	free(u);
}
