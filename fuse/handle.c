#include "fuse/handle.h"

#include "backends/backend.h"
#include "fuse/dirlist.h"
#include "fuse/prefetch.h"
#include "fuse/writer.h"
#include "io/cache.h"
#include "io/strand.h"

#include <errno.h>

struct handle_set {
	pthread_mutex_t lock; /* guards the list */
	struct handle *first;
};

int handle_set_new(struct handle_set **out)
{
	struct handle_set *hs = calloc(1, sizeof(*hs));

	if (!hs)
		return -ENOMEM;
	pthread_mutex_init(&hs->lock, NULL);
	*out = hs;
	return 0;
}

struct handle *handle_add(struct handle_set *hs, const struct handle *h)
{
	struct handle *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *h;
	copy->holds = 1;

	LOCKED(&hs->lock);
	copy->next = hs->first;
	copy->at = &hs->first;
	if (copy->next)
		copy->next->at = &copy->next;
	hs->first = copy;
	return copy;
}

static void remove_from_set(struct handle_set *hs, struct handle *h)
{
	LOCKED(&hs->lock);

	*h->at = h->next;
	if (h->next)
		h->next->at = h->at;
}

static int drop(struct handle *h, bool commit)
{
	int rc = 0;

	if (--h->holds > 0)
		return 0;
	switch (h->kind) {
	case HANDLE_OBJECT:
		object_close(h->object);
		break;
	case HANDLE_CACHED:
		cache_close(h->reader);
		break;
	case HANDLE_WRITER:
		if (commit)
			rc = writer_close(h->writer);
		else
			writer_abandon(h->writer);
		strand_drop(h->strand);
		free(h->release);
		break;
	case HANDLE_FOLDER:
		dirlist_close(h->list);
		break;
	case HANDLE_TEXT:
		free(h->text);
		break;
	case HANDLE_PREFETCH:
		prefetch_free(h->prefetch);
		break;
	}
	free(h);
	return rc;
}

void handle_hold(struct handle *h)
{
	h->holds++;
}

void handle_drop(struct handle *h)
{
	drop(h, false);
}

int handle_close(struct handle_set *hs, struct handle *h, bool commit)
{
	remove_from_set(hs, h);
	return drop(h, commit);
}

void handle_set_free(struct handle_set *hs, bool commit)
{
	if (!hs)
		return;
	while (hs->first)
		handle_close(hs, hs->first, commit);
	pthread_mutex_destroy(&hs->lock);
	free(hs);
}
