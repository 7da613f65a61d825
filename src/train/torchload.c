#include "train/torchload.h"

#include "base/clock.h"
#include "base/crc.h"
#include "base/log.h"
#include "train/pyfile.h"
#include "train/source.h"
#include "train/unzip.h"

#include <errno.h>
#include <string.h>

/* Directories, pickles: what is not a tensor is small. */
#define SMALL_MAX (64 * KIB)

/* miniz looks for the end of the directory in the last so many bytes. */
#define PROBE 4096u

#define TURN (8 * TORCHLOAD_PIECE)

struct torchload {
	struct torchload_setup setup;
	struct pyfile *py;
	uint64_t check_ns;
	uint8_t small[SMALL_MAX];
};

int torchload_new(const struct torchload_setup *setup, struct torchload **out)
{
	AUTO_FREE struct torchload *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t || pyfile_new(TORCHLOAD_PIECE, &t->py))
		return log_fail(-ENOMEM, "memory for checkpoints");
	t->setup = *setup;
	*out = TAKE(t);
	return 0;
}

void torchload_free(struct torchload *t)
{
	if (t)
		pyfile_free(t->py);
	free(t);
}

struct load {
	struct torchload *t;
	const char *name;
	uint64_t size;
	uint32_t crc;
};

static int damaged(const struct load *l, const char *wrong)
{
	log_error("checkpoint %s %s", l->name, wrong);
	return -EBADMSG;
}

static int read_failed(const struct load *l, int64_t rc)
{
	if (rc >= 0)
		return damaged(l, "ends early");
	return log_fail((int)rc, "read checkpoint %s at offset %llu", l->name,
			(unsigned long long)pyfile_offset(l->t->py));
}

/* PyTorch's reader seeks and reads into memory, for every little thing. */
static int read_at(const struct load *l, uint64_t offset, void *out, size_t n)
{
	ssize_t got;

	pyfile_seek(l->t->py, offset);
	got = pyfile_readinto(l->t->py, out, n);
	return got == (ssize_t)n ? 0 : read_failed(l, got);
}

/* Is it an archive?  torch.load() looks, then measures the file; PyTorch's
 * reader looks whether it is some older format. */
static int read_start(const struct load *l)
{
	uint8_t *small = l->t->small;
	ssize_t got = pyfile_read(l->t->py, small, 4);

	if (got != 4)
		return read_failed(l, got);
	if (memcmp(small, "PK\3\4", 4))
		return damaged(l, "is no file of torch.save()");
	pyfile_seek_end(l->t->py, 0);
	return read_at(l, 0, small, MIN(8, l->size));
}

static int read_directory(const struct load *l, struct unzip_end *end)
{
	uint64_t probe = MIN(PROBE, l->size), tail = UNZIP_END_SIZE;
	uint8_t *small = l->t->small;
	const char *wrong;
	int rc;

	rc = read_at(l, l->size - probe, small, probe);
	if (rc)
		return rc;
	if (l->size < tail + UNZIP_LOCATOR_SIZE + UNZIP_END64_SIZE)
		return damaged(l, "is too short");
	rc = read_at(l, l->size - tail, small, UNZIP_END_SIZE);
	if (rc)
		return rc;
	wrong = unzip_parse_end(small, end);
	if (wrong)
		return damaged(l, wrong);
	tail += UNZIP_LOCATOR_SIZE;
	rc = read_at(l, l->size - tail, small, UNZIP_LOCATOR_SIZE);
	if (rc)
		return rc;
	if (!unzip_is_locator(small))
		return damaged(l, "has no ZIP64 directory");
	tail += UNZIP_END64_SIZE;
	rc = read_at(l, l->size - tail, small, UNZIP_END64_SIZE);
	if (rc)
		return rc;
	wrong = unzip_parse_end64(small, end);
	if (wrong)
		return damaged(l, wrong);
	if (end->dir_size > SMALL_MAX || end->dir_offset > l->size)
		return damaged(l, "has a damaged ZIP directory");
	return read_at(l, end->dir_offset, small, end->dir_size);
}

/* A member's header, and where its data begins. */
static int open_member(const struct load *l, const struct unzip_member *m,
		       uint64_t *data)
{
	uint8_t local[UNZIP_LOCAL_SIZE];
	size_t name_len, extra_len;
	const char *wrong;
	int rc;

	rc = read_at(l, m->header_offset, local, sizeof(local));
	if (rc)
		return rc;
	wrong = unzip_parse_local(local, &name_len, &extra_len);
	*data = m->header_offset + sizeof(local) + name_len + extra_len;
	if (!wrong)
		wrong = unzip_check_stored(m, *data, l->size);
	return wrong ? damaged(l, wrong) : 0;
}

static int read_small(const struct load *l, const struct unzip_member *m)
{
	uint64_t data;
	int rc = open_member(l, m, &data);

	if (rc)
		return rc;
	if (m->size > SMALL_MAX)
		return damaged(l, "is not of our kind");
	return read_at(l, data, l->t->small, m->size);
}

static void add(void *arg, const void *data, size_t n)
{
	struct load *l = arg;
	uint64_t from_ns;

	if (!l->t->setup.check)
		return;
	from_ns = clock_ns();
	l->crc = crc_crc32(l->crc, data, n);
	l->t->check_ns += clock_ns() - from_ns;
}

static int read_tensor(struct load *l, const struct unzip_member *m)
{
	uint64_t data, left = m->size;
	int rc = open_member(l, m, &data);

	if (rc)
		return rc;
	pyfile_seek(l->t->py, data);
	do {
		/* In turns only to be able to stop. */
		uint64_t n = left > 2 * TURN ? TURN : left;
		int64_t got = pyfile_readinto_past(l->t->py, n, add, l);

		if (got != (int64_t)n)
			return read_failed(l, got);
		if (l->t->setup.stop && atomic_load(l->t->setup.stop))
			return -EINTR;
		left -= n;
	} while (left > 0);
	if (l->t->setup.check && l->crc != m->crc)
		return damaged(l, "is damaged: the tensor's CRC-32 is not the "
				  "one in its directory");
	return 0;
}

static int load_file(struct load *l)
{
	static const char *const names[] = { "archive/version",
					     "archive/data.pkl",
					     "archive/data/0" };
	struct unzip_member member[ARRAY_SIZE(names)];
	struct unzip_end end;
	int rc;

	rc = read_start(l);
	if (rc)
		return rc;
	rc = read_directory(l, &end);
	if (rc)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *wrong = unzip_find(l->t->small, end.dir_size,
					       names[i], &member[i]);

		if (wrong)
			return damaged(l, wrong);
	}
	rc = read_small(l, &member[0]);
	if (rc)
		return rc;
	rc = read_small(l, &member[1]);
	return rc ? rc : read_tensor(l, &member[2]);
}

int torchload_read(struct torchload *t, const char *name, uint64_t *bytes)
{
	struct load l = { .t = t, .name = name };
	struct source_file *f;
	int rc;

	rc = source_open(t->setup.source, name, 0, &f);
	if (rc)
		return log_fail(rc, "open checkpoint %s", name);
	l.size = f->size;
	rc = pyfile_open(t->py, f);
	if (rc)
		log_fail(rc, "memory for checkpoints");
	else
		rc = load_file(&l);
	*bytes = f->size;
	source_close(f);
	return rc;
}

uint64_t torchload_check_ns(const struct torchload *t)
{
	return t->check_ns;
}
