#include "fuse/names.h"

#include "base/rng.h"

#include <errno.h>
#include <string.h>

struct entry {
	uint32_t parent;
	uint32_t text; /* where in the texts */
};

struct names {
	struct entry *entries; /* number - 1 */
	uint32_t n_entries, room_entries;

	char *texts; /* each ends with a NUL */
	uint32_t n_texts, room_texts;

	uint32_t *slots;  /* numbers by hash, 0: free; at most 3/4 full */
	uint64_t n_slots; /* a power of two */
};

static uint64_t hash(uint32_t parent, const char *name, size_t len)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)name[i]) * 0x100000001b3;
	return rng_mix(h, parent);
}

static bool is_at(const struct names *n, uint32_t number, uint32_t parent,
		  const char *name, size_t len)
{
	const struct entry *e = &n->entries[number - 1];
	const char *text = n->texts + e->text;

	return e->parent == parent && strncmp(text, name, len) == 0 &&
	       text[len] == '\0';
}

/* The slot where a name is, or else would be put.  There is always a free one
 * to end the search. */
static uint32_t *slot_of(const struct names *n, uint32_t parent,
			 const char *name, size_t len)
{
	uint64_t i = hash(parent, name, len) & (n->n_slots - 1);

	while (n->slots[i] != 0 && !is_at(n, n->slots[i], parent, name, len))
		i = (i + 1) & (n->n_slots - 1);
	return &n->slots[i];
}

static void fill_slots(struct names *n)
{
	memset(n->slots, 0, n->n_slots * sizeof(*n->slots));
	for (uint32_t i = 1; i <= n->n_entries; i++) {
		const char *text = names_text(n, i);

		*slot_of(n, names_parent(n, i), text, strlen(text)) = i;
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
	uint64_t n_slots = MAX(n->n_slots * 2, (uint64_t)64);
	uint32_t *slots = malloc(n_slots * sizeof(*slots));

	if (!slots)
		return -ENOMEM;
	free(n->slots);
	n->slots = slots;
	n->n_slots = n_slots;
	fill_slots(n);
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
	return *slot_of(n, parent, name, len);
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
	*slot_of(n, parent, name, len) = *out;
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
