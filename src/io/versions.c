#include "io/versions.h"

/* In place of a version; real ones are made larger. */
enum { ENDED = 0, FORGOTTEN = 1, FIRST_VERSION = 2 };

/* With a version: there may be pages of another. */
#define UNCLEAN ((uint64_t)1 << 63)

#define LEAST_SLOTS 64u

void versions_free(struct versions *v)
{
	free(v->slots);
	*v = (struct versions){ 0 };
}

/* Its slot, or the free one where it belongs.  There is one: a quarter is free
 * always. */
static struct version *slot_of(const struct versions *v, uint64_t object)
{
	size_t i = object & (v->n_slots - 1);

	while (v->slots[i].object && v->slots[i].object != object)
		i = (i + 1) & (v->n_slots - 1);
	return &v->slots[i];
}

static struct version *find(const struct versions *v, uint64_t object)
{
	struct version *slot;

	if (v->n_slots == 0)
		return NULL;
	slot = slot_of(v, object);
	return slot->object ? slot : NULL;
}

static bool grow(struct versions *v)
{
	struct versions larger = {
		.n_slots = v->n_slots ? v->n_slots * 2 : LEAST_SLOTS,
		.used = v->used,
	};

	larger.slots = calloc(larger.n_slots, sizeof(struct version));
	if (!larger.slots)
		return false;
	for (size_t i = 0; i < v->n_slots; i++)
		if (v->slots[i].object)
			*slot_of(&larger, v->slots[i].object) = v->slots[i];
	free(v->slots);
	*v = larger;
	return true;
}

static void add(struct versions *v, uint64_t object, uint64_t version)
{
	if (v->used >= v->n_slots / 4 * 3 && !grow(v))
		return;
	*slot_of(v, object) = (struct version){ object, version };
	v->used++;
}

bool versions_seen(struct versions *v, uint64_t object, uint64_t version)
{
	struct version *known = find(v, object);

	version = MAX(version & ~UNCLEAN, FIRST_VERSION);
	if (!known) {
		add(v, object, version);
		return true;
	}
	if (known->is == ENDED)
		known->is = version | UNCLEAN;
	else if (known->is == FORGOTTEN)
		known->is = version;
	else if ((known->is & ~UNCLEAN) != version)
		known->is = ENDED;
	return known->is != ENDED;
}

void versions_end(struct versions *v, uint64_t object)
{
	struct version *known = find(v, object);

	if (known)
		known->is = ENDED;
}

void versions_forget(struct versions *v, uint64_t object)
{
	struct version *known = find(v, object);

	if (known)
		known->is = FORGOTTEN;
}

bool versions_known(const struct versions *v, uint64_t object)
{
	const struct version *known = find(v, object);

	return known && known->is >= FIRST_VERSION;
}

bool versions_ended(const struct versions *v, uint64_t object)
{
	const struct version *known = find(v, object);

	return known && (known->is == ENDED || known->is & UNCLEAN);
}

void versions_cleaned(struct versions *v, uint64_t object)
{
	struct version *known = find(v, object);

	if (known)
		known->is &= ~UNCLEAN;
}
