#include "train/tfload.h"

#include "base/clock.h"
#include "base/crc.h"
#include "base/log.h"
#include "train/filler.h"
#include "train/source.h"
#include "train/sstable.h"
#include "train/tfbundle.h"
#include "train/torchload.h"

#include <errno.h>
#include <string.h>

#define NAME_SIZE 256
#define BLOCK_MAX (64 * MIB)

struct tfload {
	struct torchload_setup setup;
	uint64_t check_ns;
	uint8_t *piece;
};

int tfload_new(const struct torchload_setup *setup, struct tfload **out)
{
	AUTO_FREE struct tfload *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t || !(t->piece = malloc(FILLER_PIECE)))
		return log_fail(-ENOMEM, "memory for checkpoints");
	t->setup = *setup;
	*out = TAKE(t);
	return 0;
}

void tfload_free(struct tfload *t)
{
	if (t)
		free(t->piece);
	free(t);
}

struct load {
	struct tfload *t;
	char name[NAME_SIZE]; /* of the file being read */
	struct source_file *f;
	struct sstable_block *block; /* of the index */
	size_t blocks;
	struct tfbundle_place *place;
	size_t places;
};

/* Room for one more of an array that doubles at powers of two. */
static int grow(void **array, size_t n, size_t size)
{
	void *grown;

	if (n & (n - 1))
		return 0;
	grown = reallocarray(*array, n ? 2 * n : 1, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	return 0;
}

static int damaged(const struct load *l, const char *wrong)
{
	log_error("checkpoint %s%s %s", source_place(l->t->setup.source),
		  l->name, wrong);
	return -EBADMSG;
}

static int open_file(struct load *l, const char *name, const char *suffix)
{
	int rc;

	snprintf(l->name, sizeof(l->name), "%s-1.%s", name, suffix);
	rc = source_open(l->t->setup.source, l->name, 0, &l->f);
	return rc ? log_fail(rc, "open checkpoint %s%s",
			     source_place(l->t->setup.source), l->name) :
		    0;
}

static int read_at(const struct load *l, void *out, uint64_t len,
		   uint64_t offset)
{
	ssize_t got = source_read_all(l->f, out, len, offset);

	if (got < 0)
		return log_fail((int)got, "read checkpoint %s%s at offset %llu",
				source_place(l->t->setup.source), l->name,
				(unsigned long long)offset);
	return got == (ssize_t)len ? 0 : damaged(l, "ends early");
}

static int read_block(struct load *l, const struct sstable_block *b,
		      sstable_take *take)
{
	AUTO_FREE uint8_t *block = NULL;
	const char *wrong;
	int rc;

	if (b->size > BLOCK_MAX || b->offset > l->f->size ||
	    b->size + SSTABLE_TRAILER_SIZE > l->f->size - b->offset)
		return damaged(l, "has a damaged index");
	block = malloc(b->size + SSTABLE_TRAILER_SIZE);
	if (!block)
		return log_fail(-ENOMEM, "memory for checkpoints");
	rc = read_at(l, block, b->size + SSTABLE_TRAILER_SIZE, b->offset);
	if (rc)
		return rc;
	wrong = sstable_each(block, b->size, take, l);
	return wrong ? damaged(l, wrong) : 0;
}

static const char *take_place(void *arg, const char *key, size_t key_len,
			      const uint8_t *value, size_t len)
{
	struct load *l = arg;
	struct tfbundle_place place;
	const char *wrong;

	(void)key;
	if (!key_len)
		return NULL; /* the header */
	wrong = tfbundle_parse(value, len, &place);
	if (wrong)
		return wrong;
	if (grow((void **)&l->place, l->places, sizeof(place)))
		return "has more variables than there is memory for";
	l->place[l->places++] = place;
	return NULL;
}

static const char *take_block(void *arg, const char *key, size_t key_len,
			      const uint8_t *value, size_t len)
{
	struct load *l = arg;
	struct sstable_block b;
	const char *wrong = sstable_parse_handle(value, len, &b);

	(void)key;
	(void)key_len;
	if (wrong)
		return wrong;
	if (grow((void **)&l->block, l->blocks, sizeof(b)))
		return "has more blocks than there is memory for";
	l->block[l->blocks++] = b;
	return NULL;
}

static int read_index(struct load *l)
{
	uint8_t footer[SSTABLE_FOOTER_SIZE];
	struct sstable_block index;
	const char *wrong;
	int rc;

	if (l->f->size < sizeof(footer))
		return damaged(l, "is too short");
	rc = read_at(l, footer, sizeof(footer), l->f->size - sizeof(footer));
	if (rc)
		return rc;
	wrong = sstable_parse_footer(footer, &index);
	if (wrong)
		return damaged(l, wrong);
	rc = read_block(l, &index, take_block);
	for (size_t i = 0; i < l->blocks && !rc; i++)
		rc = read_block(l, &l->block[i], take_place);
	if (!rc && !l->places)
		return damaged(l, "has no variable");
	return rc;
}

static int read_variable(struct load *l, const struct tfbundle_place *p)
{
	bool check = l->t->setup.check && !p->string;
	uint64_t left = p->size, offset = p->offset;
	uint32_t crc = 0;

	if (offset > l->f->size || left > l->f->size - offset)
		return damaged(l, "ends before what its index has");
	while (left > 0) {
		size_t len = MIN(left, FILLER_PIECE);
		int rc = read_at(l, l->t->piece, len, offset);
		uint64_t from_ns;

		if (rc)
			return rc;
		if (l->t->setup.stop && atomic_load(l->t->setup.stop))
			return -EINTR;
		from_ns = clock_ns();
		if (check)
			crc = crc_crc32c(crc, l->t->piece, len);
		l->t->check_ns += clock_ns() - from_ns;
		offset += len;
		left -= len;
	}
	if (check && crc_masked(crc) != p->crc)
		return damaged(l, "is damaged: a variable's CRC-32C is not the "
				  "one in the index");
	return 0;
}

static int load_index(struct load *l, const char *name, uint64_t *bytes)
{
	int rc = open_file(l, name, "index");

	if (rc)
		return rc;
	rc = read_index(l);
	*bytes += l->f->size;
	source_close(l->f);
	return rc;
}

static int load_data(struct load *l, const char *name, uint64_t *bytes)
{
	int rc = open_file(l, name, "data-00000-of-00001");

	if (rc)
		return rc;
	for (size_t i = 0; i < l->places && !rc; i++)
		rc = read_variable(l, &l->place[i]);
	*bytes += l->f->size;
	source_close(l->f);
	return rc;
}

int tfload_read(struct tfload *t, const char *name, uint64_t *bytes)
{
	struct load l = { .t = t };
	int rc;

	*bytes = 0;
	rc = load_index(&l, name, bytes);
	if (!rc)
		rc = load_data(&l, name, bytes);
	free(l.block);
	free(l.place);
	return rc;
}

uint64_t tfload_check_ns(const struct tfload *t)
{
	return t->check_ns;
}
