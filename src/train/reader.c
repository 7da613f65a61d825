#include "train/reader.h"

#include "base/clock.h"
#include "base/crc.h"
#include "base/log.h"
#include "data/dtype.h"
#include "data/npy.h"
#include "train/reader_format.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

/* What np.load() asks for at once; larger reads do not happen in an NPZ. */
#define SCRATCH (256 * KIB)

/* DLIO's synthetic reader touches no file; most of the others read the same way
 * whether odirect is set or not. */
static const struct reader_format formats[] = {
	{ .name = "npz",
	  .proof = READER_PROOF_OWN,
	  .whole = true,
	  .plain = reader_npz_read,
	  .direct = reader_direct_npz },
	{ .name = "npy",
	  .proof = READER_PROOF_FILE,
	  .whole = true,
	  .plain = reader_npy_read,
	  .direct = reader_direct_npy },
	{ .name = "csv",
	  .proof = READER_PROOF_FILE,
	  .whole = true,
	  .plain = reader_csv_read },
	{ .name = "jpeg",
	  .proof = READER_PROOF_FILE,
	  .whole = true,
	  .plain = reader_jpeg_read },
	{ .name = "png",
	  .proof = READER_PROOF_OWN,
	  .whole = true,
	  .plain = reader_png_read },
	{ .name = "tfrecord",
	  .proof = READER_PROOF_OWN,
	  .sample = reader_tfrecord_sample,
	  .forget = reader_tfrecord_forget },
	{ .name = "hdf5",
	  .proof = READER_PROOF_NONE,
	  .sample = reader_hdf5_sample,
	  .forget = reader_hdf5_forget },
	{ .name = "indexed_binary",
	  .proof = READER_PROOF_NONE,
	  .parts = true,
	  .expect = reader_indexed_expect,
	  .sample = reader_indexed_sample,
	  .forget = reader_indexed_forget },
	{ .name = "mmap_indexed_binary",
	  .proof = READER_PROOF_NONE,
	  .parts = true,
	  .expect = reader_mmap_expect,
	  .sample = reader_mmap_sample,
	  .forget = reader_mmap_forget },
	{ .name = "parquet",
	  .proof = READER_PROOF_OWN,
	  .parts = true,
	  .sample = reader_parquet_sample,
	  .forget = reader_parquet_forget },
	{ .name = "synthetic", .proof = READER_PROOF_OWN, .parts = true },
};

static const struct reader_format *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

bool reader_can_read(const char *format)
{
	return find(format) != NULL;
}

enum reader_proof reader_proof(const char *format)
{
	const struct reader_format *f = find(format);

	return f ? f->proof : READER_PROOF_NONE;
}

bool reader_takes_files(const char *format)
{
	const struct reader_format *f = find(format);

	return f && !f->parts;
}

bool reader_expects(const struct reader *r)
{
	return r->format->expect;
}

int reader_new(const struct reader_setup *setup, struct reader **out)
{
	const struct reader_format *format = find(setup->format);
	struct reader *r;
	int rc;

	*out = NULL;
	if (!format)
		return log_invalid("the trainer cannot read format %s",
				   setup->format);
	r = calloc(1, sizeof(*r));
	if (!r)
		return log_fail(-ENOMEM, "a reader");
	r->source = setup->source;
	r->stop = setup->stop;
	r->format = format;
	r->direct = setup->direct && format->direct;
	r->open_flags = r->direct ? SOURCE_DIRECT : 0;
	r->check = setup->check;
	r->touch = setup->touch;
	r->columns = setup->columns;
	r->samples = setup->samples;
	r->datasets = MAX(setup->datasets, 1);
	r->transfer_size = setup->transfer_size;
	r->keep_open = setup->keep_open;
	rc = pyfile_new(SCRATCH, &r->py);
	if (rc) {
		reader_free(r);
		return log_fail(rc, "a reader");
	}
	*out = r;
	return 0;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	if (r->format->forget)
		r->format->forget(r);
	pyfile_free(r->py);
	free(r->image);
	free(r);
}

static int PRINTF(3, 4) fault(struct reader *r, int rc, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->fault, sizeof(r->fault), fmt, args);
	va_end(args);
	return rc;
}

int reader_wrong(struct reader *r, const char *wrong)
{
	return fault(r, -EBADMSG, "%s%s %s", source_place(r->source),
		     r->file->name, wrong);
}

int reader_wrong_in(struct reader *r, const char *fmt, ...)
{
	char wrong[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(wrong, sizeof(wrong), fmt, args);
	va_end(args);
	return reader_wrong(r, wrong);
}

int reader_failed(struct reader *r, int64_t rc, uint64_t offset)
{
	if (rc < 0)
		return fault(r, (int)rc, "read %s%s at offset %llu: %s",
			     source_place(r->source), r->file->name,
			     (unsigned long long)offset, strerror((int)-rc));
	return fault(r, -EBADMSG, "%s%s ends early, at offset %llu",
		     source_place(r->source), r->file->name,
		     (unsigned long long)offset);
}

int reader_read_range(struct reader *r, struct source_file *f, void *to,
		      size_t len, uint64_t offset)
{
	ssize_t got = source_read_all(f, to, len, offset);

	if (got == (ssize_t)len)
		return 0;
	return reader_failed(r, got, got > 0 ? offset + (size_t)got : offset);
}

int reader_reserve(struct reader *r, uint64_t bytes)
{
	if (bytes <= r->room)
		return 0;
	free(r->image);
	r->image = NULL;
	r->room = 0;
	if (bytes <= INT64_MAX) { /* rounding up cannot make it 0 */
		bytes = round_up(bytes, READER_ALIGN);
		r->image = aligned_alloc(READER_ALIGN, bytes);
	}
	if (!r->image)
		return fault(r, -ENOMEM, "%s%s needs %llu bytes of memory",
			     source_place(r->source), r->file->name,
			     (unsigned long long)bytes);
	r->room = bytes;
	return 0;
}

void reader_add(void *arg, const void *data, size_t n)
{
	struct reader_sum *sum = arg;
	uint64_t from_ns;

	if (!sum->reader->check)
		return;
	from_ns = clock_ns();
	sum->crc = crc_crc32(sum->crc, data, n);
	sum->reader->check_ns += clock_ns() - from_ns;
}

/* Bytes of the items of a shape; false if no number of bytes. */
static bool multiply(const struct npy *a, uint64_t item, uint64_t *out)
{
	*out = item;
	for (unsigned i = 0; i < a->ndims; i++)
		if (__builtin_mul_overflow(*out, a->shape[i], out))
			return false;
	return true;
}

int reader_parse(struct reader *r, const void *data, size_t have, uint64_t size,
		 struct reader_array *out)
{
	const struct dtype *type;
	struct npy head;
	ssize_t len;

	len = npy_parse(data, have, &head);
	if (len <= 0)
		return reader_wrong(r, len ? "has no NPY header" :
					     "has a cut or endless NPY header");
	type = dtype_find(head.descr);
	if (!type)
		return reader_wrong(r, "has elements of a type DLIO never "
				       "writes");
	out->data_offset = (uint64_t)len;
	out->item_bytes = type->size;
	if (!multiply(&head, type->size, &out->data_bytes) ||
	    out->data_bytes != size - out->data_offset)
		return reader_wrong(r, "is not as long as its header says");
	return 0;
}

int reader_check_sum(const struct reader_sum *sum)
{
	struct reader *r = sum->reader;

	if (!r->check || !r->file->crc || sum->crc == *r->file->crc)
		return 0;
	return reader_wrong(r, "is damaged: its CRC-32 is not that of what was "
			       "generated");
}

int reader_check_whole(struct reader *r, uint64_t size)
{
	struct reader_sum sum = { .reader = r };

	if (!r->file->crc)
		return 0;
	reader_add(&sum, r->image, size);
	return reader_check_sum(&sum);
}

#define PREFIX 16

int reader_look(struct reader *r, struct source_file *f)
{
	uint8_t prefix[PREFIX];
	ssize_t got;
	int rc = pyfile_open(r->py, f);

	if (rc)
		return reader_failed(r, rc, 0);
	got = pyfile_read(r->py, prefix, sizeof(prefix));
	if (got < 0)
		return reader_failed(r, got, 0);
	pyfile_seek(r->py, 0);
	return 0;
}

static int check_size(struct reader *r, const struct source_file *f)
{
	if (!r->check || r->file->size == READER_ANY_SIZE ||
	    f->size == r->file->size)
		return 0;
	return fault(
		r, -EBADMSG,
		"%s%s has %llu bytes; generated from this configuration it "
		"has %llu",
		source_place(r->source), r->file->name,
		(unsigned long long)f->size, (unsigned long long)r->file->size);
}

/* What an error of opening a file means here. */
static const char *reason(const struct reader *r, int rc)
{
	if (rc == -EINVAL && r->open_flags)
		return " (O_DIRECT is refused there)";
	if (rc == -ESTALE)
		return " (it is of another size than this configuration "
		       "generates, or was replaced)";
	return "";
}

int reader_cannot_open(struct reader *r, const char *name, int rc)
{
	return fault(r, rc, "open %s%s: %s%s", source_place(r->source), name,
		     strerror(-rc), reason(r, rc));
}

int reader_open(struct reader *r, const char *name, bool data,
		struct source_file **out)
{
	int rc = source_open(r->source, name, r->open_flags, out);

	if (rc)
		return reader_cannot_open(r, name, rc);
	(*out)->stop = r->stop;
	rc = data ? check_size(r, *out) : 0;
	if (rc) {
		source_close(*out);
		*out = NULL;
	}
	return rc;
}

static int read_file(struct reader *r)
{
	const struct reader_format *t = r->format;
	struct source_file *f;
	int rc;

	if (r->file->kept && t->whole)
		return 0;
	rc = reader_open(r, r->file->name, true, &f);
	if (rc)
		return rc;
	r->bytes = f->size;
	rc = r->direct ? t->direct(r, f) : t->plain(r, f);
	source_close(f);
	return rc;
}

static void begin(struct reader *r, const struct reader_file *file)
{
	r->file = file;
	r->bytes = 0;
	r->check_ns = 0;
	r->fault[0] = '\0';
}

static void end(const struct reader *r, uint64_t from_ns,
		struct reader_cost *cost)
{
	*cost = (struct reader_cost){ .bytes = r->bytes,
				      .read_ns = clock_ns() - from_ns,
				      .check_ns = r->check_ns };
}

int reader_expect(struct reader *r, const char *name, struct reader_cost *cost)
{
	const struct reader_file file = { .name = name,
					  .size = READER_ANY_SIZE };
	uint64_t from_ns = clock_ns();
	int rc;

	begin(r, &file);
	rc = r->format->expect ? r->format->expect(r) : 0;
	end(r, from_ns, cost);
	r->file = NULL;
	return rc;
}

int reader_read(struct reader *r, const struct reader_file *file,
		struct reader_cost *cost)
{
	uint64_t from_ns = clock_ns();
	int rc = 0;

	begin(r, file);
	if (r->format->sample)
		rc = r->format->sample(r);
	else if (r->format->plain)
		rc = read_file(r);
	end(r, from_ns, cost);
	return rc;
}

const char *reader_fault(const struct reader *r)
{
	return r->fault;
}
