#include "fuse/draft.h"

#include "backends/backend.h"
#include "base/buffers.h"

#include <errno.h>
#include <string.h>

struct draft {
	struct backend *store;
	struct buffers *buffers;
	int64_t opener;

	char *piece; /* NULL: nothing gathered yet */
	size_t gathered;
	uint64_t size; /* all that was taken */

	struct object *object; /* NULL: not begun, or committed */
	char *begun;
	bool committed, durable;
	int error; /* the first of the store's */

	/* Processes that have written and not closed since, but the opener. */
	int64_t *others;
	size_t n_others;
};

int draft_new(struct backend *store, struct buffers *buffers, int64_t opener,
	      struct draft **out)
{
	struct draft *d = calloc(1, sizeof(*d));

	if (!d)
		return -ENOMEM;
	d->store = store;
	d->buffers = buffers;
	d->opener = opener;
	*out = d;
	return 0;
}

void draft_free(struct draft *d)
{
	if (!d)
		return;
	object_close(d->object);
	buffers_put(d->buffers, d->piece);
	free(d->begun);
	free(d->others);
	free(d);
}

/* ---- Who writes --------------------------------------------------------- */

static size_t find_other(const struct draft *d, int64_t process)
{
	size_t i = 0;

	while (i < d->n_others && d->others[i] != process)
		i++;
	return i;
}

static int note_writer(struct draft *d, int64_t process)
{
	int64_t *more;

	if (process == d->opener || find_other(d, process) < d->n_others)
		return 0;
	more = realloc(d->others, (d->n_others + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	d->others = more;
	d->others[d->n_others++] = process;
	return 0;
}

bool draft_closes(struct draft *d, int64_t process)
{
	size_t i = find_other(d, process);

	if (i < d->n_others)
		d->others[i] = d->others[--d->n_others];
	return process == d->opener && d->size > 0 && d->n_others == 0;
}

/* ---- Writing ------------------------------------------------------------ */

static int check(struct draft *d, uint64_t offset, int64_t process)
{
	if (d->error)
		return d->error;
	if (d->committed)
		return -EOPNOTSUPP;
	if (offset != d->size)
		return -ESPIPE;
	if (!d->piece)
		d->piece = buffers_get(d->buffers);
	return d->piece ? note_writer(d, process) : -ENOMEM;
}

static void gather(struct draft *d, const void *data, size_t len)
{
	memcpy(d->piece + d->gathered, data, len);
	d->gathered += len;
}

int draft_accept(struct draft *d, const void *data, size_t len, uint64_t offset,
		 int64_t process)
{
	int rc = check(d, offset, process);

	if (rc < 0)
		return rc;
	if (len >= DRAFT_PIECE - d->gathered)
		return -EAGAIN;
	gather(d, data, len);
	d->size += len;
	return 0;
}

static int begin(struct draft *d, const char *name)
{
	if (d->object)
		return 0;
	d->begun = strdup(name);
	return d->begun ? object_create(d->store, name, &d->object) : -ENOMEM;
}

static int append_gathered(struct draft *d)
{
	int rc = object_append(d->object, d->piece, d->gathered);

	d->gathered = 0;
	return rc;
}

/* Whole pieces go to the store, from where they are if nothing is gathered;
 * what is left is less than a piece. */
static int append(struct draft *d, const char *data, size_t len)
{
	int rc = 0;

	while (rc == 0 && len > 0) {
		size_t n = MIN(len, DRAFT_PIECE - d->gathered);

		if (n == DRAFT_PIECE) {
			rc = object_append(d->object, data, n);
		} else {
			gather(d, data, n);
			if (d->gathered == DRAFT_PIECE)
				rc = append_gathered(d);
		}
		data += n;
		len -= n;
	}
	return rc;
}

int draft_write(struct draft *d, const char *name, const void *data, size_t len,
		uint64_t offset, int64_t process)
{
	int rc = check(d, offset, process);

	if (rc < 0)
		return rc;
	rc = begin(d, name);
	if (rc == 0)
		rc = append(d, data, len);
	if (rc == 0)
		d->size += len;
	d->error = rc;
	return rc;
}

/* ---- Committing --------------------------------------------------------- */

static int commit(struct draft *d, const char *name, unsigned flags)
{
	int rc = begin(d, name);

	if (rc == 0 && d->gathered > 0)
		rc = append_gathered(d);
	if (rc == 0)
		rc = object_commit(d->object, flags);
	if (rc < 0)
		return rc;
	/* Renamed meanwhile?  If this fails the bytes are safe, under the name
	 * they were begun with. */
	return strcmp(d->begun, name) ?
		       backend_rename(d->store, d->begun, name) :
		       0;
}

int draft_commit(struct draft *d, const char *name, unsigned flags)
{
	bool durable = flags & OBJECT_DURABLE;

	if (d->error)
		return d->error;
	if (d->committed)
		return durable && !d->durable ? -EOPNOTSUPP : 0;

	d->error = commit(d, name, flags);
	if (d->error)
		return d->error;
	d->committed = true;
	d->durable = durable;
	object_close(TAKE(d->object));
	buffers_put(d->buffers, TAKE(d->piece));
	return 0;
}

uint64_t draft_size(const struct draft *d)
{
	return d->size;
}

bool draft_is_committed(const struct draft *d)
{
	return d->committed;
}

int draft_error(const struct draft *d)
{
	return d->error;
}
