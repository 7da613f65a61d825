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
#define SMALL_MAX (64 * MIB)
#define SMALL_FIRST (64 * KIB)

/* miniz looks for the end of the directory in the last so many bytes. */
#define PROBE 4096u

#define TURN (8 * TORCHLOAD_PIECE)

struct torchload {
	struct torchload_setup setup;
	struct pyfile *py;
	uint64_t check_ns;
	uint8_t *small; /* at least SMALL_FIRST */
	size_t small_room;
};

int torchload_new(const struct torchload_setup *setup, struct torchload **out)
{
	AUTO_FREE struct torchload *t = calloc(1, sizeof(*t));

	*out = NULL;
	if (!t || !(t->small = malloc(SMALL_FIRST)) ||
	    pyfile_new(TORCHLOAD_PIECE, &t->py)) {
		torchload_free(TAKE(t));
		return log_fail(-ENOMEM, "memory for checkpoints");
	}
	t->small_room = SMALL_FIRST;
	t->setup = *setup;
	*out = TAKE(t);
	return 0;
}

void torchload_free(struct torchload *t)
{
	if (!t)
		return;
	pyfile_free(t->py);
	free(t->small);
	free(t);
}

/* Members that a file has, tensors by their number. */
struct members {
	struct unzip_member version, pickle;
	struct unzip_member *tensor;
	size_t tensors;
};

struct load {
	struct torchload *t;
	const char *name;
	uint64_t size;
	struct members members;
	uint32_t crc; /* of the tensor being read */
};

static int damaged(const struct load *l, const char *wrong)
{
	log_error("checkpoint %s%s %s", source_place(l->t->setup.source),
		  l->name, wrong);
	return -EBADMSG;
}

static int read_failed(const struct load *l, int64_t rc)
{
	if (rc >= 0)
		return damaged(l, "ends early");
	return log_fail((int)rc, "read checkpoint %s%s at offset %llu",
			source_place(l->t->setup.source), l->name,
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

/* The same, to t->small. */
static int read_small(const struct load *l, uint64_t offset, uint64_t n)
{
	struct torchload *t = l->t;

	if (n > t->small_room) {
		uint8_t *grown = realloc(t->small, n);

		if (!grown)
			return log_fail(-ENOMEM, "memory for checkpoints");
		t->small = grown;
		t->small_room = n;
	}
	return read_at(l, offset, t->small, n);
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
	if (end->dir_size > MIN(SMALL_MAX, l->size) ||
	    end->dir_offset > l->size)
		return damaged(l, "has a damaged ZIP directory");
	return read_small(l, end->dir_offset, end->dir_size);
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

static int read_member(const struct load *l, const struct unzip_member *m)
{
	uint64_t data;
	int rc = open_member(l, m, &data);

	if (rc)
		return rc;
	if (m->size > SMALL_MAX)
		return damaged(l, "is not of our kind");
	return read_small(l, data, m->size);
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
	l->crc = 0;
	pyfile_seek(l->t->py, data);
	while (left > 0) {
		/* In turns only to be able to stop. */
		uint64_t n = left > 2 * TURN ? TURN : left;
		int64_t got = pyfile_readinto_past(l->t->py, n, add, l);

		if (got != (int64_t)n)
			return read_failed(l, got);
		if (l->t->setup.stop && atomic_load(l->t->setup.stop))
			return -EINTR;
		left -= n;
	}
	if (l->t->setup.check && l->crc != m->crc)
		return damaged(l, "is damaged: a tensor's CRC-32 is not the "
				  "one in the directory");
	return 0;
}

/* The number of a tensor's storage: "archive/data/17"; -1: it is none. */
static int64_t tensor_number(const char *name, size_t len)
{
	static const char folder[] = "archive/data/";
	const size_t skip = sizeof(folder) - 1;
	int64_t number = 0;

	if (len <= skip || len > skip + 9 || memcmp(name, folder, skip))
		return -1;
	for (size_t i = skip; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		number = 10 * number + (name[i] - '0');
	}
	return number;
}

/* With tensors NULL, only count them. */
static const char *list_tensors(const uint8_t *dir, size_t len,
				struct members *out)
{
	size_t n = 0;

	while (len > 0) {
		struct unzip_member m;
		const char *name;
		size_t name_len, entry;
		int64_t number;

		entry = unzip_entry(dir, len, &name, &name_len, &m);
		if (!entry)
			return "has a damaged ZIP directory";
		number = tensor_number(name, name_len);
		if (out->tensor && number >= (int64_t)out->tensors)
			return "lacks a tensor";
		if (out->tensor && number >= 0)
			out->tensor[number] = m;
		n += number >= 0;
		dir += entry;
		len -= entry;
	}
	out->tensors = n;
	return NULL;
}

static const char *list_members(const uint8_t *dir, size_t len,
				struct members *out)
{
	const char *wrong =
		unzip_find(dir, len, "archive/version", &out->version);

	if (!wrong)
		wrong = unzip_find(dir, len, "archive/data.pkl", &out->pickle);
	if (!wrong)
		wrong = list_tensors(dir, len, out);
	if (wrong || !out->tensors)
		return wrong ? wrong : "has no tensor";
	out->tensor = calloc(out->tensors, sizeof(*out->tensor));
	if (!out->tensor)
		return "has more tensors than there is memory for";
	wrong = list_tensors(dir, len, out);
	/* The pickle is at offset 0, no tensor is. */
	for (size_t i = 0; i < out->tensors && !wrong; i++)
		if (!out->tensor[i].header_offset)
			wrong = "lacks a tensor";
	return wrong;
}

/* PyTorch meets the tensors in the pickle, where they have been numbered. */
static int load_file(struct load *l)
{
	struct members *m = &l->members;
	struct unzip_end end;
	const char *wrong;
	int rc;

	rc = read_start(l);
	if (rc)
		return rc;
	rc = read_directory(l, &end);
	if (rc)
		return rc;
	wrong = list_members(l->t->small, end.dir_size, m);
	if (wrong)
		return damaged(l, wrong);
	rc = read_member(l, &m->version);
	if (!rc)
		rc = read_member(l, &m->pickle);
	for (size_t i = 0; i < m->tensors && !rc; i++)
		rc = read_tensor(l, &m->tensor[i]);
	return rc;
}

int torchload_read(struct torchload *t, const char *name, uint64_t *bytes)
{
	struct load l = { .t = t, .name = name };
	struct source_file *f;
	int rc;

	rc = source_open(t->setup.source, name, 0, &f);
	if (rc)
		return log_fail(rc, "open checkpoint %s%s",
				source_place(t->setup.source), name);
	l.size = f->size;
	rc = pyfile_open(t->py, f);
	if (rc)
		log_fail(rc, "memory for checkpoints");
	else
		rc = load_file(&l);
	*bytes = f->size;
	free(l.members.tensor);
	source_close(f);
	return rc;
}

uint64_t torchload_check_ns(const struct torchload *t)
{
	return t->check_ns;
}
