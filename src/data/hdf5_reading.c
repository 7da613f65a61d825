#include "data/hdf5_reading.h"

#include "data/hdf5_locate.h"
#include "data/hdf5_times.h"

#include <errno.h>
#include <string.h>

/* Bytes that were read. */
struct entry {
	uint64_t offset;
	size_t len, room, sum; /* where a checksum of times is */
	unsigned char *bytes;
};

struct log {
	struct entry *entries;
	size_t n, room;
};

/* What came of a dataset, after so many reads: the same reads give the same,
 * if it is in one piece. */
struct found {
	size_t reads;
	bool in_one;
	struct hdf5_whole whole;
};

/* A file as it was read: what the next is held against. */
struct known {
	uint64_t size;
	struct log log;
	struct found *found;
	unsigned n, room;
};

struct hdf5_reading {
	struct hdf5_device device;
	struct hdf5_locate *locate; /* libhdf5's side; NULL: not asked */
	struct log log;
	bool waiting;	/* for the last read of the log */
	bool guided;	/* reads are those of the file before … */
	bool following; /* … and gave the same */
	bool special;	/* not a file to hold the next against */
	struct known before, now;
	struct hdf5_part whole;
	struct hdf5_parts parts;
	char wrong[128];
};

/* ---- The log ---- */

static void free_log(struct log *l)
{
	for (size_t i = 0; i < l->room; i++)
		free(l->entries[i].bytes);
	free(l->entries);
}

static int grow(struct log *l)
{
	size_t room = l->room ? 2 * l->room : 8;
	struct entry *more = realloc(l->entries, room * sizeof(*more));

	if (!more)
		return -ENOMEM;
	memset(more + l->room, 0, (room - l->room) * sizeof(*more));
	l->entries = more;
	l->room = room;
	return 0;
}

/* Room for one more; the buffers of earlier files serve again. */
static int append(struct log *l, uint64_t offset, size_t len)
{
	struct entry *e;
	int rc = l->n < l->room ? 0 : grow(l);

	if (rc < 0)
		return rc;
	e = &l->entries[l->n];
	if (len > e->room) {
		free(e->bytes);
		e->bytes = malloc(len);
		e->room = e->bytes ? len : 0;
		if (!e->bytes)
			return -ENOMEM;
	}
	e->offset = offset;
	e->len = len;
	e->sum = 0;
	l->n++;
	return 0;
}

/* libhdf5 wants to read. */
static int device_read(struct hdf5_device *d, void *buf, size_t len,
		       uint64_t offset)
{
	struct hdf5_reading *r = CONTAINER_OF(d, struct hdf5_reading, device);
	int rc;

	if (r->waiting)
		return -EAGAIN;
	for (size_t i = 0; i < r->log.n; i++) {
		const struct entry *e = &r->log.entries[i];

		if (e->offset == offset && e->len == len) {
			memcpy(buf, e->bytes, len);
			return 0;
		}
	}
	rc = append(&r->log, offset, len);
	if (rc < 0)
		return rc;
	r->waiting = true;
	return -EAGAIN;
}

static int ask(const struct hdf5_reading *r, struct hdf5_read *want)
{
	const struct entry *e = &r->log.entries[r->log.n - 1];

	*want = (struct hdf5_read){ e->offset, e->len, e->bytes };
	return 1;
}

/* ---- Following the file before ---- */

/* The same, but for times; and then the checksum is right. */
static bool same(const struct entry *a, const struct entry *b)
{
	const size_t behind = HDF5_TIMES + HDF5_TIMES_BYTES;
	size_t end = a->sum + HDF5_TIMES_SUM;

	if (a->offset != b->offset || a->len != b->len)
		return false;
	if (!a->sum)
		return memcmp(a->bytes, b->bytes, a->len) == 0;
	return memcmp(a->bytes, b->bytes, HDF5_TIMES) == 0 &&
	       memcmp(a->bytes + behind, b->bytes + behind, a->sum - behind) ==
		       0 &&
	       memcmp(a->bytes + end, b->bytes + end, a->len - end) == 0 &&
	       hdf5_times_sound(b->bytes, a->sum);
}

/* The next read of the file before.  Files of other sizes are read the same way
 * as well: then libhdf5 finds all it wants, and need not try again. */
static int follow(struct hdf5_reading *r, unsigned dataset,
		  struct hdf5_read *want)
{
	const struct log *before = &r->before.log;
	const struct entry *next;
	size_t n = r->log.n;

	if (n > 0 && n <= before->n &&
	    !same(&before->entries[n - 1], &r->log.entries[n - 1]))
		r->following = false;
	if (dataset >= r->before.n)
		r->guided = r->following = false;
	if (!r->guided || n >= r->before.found[dataset].reads)
		return 0;
	next = &before->entries[n];
	if (next->offset + next->len > r->device.size) {
		r->guided = r->following = false;
		return 0;
	}
	if (append(&r->log, next->offset, next->len))
		return -ENOMEM;
	r->waiting = true;
	return ask(r, want);
}

/* ---- Remembering a file ---- */

static int remember(struct known *k, const struct found *found)
{
	if (k->n == k->room) {
		unsigned room = k->room ? 2 * k->room : 4;
		struct found *more = realloc(k->found, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		k->found = more;
		k->room = room;
	}
	k->found[k->n++] = *found;
	return 0;
}

/* What was read and found becomes what the next file is held against. */
static void keep(struct hdf5_reading *r)
{
	struct known empty = r->before;

	r->now.log = r->log;
	r->before = r->now;
	r->log = empty.log;
	r->now = empty;
	r->now.n = 0;
	for (size_t i = 0; i < r->before.log.n; i++) {
		struct entry *e = &r->before.log.entries[i];

		e->sum = hdf5_times_find(e->bytes, e->len);
	}
}

/* ---- Outside ---- */

int hdf5_reading_new(struct hdf5_reading **out)
{
	struct hdf5_reading *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->device.read = device_read;
	*out = r;
	return 0;
}

void hdf5_reading_free(struct hdf5_reading *r)
{
	if (!r)
		return;
	hdf5_locate_close(r->locate);
	free_log(&r->log);
	free_log(&r->before.log);
	free(r->before.found);
	free(r->now.found);
	free(r->parts.part);
	free(r);
}

void hdf5_reading_open(struct hdf5_reading *r, uint64_t size)
{
	hdf5_reading_close(r);
	r->device.size = size;
	r->log.n = 0;
	r->now.n = 0;
	r->now.size = size;
	r->waiting = false;
	r->special = false;
	r->guided = r->before.n > 0;
	r->following = r->guided && r->before.size == size;
	r->wrong[0] = '\0';
}

void hdf5_reading_close(struct hdf5_reading *r)
{
	if (!r->special && !r->waiting && r->now.n > 0)
		keep(r);
	hdf5_reading_rest(r);
}

void hdf5_reading_rest(struct hdf5_reading *r)
{
	hdf5_locate_close(r->locate);
	r->locate = NULL;
}

static int give_whole(struct hdf5_reading *r, const struct hdf5_whole *whole,
		      unsigned dataset, uint64_t sample,
		      struct hdf5_sample *out)
{
	if (sample >= whole->samples) {
		snprintf(r->wrong, sizeof(r->wrong),
			 "has no sample %llu in records_%u",
			 (unsigned long long)sample, dataset);
		return -EBADMSG;
	}
	r->whole = (struct hdf5_part){
		.offset = whole->offset + sample * whole->sample_bytes,
		.len = whole->sample_bytes,
		.plain = true,
	};
	*out = (struct hdf5_sample){ .n = 1,
				     .parts = &r->whole,
				     .part_bytes = whole->sample_bytes };
	return 0;
}

static int find_anew(struct hdf5_reading *r, unsigned dataset, uint64_t sample,
		     struct hdf5_sample *out)
{
	struct found found = { 0 };
	int rc = 0;

	if (!r->locate)
		rc = hdf5_locate_open(&r->device, &r->locate, r->wrong);
	if (rc == 0)
		rc = hdf5_locate_find(r->locate, dataset, sample, &found.whole,
				      &r->parts, out, r->wrong);
	if (rc < 0)
		return rc;
	found.reads = r->log.n;
	found.in_one = rc == HDF5_LOCATE_WHOLE;
	r->special |= dataset > r->now.n;
	if (r->guided && found.reads != r->before.found[dataset].reads)
		r->guided = r->following = false;
	rc = dataset < r->now.n ? 0 : remember(&r->now, &found);
	if (rc < 0 || !found.in_one)
		return rc;
	return give_whole(r, &found.whole, dataset, sample, out);
}

int hdf5_reading_find(struct hdf5_reading *r, unsigned dataset, uint64_t sample,
		      struct hdf5_read *want, struct hdf5_sample *out)
{
	int rc;

	r->waiting = false;
	if (dataset < r->now.n && r->now.found[dataset].in_one)
		return give_whole(r, &r->now.found[dataset].whole, dataset,
				  sample, out);
	if (r->guided) {
		rc = follow(r, dataset, want);
		if (rc)
			return rc;
		if (r->following && r->before.found[dataset].in_one)
			return give_whole(r, &r->before.found[dataset].whole,
					  dataset, sample, out);
	}
	rc = find_anew(r, dataset, sample, out);
	return r->waiting ? ask(r, want) : rc;
}

const char *hdf5_reading_wrong(const struct hdf5_reading *r)
{
	return r->wrong;
}
