#include "data/hdf5_book.h"

#include "base/rng.h"

#include <errno.h>
#include <string.h>

#define PAGES 256

struct page {
	struct hdf5_layout layout;
	unsigned ndims;
	uint64_t dims[NPY_MAX_DIMS];
	unsigned users; /* the book itself is one */
};

struct hdf5_book {
	pthread_mutex_t lock; /* all below */
	struct page *pages[PAGES];
};

int hdf5_book_new(struct hdf5_book **out)
{
	struct hdf5_book *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	pthread_mutex_init(&b->lock, NULL);
	*out = b;
	return 0;
}

static void let_go(struct page *p)
{
	if (!p || --p->users > 0)
		return;
	hdf5_layout_free(&p->layout);
	free(p);
}

void hdf5_book_free(struct hdf5_book *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < PAGES; i++)
		let_go(b->pages[i]);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

/* The one page that a shape can be on. */
static struct page **place_of(struct hdf5_book *b, const struct hdf5_shape *s)
{
	uint64_t hash = s->ndims;

	for (unsigned i = 0; i < s->ndims; i++)
		hash = rng_mix(hash, s->dims[i]);
	return &b->pages[hash % PAGES];
}

static bool is_of(const struct page *p, const struct hdf5_shape *s)
{
	return p && p->ndims == s->ndims &&
	       !memcmp(p->dims, s->dims, s->ndims * sizeof(s->dims[0]));
}

static struct page *find(struct hdf5_book *b, const struct hdf5_shape *s)
{
	LOCKED(&b->lock);
	struct page *p = *place_of(b, s);

	if (!is_of(p, s))
		return NULL;
	p->users++;
	return p;
}

static void enter(struct hdf5_book *b, const struct hdf5_shape *s,
		  struct page *p)
{
	LOCKED(&b->lock);
	struct page **place = place_of(b, s);

	let_go(*place);
	*place = p;
	p->users++;
}

int hdf5_book_take(struct hdf5_book *b, const struct hdf5_shape *s,
		   const struct hdf5_layout **out)
{
	struct page *p = find(b, s);
	int rc;

	if (p) {
		*out = &p->layout;
		return 0;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->users = 1;
	p->ndims = s->ndims;
	memcpy(p->dims, s->dims, sizeof(p->dims));
	rc = hdf5_layout_make(s, NULL, &p->layout);
	if (rc < 0) {
		let_go(p);
		return rc;
	}
	enter(b, s, p);
	*out = &p->layout;
	return 0;
}

void hdf5_book_put(struct hdf5_book *b, const struct hdf5_layout *l)
{
	/* The layout was handed out as const; it is the book's own. */
	struct page *p = CONTAINER_OF(l, struct page, layout);

	LOCKED(&b->lock);
	let_go(p);
}
