#include "data/encoded.h"

#include "data/encoding.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#define IMAGES 16
#define BUDGET ((uint64_t)64 * MIB)

/* Two threads may learn the same, and then it is the same. */
struct fact {
	_Atomic uint64_t size_plus_1; /* 0: not known; stored last */
	_Atomic uint32_t crc;
};

/* A file's bytes, or a place for some. */
struct image {
	bool taken; /* for object; else a free place */
	bool ready; /* the bytes are there */
	unsigned users;
	uint64_t object, last_use;
	unsigned char *bytes;
	size_t len;
};

struct encoded {
	pthread_mutex_t lock; /* guards the images */
	pthread_cond_t moved; /* an image became ready, or lost a user */
	uint64_t uses;
	struct image image[IMAGES];

	struct fact facts[]; /* by object */
};

int encoded_new(uint64_t objects, struct encoded **out)
{
	struct encoded *e;
	size_t size;

	if (__builtin_mul_overflow(objects, sizeof(e->facts[0]), &size))
		return -ENOMEM;
	e = calloc(1, sizeof(*e) + size);
	if (!e)
		return -ENOMEM;
	pthread_mutex_init(&e->lock, NULL);
	pthread_cond_init(&e->moved, NULL);
	*out = e;
	return 0;
}

static void discard(struct image *i)
{
	free(i->bytes);
	*i = (struct image){ 0 };
}

void encoded_free(struct encoded *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < IMAGES; i++)
		discard(&e->image[i]);
	pthread_cond_destroy(&e->moved);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

bool encoded_known(const struct encoded *e, uint64_t object,
		   struct dataset_sum *out)
{
	uint64_t size_plus_1 = e->facts[object].size_plus_1;

	if (!size_plus_1)
		return false;
	out->size = size_plus_1 - 1;
	out->crc = e->facts[object].crc;
	return true;
}

void encoded_learn(struct encoded *e, uint64_t object,
		   const struct dataset_sum *sum)
{
	e->facts[object].crc = sum->crc;
	e->facts[object].size_plus_1 = sum->size + 1;
}

/* ---- Images; all of this under the lock ---- */

static struct image *find(struct encoded *e, uint64_t object)
{
	for (size_t i = 0; i < IMAGES; i++)
		if (e->image[i].taken && e->image[i].object == object)
			return &e->image[i];
	return NULL;
}

/* The one unused for longest of those that nobody uses; a free place is unused
 * for ever. */
static struct image *oldest(struct encoded *e, bool free_too)
{
	struct image *best = NULL;

	for (size_t i = 0; i < IMAGES; i++) {
		struct image *image = &e->image[i];

		if (!image->users && (free_too || image->taken) &&
		    (!best || image->last_use < best->last_use))
			best = image;
	}
	return best;
}

/* The one read last stays. */
static void shrink(struct encoded *e)
{
	uint64_t held = 0;

	for (size_t i = 0; i < IMAGES; i++)
		held += e->image[i].len;
	while (held > BUDGET) {
		struct image *old = oldest(e, false);

		if (!old || old->last_use == e->uses)
			return;
		held -= old->len;
		discard(old);
	}
}

static void release(struct encoded *e, struct image *image)
{
	image->users--;
	image->last_use = ++e->uses;
	if (!image->ready && !image->users)
		discard(image); /* it could not be made */
	else
		shrink(e);
	pthread_cond_broadcast(&e->moved);
}

/* The image of an object, used now: there already, or empty and the caller's
 * to make. */
static struct image *acquire(struct encoded *e, uint64_t object, bool *make)
{
	for (;;) {
		struct image *image = find(e, object);

		*make = !image;
		if (!image)
			image = oldest(e, true);
		if (image && *make) {
			discard(image);
			image->taken = true;
			image->object = object;
		}
		if (image && (*make || image->ready)) {
			image->users++;
			return image;
		}
		pthread_cond_wait(&e->moved, &e->lock);
	}
}

/* ---- Reading ---- */

/* The caller alone may make it, and nobody looks at it until it is ready. */
static int make_image(struct encoded *e, struct image *image,
		      const struct format *t, const struct dataset_file *f)
{
	struct dataset_sum sum;
	unsigned char *bytes;
	size_t len;
	int rc = encoding_collect(t, f, &bytes, &len);

	if (rc)
		return rc;
	sum.size = len;
	sum.crc = crc_crc32(0, bytes, len);
	encoded_learn(e, image->object, &sum);

	LOCKED(&e->lock);
	image->bytes = bytes;
	image->len = len;
	image->ready = true;
	pthread_cond_broadcast(&e->moved);
	return 0;
}

ssize_t encoded_read(struct encoded *e, uint64_t object, const struct format *t,
		     const struct dataset_file *f, void *buf, size_t len,
		     uint64_t offset)
{
	struct image *image;
	ssize_t got = 0;
	bool make;

	pthread_mutex_lock(&e->lock);
	image = acquire(e, object, &make);
	pthread_mutex_unlock(&e->lock);

	if (make)
		got = make_image(e, image, t, f);
	if (!got && offset < image->len) {
		got = (ssize_t)MIN(len, image->len - offset);
		memcpy(buf, image->bytes + offset, (size_t)got);
	}

	pthread_mutex_lock(&e->lock);
	release(e, image);
	pthread_mutex_unlock(&e->lock);
	return got;
}
