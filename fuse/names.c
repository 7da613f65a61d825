#include "fuse/names.h"

#include "base/rng.h"

#include <errno.h>
#include <string.h>

struct entry {
	uint32_t parent;
	uint32_t text; /* where in the texts */
};

/* The hash is kept, so that one look finds out that a name is not there, and
 * the table grows without a look at the names: with ten million of them, each
 * look is a cache miss. */
struct slot {
	uint32_t number; /* 0: free */
	uint32_t hash;
};

struct names {
	struct entry *entries; /* number - 1 */
	uint32_t n_entries, room_entries;

	char *texts; /* each ends with a NUL */
	uint32_t n_texts, room_texts;

	struct slot *slots; /* by hash; at most 3/4 full */
	uint64_t n_slots;   /* a power of two */
};

static uint32_t hash(uint32_t parent, const char *name, size_t len)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3;
	return (uint32_t)rng_mix(h, parent);
}

static bool is_at(const struct names *n, uint32_t number, uint32_t parent,
		  const char *name, size_t len)
{
	const struct entry *e = &n->entries[number - 1];
	const char *text = n->texts + e->text;

	return e->parent == parent && strncmp(text, name, len) == 0 &&
	       text[len] == '\0';
}

/* There is always a free slot to end a search. */
static void put(struct names *n, uint32_t number, uint32_t hash)
{
	uint64_t i = hash & (n->n_slots - 1);

	while (n->slots[i].number != 0)
		i = (i + 1) & (n->n_slots - 1);
	n->slots[i] = (struct slot){ .number = number, .hash = hash };
}

static void fill_slots(struct names *n)
{
	memset(n->slots, 0, n->n_slots * sizeof(*n->slots));
	for (uint32_t i = 1; i <= n->n_entries; i++) {
		const char *text = names_text(n, i);

		put(n, i, hash(names_parent(n, i), text, strlen(text)));
	}
}

/* Half as much again, so that adding costs constant time on average. */
static int grow(void *array, uint32_t *room, size_t size, uint32_t needed)
{
	uint64_t want = MAX(*room + (uint64_t)*room / 2, (uint64_t)needed);
	void *larger;

	want = MIN(MAX(want, (uint64_t)4096 / size), UINT32_MAX);
	larger = realloc(*(void **)array, want * size);
	if (!larger)
		return -ENOMEM;
	*(void **)array = larger;
	*room = (uint32_t)want;
	return 0;
}

static int double_slots(struct names *n)
{
	uint64_t n_slots = n->n_slots;
	AUTO_FREE struct slot *slots = n->slots;

	n->n_slots = MAX(n_slots * 2, (uint64_t)64);
	n->slots = calloc(n->n_slots, sizeof(*n->slots));
	if (!n->slots) {
		n->slots = TAKE(slots);
		n->n_slots = n_slots;
		return -ENOMEM;
	}
	for (uint64_t i = 0; i < n_slots; i++)
		if (slots[i].number != 0)
			put(n, slots[i].number, slots[i].hash);
	return 0;
}

static int make_room(struct names *n, size_t text_size)
{
	int rc = 0;

	if (n->n_entries == UINT32_MAX || text_size > UINT32_MAX - n->n_texts)
		return -EFBIG;
	if (n->n_entries == n->room_entries)
		rc = grow(&n->entries, &n->room_entries, sizeof(*n->entries),
			  n->n_entries + 1);
	if (rc == 0 && text_size > n->room_texts - n->n_texts)
		rc = grow(&n->texts, &n->room_texts, 1,
			  n->n_texts + (uint32_t)text_size);
	if (rc == 0 && n->n_entries >= n->n_slots / 4 * 3)
		rc = double_slots(n);
	return rc;
}

int names_new(struct names **out)
{
	struct names *n = calloc(1, sizeof(*n));
	int rc;

	if (!n)
		return -ENOMEM;
	rc = make_room(n, 1);
	if (rc < 0)
		names_free(n);
	else
		*out = n;
	return rc;
}

void names_free(struct names *n)
{
	if (!n)
		return;
	free(n->entries);
	free(n->texts);
	free(n->slots);
	free(n);
}

uint32_t names_find(const struct names *n, uint32_t parent, const char *name,
		    size_t len)
{
	uint32_t h = hash(parent, name, len);
	uint64_t i = h & (n->n_slots - 1);

	while (n->slots[i].number != 0 &&
	       (n->slots[i].hash != h ||
		!is_at(n, n->slots[i].number, parent, name, len)))
		i = (i + 1) & (n->n_slots - 1);
	return n->slots[i].number;
}

int names_add(struct names *n, uint32_t parent, const char *name, size_t len,
	      uint32_t *out)
{
	struct entry *e;
	int rc = make_room(n, len + 1);

	if (rc < 0)
		return rc;

	e = &n->entries[n->n_entries];
	*e = (struct entry){ .parent = parent, .text = n->n_texts };
	memcpy(n->texts + n->n_texts, name, len);
	n->texts[n->n_texts + len] = '\0';
	n->n_texts += (uint32_t)len + 1;

	*out = ++n->n_entries;
	put(n, *out, hash(parent, name, len));
	return 0;
}

const char *names_text(const struct names *n, uint32_t number)
{
	return n->texts + n->entries[number - 1].text;
}

uint32_t names_parent(const struct names *n, uint32_t number)
{
	return n->entries[number - 1].parent;
}

uint32_t names_count(const struct names *n)
{
	return n->n_entries;
}

int names_renumber(struct names *n, const uint32_t *to)
{
	struct entry *entries = malloc(n->n_entries * sizeof(*entries));
	char *texts;

	if (!entries)
		return -ENOMEM;
	for (uint32_t i = 0; i < n->n_entries; i++) {
		struct entry e = n->entries[i];

		e.parent = e.parent ? to[e.parent - 1] : 0;
		entries[to[i] - 1] = e;
	}
	free(n->entries);
	n->entries = entries;
	n->room_entries = n->n_entries;
	fill_slots(n);

	texts = realloc(n->texts, n->n_texts);
	if (texts) {
		n->texts = texts;
		n->room_texts = n->n_texts;
	}
	return 0;
}

size_t names_bytes(const struct names *n)
{
	return sizeof(*n) + n->room_entries * sizeof(*n->entries) +
	       n->room_texts + n->n_slots * sizeof(*n->slots);
}
