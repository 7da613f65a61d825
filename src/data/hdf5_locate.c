#include "data/hdf5_locate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* libhdf5 keeps chunks in memory up to this size; of larger ones that have no
 * filter it reads what is wanted. */
#define MAX_CACHED MIB

struct hdf5_locate {
	struct hdf5_device *device;
	hid_t file;
};

/* A dataset, open. */
struct dataset {
	struct hdf5_device *device;
	const char *name;
	hid_t id, space, properties;
	uint64_t element; /* bytes */
	unsigned ndims;
	hsize_t dims[H5S_MAX_RANK];
};

static int PRINTF(2, 3) bad(char wrong[HDF5_LOCATE_WRONG], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(wrong, HDF5_LOCATE_WRONG, fmt, args);
	va_end(args);
	return -EBADMSG;
}

int hdf5_locate_open(struct hdf5_device *d, struct hdf5_locate **out,
		     char wrong[HDF5_LOCATE_WRONG])
{
	struct hdf5_locate *l = calloc(1, sizeof(*l));
	hid_t access;

	if (!l)
		return -ENOMEM;
	access = hdf5_driver_access(d);
	l->file = H5Fopen("device", H5F_ACC_RDONLY, access);
	H5Pclose(access);
	if (l->file < 0) {
		free(l);
		return bad(wrong, "is no HDF5 file, or is damaged");
	}
	l->device = d;
	d->note_only = true;
	*out = l;
	return 0;
}

void hdf5_locate_close(struct hdf5_locate *l)
{
	if (!l)
		return;
	H5Fclose(l->file);
	free(l);
}

/* ---- In one piece ---- */

static int locate_whole(const struct dataset *d, struct hdf5_whole *out,
			char wrong[HDF5_LOCATE_WRONG])
{
	haddr_t at = H5Dget_offset(d->id);

	if (at == HADDR_UNDEF)
		return bad(wrong, "has no data in %s", d->name);
	*out = (struct hdf5_whole){ .offset = at,
				    .sample_bytes = d->element,
				    .samples = d->dims[0] };
	for (unsigned i = 1; i < d->ndims; i++)
		out->sample_bytes *= d->dims[i];
	return HDF5_LOCATE_WHOLE;
}

/* ---- In chunks ---- */

static int get_filter(const struct dataset *d, struct hdf5_shape *s,
		      char wrong[HDF5_LOCATE_WRONG])
{
	static const struct {
		H5Z_filter_t id;
		enum hdf5_filter filter;
	} filters[] = {
		{ H5Z_FILTER_DEFLATE, HDF5_GZIP },
		{ HDF5_LZF_ID, HDF5_LZF },
		{ H5Z_FILTER_SZIP, HDF5_SZIP },
	};
	int n = H5Pget_nfilters(d->properties);
	unsigned flags;
	size_t values = 0;
	H5Z_filter_t id;

	if (n == 0)
		return 0;
	id = H5Pget_filter2(d->properties, 0, &flags, &values, NULL, 0, NULL,
			    NULL);
	for (size_t i = 0; n == 1 && i < ARRAY_SIZE(filters); i++)
		if (filters[i].id == id) {
			s->filter = filters[i].filter;
			return 0;
		}
	return bad(wrong, "has filters on %s other than gzip, lzf or szip",
		   d->name);
}

/* Filters do not care for more of a type than its size. */
static const struct dtype *type_of_size(uint64_t bytes)
{
	const struct dtype *t;

	for (size_t i = 0; (t = dtype_at(i)); i++)
		if (t->size == bytes)
			return t;
	return NULL;
}

static int get_chunk(const struct dataset *d, struct hdf5_shape *s,
		     char wrong[HDF5_LOCATE_WRONG])
{
	hsize_t chunk[H5S_MAX_RANK];

	if (d->ndims > NPY_MAX_DIMS ||
	    H5Pget_chunk(d->properties, (int)d->ndims, chunk) < 0)
		return bad(wrong, "has unreadable chunks in %s", d->name);
	s->dtype = type_of_size(d->element);
	if (!s->dtype)
		return bad(wrong, "has elements in %s that DLIO never writes",
			   d->name);
	s->ndims = d->ndims;
	for (unsigned i = 0; i < d->ndims; i++) {
		s->dims[i] = d->dims[i];
		s->chunk[i] = chunk[i];
	}
	return get_filter(d, s, wrong);
}

static int add_part(struct hdf5_parts *p, const struct hdf5_part *part)
{
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 16;
		void *more = realloc(p->part, room * sizeof(*p->part));

		if (!more)
			return -ENOMEM;
		p->part = more;
		p->room = room;
	}
	p->part[p->n++] = *part;
	return 0;
}

/* libhdf5 reads the chunk as it is in the file, and the device notes where.
 * (To ask it by H5Dget_chunk_info_by_coord() goes through all of the index each
 * time.)  A chunk that was never written has no bytes, and nobody reads it. */
static int add_chunk(const struct dataset *d, const hsize_t *start,
		     struct hdf5_parts *parts, char wrong[HDF5_LOCATE_WRONG])
{
	char nothing[1]; /* is what the device gives */
	uint32_t skipped = 0;
	hsize_t len = 0;
	struct hdf5_part part;

	if (H5Dget_chunk_storage_size(d->id, start, &len) < 0)
		return bad(wrong, "has an unreadable index of %s", d->name);
	if (len == 0)
		return 0;
	if (H5Dread_chunk(d->id, H5P_DEFAULT, start, &skipped, nothing) < 0)
		return bad(wrong, "has an unreadable index of %s", d->name);
	part = (struct hdf5_part){ d->device->noted, len, skipped != 0 };
	return add_part(parts, &part);
}

/* All chunks that the sample is in; the last index goes first. */
static int add_chunks(const struct dataset *d, const struct hdf5_shape *s,
		      uint64_t sample, struct hdf5_parts *parts,
		      char wrong[HDF5_LOCATE_WRONG])
{
	hsize_t start[NPY_MAX_DIMS] = { sample / s->chunk[0] * s->chunk[0] };
	unsigned i = 1;
	int rc = 0;

	parts->n = 0;
	while (rc == 0 && i > 0) {
		rc = add_chunk(d, start, parts, wrong);
		for (i = s->ndims - 1; i > 0; i--) {
			start[i] += s->chunk[i];
			if (start[i] < s->dims[i])
				break;
			start[i] = 0;
		}
	}
	return rc;
}

static void narrow(const struct hdf5_shape *s, uint64_t sample,
		   struct hdf5_parts *parts, uint64_t bytes)
{
	for (size_t i = 0; i < parts->n; i++) {
		parts->part[i].offset += sample % s->chunk[0] * bytes;
		parts->part[i].len = bytes;
	}
}

static int locate_chunks(const struct dataset *d, uint64_t sample,
			 struct hdf5_parts *parts, struct hdf5_sample *out,
			 char wrong[HDF5_LOCATE_WRONG])
{
	struct hdf5_shape *s = &out->shape;
	int rc;

	*out = (struct hdf5_sample){ .part_bytes = d->element };
	if (sample >= d->dims[0])
		return bad(wrong, "has no sample %" PRIu64 " in %s", sample,
			   d->name);
	rc = get_chunk(d, s, wrong);
	if (rc < 0)
		return rc;
	/* HDF5 itself has no chunk of 4 GiB. */
	for (unsigned i = 0; i < s->ndims; i++)
		if (__builtin_mul_overflow(out->part_bytes, s->chunk[i],
					   &out->part_bytes) ||
		    out->part_bytes > UINT32_MAX)
			return bad(wrong, "has too large chunks in %s",
				   d->name);
	rc = add_chunks(d, s, sample, parts, wrong);
	if (rc < 0)
		return rc;
	if (s->filter == HDF5_NO_FILTER && out->part_bytes > MAX_CACHED) {
		out->part_bytes /= s->chunk[0];
		narrow(s, sample, parts, out->part_bytes);
	}
	out->n = parts->n;
	out->parts = parts->part;
	return HDF5_LOCATE_CHUNKS;
}

/* ---- Datasets ---- */

static int describe(struct dataset *d, char wrong[HDF5_LOCATE_WRONG])
{
	hid_t type = H5Dget_type(d->id);
	int ndims;

	d->element = H5Tget_size(type);
	H5Tclose(type);
	d->space = H5Dget_space(d->id);
	d->properties = H5Dget_create_plist(d->id);
	ndims = H5Sget_simple_extent_ndims(d->space);
	if (ndims < 1 || !d->element || d->properties < 0 ||
	    H5Sget_simple_extent_dims(d->space, d->dims, NULL) != ndims)
		return bad(wrong, "has no samples in %s", d->name);
	d->ndims = (unsigned)ndims;
	return 0;
}

static int locate_in(struct dataset *d, uint64_t sample,
		     struct hdf5_whole *whole, struct hdf5_parts *parts,
		     struct hdf5_sample *out, char wrong[HDF5_LOCATE_WRONG])
{
	int rc = describe(d, wrong);

	if (rc < 0)
		return rc;
	switch (H5Pget_layout(d->properties)) {
	case H5D_CONTIGUOUS:
		return locate_whole(d, whole, wrong);
	case H5D_CHUNKED:
		return locate_chunks(d, sample, parts, out, wrong);
	default:
		return bad(wrong, "has %s neither in one piece nor in chunks",
			   d->name);
	}
}

int hdf5_locate_find(struct hdf5_locate *l, unsigned dataset, uint64_t sample,
		     struct hdf5_whole *whole, struct hdf5_parts *parts,
		     struct hdf5_sample *out, char wrong[HDF5_LOCATE_WRONG])
{
	char name[32];
	struct dataset d = { .device = l->device,
			     .name = name,
			     .space = H5I_INVALID_HID,
			     .properties = H5I_INVALID_HID };
	int rc;

	snprintf(name, sizeof(name), "records_%u", dataset);
	d.id = H5Dopen2(l->file, name, H5P_DEFAULT);
	if (d.id < 0)
		return bad(wrong, "has no dataset %s, or is damaged", name);
	rc = locate_in(&d, sample, whole, parts, out, wrong);
	H5Pclose(d.properties);
	H5Sclose(d.space);
	H5Dclose(d.id);
	return rc;
}
