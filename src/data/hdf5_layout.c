#include "data/hdf5_layout.h"

#include "data/hdf5_driver.h"
#include "data/hdf5_times.h"
#include "data/hdf5_types.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define LABEL_BYTES 8

/* The revision of h5py's filter and version of LibLZF that it writes down. */
enum { LZF_REVISION = 4, LZF_VERSION = 0x0105 };

/* The file that libhdf5 writes: what describes the data goes to memory, and
 * of the data only the place is kept. */
struct sketch {
	struct hdf5_device device;
	int fd;
	struct hdf5_extent *extents;
	size_t n, room;
	bool in_chunks; /* each chunk is written, and this is its place */
	unsigned dataset;
	uint64_t chunk;
};

static int sketch_read(struct hdf5_device *d, void *buf, size_t len,
		       uint64_t offset)
{
	struct sketch *s = CONTAINER_OF(d, struct sketch, device);
	ssize_t got = pread(s->fd, buf, len, (off_t)offset);

	if (got < 0)
		return -errno;
	memset((char *)buf + got, 0, len - (size_t)got);
	return 0;
}

static int add(struct sketch *s, enum hdf5_kind kind, uint64_t offset,
	       uint64_t len)
{
	if (s->n == s->room) {
		size_t room = s->room ? 2 * s->room : 16;
		void *more = realloc(s->extents, room * sizeof(*s->extents));

		if (!more)
			return -ENOMEM;
		s->extents = more;
		s->room = room;
	}
	s->extents[s->n++] = (struct hdf5_extent){
		.kind = kind,
		.offset = offset,
		.len = len,
		.dataset = s->dataset,
		.chunk = s->chunk,
	};
	return 0;
}

static int sketch_write(struct hdf5_device *d, const void *buf, size_t len,
			uint64_t offset, bool raw)
{
	struct sketch *s = CONTAINER_OF(d, struct sketch, device);

	if (raw)
		return s->in_chunks ? add(s, HDF5_RECORDS, offset, len) : 0;
	if (pwrite(s->fd, buf, len, (off_t)offset) != (ssize_t)len)
		return -ENOSPC;
	return 0;
}

/* ---- Datasets ---- */

/* As h5py sets it: no times, no order of attributes, and of what is chunked
 * the value that fills it is written at once. */
static hid_t make_properties(void)
{
	hid_t p = H5Pcreate(H5P_DATASET_CREATE);

	if (p >= 0 && H5Pset_obj_track_times(p, false) >= 0 &&
	    H5Pset_attr_creation_order(p, 0) >= 0)
		return p;
	H5Pclose(p);
	return H5I_INVALID_HID;
}

static herr_t set_filter(hid_t p, const struct hdf5_shape *s)
{
	unsigned lzf[] = { LZF_REVISION, LZF_VERSION, 0 };

	switch (s->filter) {
	case HDF5_NO_FILTER:
		return 0;
	case HDF5_GZIP:
		return H5Pset_deflate(p, s->level);
	case HDF5_LZF:
		lzf[2] = (unsigned)hdf5_shape_bytes(s);
		return H5Pset_filter(p, HDF5_LZF_ID, H5Z_FLAG_OPTIONAL,
				     ARRAY_SIZE(lzf), lzf);
	case HDF5_SZIP:
		return H5Pset_szip(p, H5_SZIP_NN_OPTION_MASK, 8);
	}
	return -1;
}

static herr_t set_chunks(hid_t p, const struct hdf5_shape *s)
{
	hsize_t chunk[NPY_MAX_DIMS];

	if (!s->chunk[0])
		return 0;
	for (unsigned i = 0; i < s->ndims; i++)
		chunk[i] = s->chunk[i];
	if (H5Pset_chunk(p, (int)s->ndims, chunk) < 0 ||
	    H5Pset_fill_time(p, H5D_FILL_TIME_ALLOC) < 0)
		return -1;
	return set_filter(p, s);
}

static hid_t make_space(const struct hdf5_shape *s)
{
	hsize_t dims[NPY_MAX_DIMS], max[NPY_MAX_DIMS];

	for (unsigned i = 0; i < s->ndims; i++) {
		dims[i] = s->dims[i];
		max[i] = s->chunk[0] ? s->max[i] : s->dims[i];
	}
	return H5Screate_simple((int)s->ndims, dims, max);
}

static hid_t make_dataset(hid_t file, const char *name,
			  const struct hdf5_shape *s)
{
	hid_t type = hdf5_types_make(s->dtype);
	hid_t space = make_space(s), properties = make_properties();
	hid_t dataset = H5I_INVALID_HID;

	if (type >= 0 && space >= 0 && properties >= 0 &&
	    set_chunks(properties, s) >= 0)
		dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT,
				     properties, H5P_DEFAULT);
	H5Pclose(properties);
	H5Sclose(space);
	H5Tclose(type);
	return dataset;
}

/* Writing the first element makes libhdf5 find a place for all. */
static herr_t write_first(hid_t dataset)
{
	static const unsigned char zeros[16];
	hsize_t start[NPY_MAX_DIMS] = { 0 }, one[NPY_MAX_DIMS];
	hid_t space = H5Dget_space(dataset), type = H5Dget_type(dataset);
	hid_t element = H5Screate(H5S_SCALAR);
	herr_t rc = -1;

	for (unsigned i = 0; i < NPY_MAX_DIMS; i++)
		one[i] = 1;
	if (space >= 0 && type >= 0 && element >= 0 &&
	    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, one,
				NULL) >= 0)
		rc = H5Dwrite(dataset, type, element, space, H5P_DEFAULT,
			      zeros);
	H5Sclose(element);
	H5Tclose(type);
	H5Sclose(space);
	return rc;
}

static int place_whole(struct sketch *s, hid_t dataset, enum hdf5_kind kind)
{
	haddr_t at;

	if (write_first(dataset) < 0)
		return -EIO;
	at = H5Dget_offset(dataset);
	if (at == HADDR_UNDEF)
		return -EIO;
	return add(s, kind, at, H5Dget_storage_size(dataset));
}

/* Chunks go to libhdf5 as if the filter had run; from where it copies them is
 * never touched, so that it costs no memory. */
static int place_chunks(struct sketch *s, hid_t dataset,
			const struct hdf5_shape *shape,
			const struct hdf5_chunk *chunks)
{
	uint64_t whole = hdf5_shape_bytes(shape);
	uint64_t count = hdf5_shape_chunks(shape), largest = whole;
	void *nothing;
	int rc = 0;

	for (uint64_t i = 0; chunks && i < count; i++)
		largest = MAX(largest, chunks[i].bytes);
	nothing = mmap(NULL, largest, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (nothing == MAP_FAILED)
		return -errno;
	s->in_chunks = true;
	for (s->chunk = 0; rc == 0 && s->chunk < count; s->chunk++) {
		const struct hdf5_chunk *c = chunks ? &chunks[s->chunk] : NULL;
		hsize_t start[NPY_MAX_DIMS];
		uint64_t first[NPY_MAX_DIMS];

		hdf5_shape_chunk_start(shape, s->chunk, first);
		for (unsigned i = 0; i < shape->ndims; i++)
			start[i] = first[i];
		if (H5Dwrite_chunk(dataset, H5P_DEFAULT, c && c->plain, start,
				   c ? c->bytes : whole, nothing) < 0)
			rc = -EIO;
	}
	s->in_chunks = false;
	s->chunk = 0;
	munmap(nothing, largest);
	return rc;
}

static int add_records(struct sketch *s, hid_t file,
		       const struct hdf5_shape *shape,
		       const struct hdf5_chunk *chunks)
{
	char name[32];
	hid_t dataset;
	int rc;

	snprintf(name, sizeof(name), "records_%u", s->dataset);
	dataset = make_dataset(file, name, shape);
	if (dataset < 0)
		return -EIO;
	rc = shape->chunk[0] ? place_chunks(s, dataset, shape, chunks) :
			       place_whole(s, dataset, HDF5_RECORDS);
	return H5Dclose(dataset) < 0 && rc == 0 ? -EIO : rc;
}

static int add_labels(struct sketch *s, hid_t file, uint64_t count)
{
	struct hdf5_shape shape = { .dtype = dtype_find("int64"),
				    .ndims = 1,
				    .dims = { count } };
	hid_t dataset = make_dataset(file, "labels", &shape);
	int rc;

	if (dataset < 0)
		return -EIO;
	rc = place_whole(s, dataset, HDF5_LABELS);
	return H5Dclose(dataset) < 0 && rc == 0 ? -EIO : rc;
}

static int draw(struct sketch *s, const struct hdf5_shape *shape,
		const struct hdf5_chunk *chunks)
{
	hid_t fapl = hdf5_driver_access(&s->device);
	hid_t file = H5I_INVALID_HID;
	int rc = 0;

	if (fapl >= 0 && H5Pset_libver_bounds(fapl, H5F_LIBVER_LATEST,
					      H5F_LIBVER_LATEST) >= 0)
		file = H5Fcreate("sketch", H5F_ACC_TRUNC, H5P_DEFAULT, fapl);
	H5Pclose(fapl);
	if (file < 0)
		return -EIO;
	for (; rc == 0 && s->dataset < shape->datasets; s->dataset++)
		rc = add_records(s, file, shape, chunks);
	if (rc == 0)
		rc = add_labels(s, file, shape->labels);
	return H5Fclose(file) < 0 && rc == 0 ? -EIO : rc;
}

/* ---- From the sketch to the layout ---- */

static int by_offset(const void *a, const void *b)
{
	const struct hdf5_extent *ea = a, *eb = b;

	return ea->offset < eb->offset ? -1 : ea->offset > eb->offset;
}

/* Between the data and behind them is what describes them. */
static int fill_gaps(struct sketch *s)
{
	size_t data = s->n;
	uint64_t at = 0;

	qsort(s->extents, data, sizeof(*s->extents), by_offset);
	s->dataset = 0;
	for (size_t i = 0; i <= data; i++) {
		uint64_t next = i < data ? s->extents[i].offset :
					   s->device.size;
		int rc = 0;

		if (next < at) /* they overlap: cannot be */
			return -EIO;
		if (next > at)
			rc = add(s, HDF5_METADATA, at, next - at);
		if (rc < 0)
			return rc;
		if (i < data)
			at = next + s->extents[i].len;
	}
	qsort(s->extents, s->n, sizeof(*s->extents), by_offset);
	return 0;
}

static int copy_metadata(struct sketch *s, struct hdf5_layout *out)
{
	unsigned char *at;

	for (size_t i = 0; i < s->n; i++)
		if (s->extents[i].kind == HDF5_METADATA)
			out->metadata_bytes += s->extents[i].len;
	at = out->metadata = malloc(out->metadata_bytes);
	if (!at)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		const struct hdf5_extent *e = &s->extents[i];
		int rc;

		if (e->kind != HDF5_METADATA)
			continue;
		rc = sketch_read(&s->device, at, e->len, e->offset);
		if (rc < 0)
			return rc;
		at += e->len;
	}
	return 0;
}

#define ROOT 48 /* the group of all datasets, behind the superblock */

static int stop_clock(struct hdf5_layout *l)
{
	unsigned char *root = l->metadata + ROOT;
	size_t sum = 0;

	if (l->extents[0].len > ROOT)
		sum = hdf5_times_find(root, l->extents[0].len - ROOT);
	if (!sum || !hdf5_times_sound(root, sum))
		return -EIO;
	hdf5_times_clear(root, sum);
	return 0;
}

int hdf5_layout_make(const struct hdf5_shape *shape,
		     const struct hdf5_chunk *chunks, struct hdf5_layout *out)
{
	struct sketch s = {
		.device = { .read = sketch_read, .write = sketch_write },
	};
	int rc;

	*out = (struct hdf5_layout){ 0 };
	s.fd = memfd_create("dliofs-hdf5", MFD_CLOEXEC);
	if (s.fd < 0)
		return -errno;
	rc = draw(&s, shape, chunks);
	if (rc == 0)
		rc = fill_gaps(&s);
	if (rc == 0)
		rc = copy_metadata(&s, out);
	close(s.fd);
	out->size = s.device.size;
	out->extents = s.extents;
	out->n = s.n;
	if (rc == 0)
		rc = stop_clock(out);
	if (rc < 0)
		hdf5_layout_free(out);
	return rc;
}

void hdf5_layout_free(struct hdf5_layout *l)
{
	if (!l)
		return;
	free(l->extents);
	free(l->metadata);
	*l = (struct hdf5_layout){ 0 };
}
