#include "backends/label.h"

#include "backends/body.h"

#include <errno.h>
#include <string.h>

/* ---- The lock is held --------------------------------------------------- */

static struct label *label_at(const struct arena *a, uint32_t number)
{
	return &a->labels[number - 1];
}

/* FNV-1a, by G. Fowler, L. C. Noll and K.-P. Vo. */
static uint32_t *bucket_of(const struct arena *a, const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *key; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return &a->buckets[hash % a->shared->slots];
}

static uint32_t find(const struct arena *a, const char *key)
{
	uint32_t number = *bucket_of(a, key);

	while (number && strcmp(label_at(a, number)->key, key) != 0)
		number = label_at(a, number)->next;
	return number;
}

static uint32_t take_label(struct arena *a)
{
	struct numbers *labels = &a->shared->labels;
	uint32_t number = labels->free;

	if (number)
		arena_publish(&labels->free, label_at(a, number)->next);
	else if (labels->used < a->shared->slots)
		arena_publish(&labels->used, number = labels->used + 1);
	return number;
}

/* The label of that key; if it is new it has no body yet.  0: there are as many
 * as there can be. */
static uint32_t find_or_add(struct arena *a, const char *key)
{
	uint32_t number = find(a, key), *bucket = bucket_of(a, key);
	struct label *l;

	if (number)
		return number;
	number = take_label(a);
	if (!number)
		return 0;
	l = label_at(a, number);
	snprintf(l->key, sizeof(l->key), "%s", key);
	l->next = *bucket;
	arena_publish(bucket, number);
	return number;
}

static void drop_label(struct arena *a, uint32_t number)
{
	struct label *l = label_at(a, number);
	uint32_t *link = bucket_of(a, l->key);

	arena_publish(&l->body, 0); /* it is gone; the rest is tidying up */
	while (*link != number)
		link = &label_at(a, *link)->next;
	arena_publish(link, l->next);
	l->next = a->shared->labels.free;
	arena_publish(&a->shared->labels.free, number);
}

/* Give the body a name, and a reference for it.  The body that had the name
 * comes out, with the reference that it had for it. */
static int give_name(struct arena *a, const char *key, uint32_t body,
		     uint32_t *old)
{
	uint32_t number = find_or_add(a, key);

	if (!number)
		return -ENOSPC;
	body_at(a, body)->refs++;
	*old = label_at(a, number)->body;
	arena_publish(&label_at(a, number)->body, body);
	return 0;
}

/* ---- What the header promised ------------------------------------------- */

static int bind(struct arena *a, const char *key, uint32_t body,
		int64_t mtime_ns, uint32_t *old)
{
	ARENA_LOCKED struct shared *s = arena_lock(a);

	body_at(a, body)->mtime_ns = mtime_ns;
	return give_name(a, key, body, old);
}

int label_bind(struct arena *a, const char *key, uint32_t body,
	       int64_t mtime_ns)
{
	uint32_t old = 0;
	int rc;

	rc = bind(a, key, body, mtime_ns, &old);
	body_release(a, old);
	return rc;
}

static int unbind(struct arena *a, const char *key, uint32_t *old)
{
	ARENA_LOCKED struct shared *s = arena_lock(a);
	uint32_t number = find(a, key);

	if (!number || !label_at(a, number)->body)
		return -ENOENT;
	*old = label_at(a, number)->body;
	drop_label(a, number);
	return 0;
}

int label_unbind(struct arena *a, const char *key)
{
	uint32_t old = 0;
	int rc;

	rc = unbind(a, key, &old);
	body_release(a, old);
	return rc;
}

static int move(struct arena *a, const char *from, const char *to,
		uint32_t *old)
{
	ARENA_LOCKED struct shared *s = arena_lock(a);
	uint32_t number = find(a, from);
	uint32_t body = number ? label_at(a, number)->body : 0;
	int rc;

	if (!body)
		return -ENOENT;
	if (!strcmp(from, to))
		return 0;
	rc = give_name(a, to, body, old);
	if (rc)
		return rc;
	drop_label(a, number);
	body_at(a, body)->refs--; /* not the last: the new name has one */
	return 0;
}

int label_rename(struct arena *a, const char *from, const char *to)
{
	uint32_t old = 0;
	int rc;

	rc = move(a, from, to, &old);
	body_release(a, old);
	return rc;
}

static struct object_info info_of(const struct body *b)
{
	return (struct object_info){ .size = b->size, .mtime_ns = b->mtime_ns };
}

int label_find(struct arena *a, const char *key, struct object_info *info,
	       uint32_t *body)
{
	ARENA_LOCKED struct shared *s = arena_lock(a);
	uint32_t number = find(a, key);
	struct body *b;

	if (!number || !label_at(a, number)->body)
		return -ENOENT;
	b = body_at(a, label_at(a, number)->body);
	*info = info_of(b);
	if (body) {
		b->refs++;
		*body = label_at(a, number)->body;
	}
	return 0;
}

bool label_next(struct arena *a, uint32_t *cursor, char key[LABEL_KEY_MAX + 1],
		struct object_info *info)
{
	ARENA_LOCKED struct shared *s = arena_lock(a);

	while (*cursor < s->labels.used) {
		const struct label *l = label_at(a, ++*cursor);

		if (!l->body)
			continue;
		*info = info_of(body_at(a, l->body));
		snprintf(key, LABEL_KEY_MAX + 1, "%s", l->key);
		return true;
	}
	return false;
}
