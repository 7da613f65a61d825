#include "train/torchsave.h"

#include "train/state.h"
#include "train/stateout.h"
#include "train/torchpickle.h"
#include "train/torchzip.h"

#include <errno.h>
#include <string.h>

/* A tensor, and the name of its member. */
struct storage {
	const struct state_item *tensor;
	char name[STATE_KEY_SIZE];
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct storage *)a)->name,
		      ((const struct storage *)b)->name);
}

/* In the order of the file, which is that of the names as text: 0, 1, 10, … */
static struct storage *list_storages(const struct state *s, size_t *n)
{
	struct storage *list = calloc(s->items + 1, sizeof(*list));

	*n = 0;
	if (!list)
		return NULL;
	for (size_t i = 0; i < s->items; i++) {
		struct storage *next = &list[*n];

		if (s->item[i].kind != STATE_TENSOR)
			continue;
		next->tensor = &s->item[i];
		snprintf(next->name, sizeof(next->name), "data/%zu", *n);
		++*n;
	}
	qsort(list, *n, sizeof(*list), compare);
	return list;
}

static int write_data(void *arg, const void *data, size_t len)
{
	return torchzip_data(arg, data, len);
}

static int write_storages(struct stateout *s, struct outbuf *w,
			  struct torchzip *z, const struct state *state)
{
	size_t n;
	AUTO_FREE struct storage *list = list_storages(state, &n);
	int rc = list ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && !rc; i++) {
		torchzip_begin(z, list[i].name,
			       state_tensor_bytes(list[i].tensor));
		rc = stateout_tensor(s, w, list[i].tensor, write_data, z);
	}
	return rc;
}

static int write_through(void *arg, const void *data, size_t len)
{
	return outbuf_write(arg, data, len);
}

/* What is written, and how many bytes it comes to. */
struct saving {
	const struct state *state;
	uint64_t *bytes;
};

static int fill_file(struct stateout *s, struct outbuf *w, void *arg)
{
	const struct saving *what = arg;
	AUTO_FREE uint8_t *pickle = NULL;
	struct torchzip z;
	size_t len;
	int rc = torchpickle_make(what->state, &pickle, &len);

	if (rc)
		return rc;
	torchzip_init(&z, write_through, w);
	torchzip_add(&z, "data.pkl", pickle, len);
	rc = write_storages(s, w, &z, what->state);
	if (!rc) {
		torchzip_add(&z, "version", "3\n", 2);
		rc = torchzip_end(&z);
	}
	*what->bytes = z.offset;
	torchzip_clear(&z);
	return rc;
}

int torchsave_write(struct stateout *s, const char *name,
		    const struct state *state, uint64_t *bytes)
{
	return stateout_file(s, name, 0, fill_file,
			     &(struct saving){ state, bytes });
}
