#include "data/hdf5_driver.h"

#include <string.h>

/* What libhdf5 holds of an open file. */
struct opened {
	H5FD_t base; /* libhdf5's own, first */
	struct hdf5_device *device;
	haddr_t end; /* of what libhdf5 has allocated */
};

/* The property that carries the device to file_open(). */
struct access {
	struct hdf5_device *device;
};

#define MAX_ADDRESS ((haddr_t)INT64_MAX)

static struct opened *opened_of(const H5FD_t *file)
{
	return CONTAINER_OF(file, struct opened, base);
}

static H5FD_t *file_open(const char *name, unsigned flags, hid_t fapl,
			 haddr_t max)
{
	const struct access *access = H5Pget_driver_info(fapl);
	struct opened *o;

	(void)name, (void)max;
	if (!access || ((flags & H5F_ACC_RDWR) && !access->device->write))
		return NULL;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->device = access->device;
	if (flags & H5F_ACC_TRUNC)
		o->device->size = 0;
	return &o->base;
}

static herr_t file_close(H5FD_t *file)
{
	free(opened_of(file));
	return 0;
}

/* Is it the same file?  libhdf5 shares what it knows of those. */
static int file_cmp(const H5FD_t *a, const H5FD_t *b)
{
	const struct hdf5_device *da = opened_of(a)->device;
	const struct hdf5_device *db = opened_of(b)->device;

	return da < db ? -1 : da > db;
}

/* As with libhdf5's own driver of files: this decides what goes where, and
 * what is read at once. */
static herr_t file_query(const H5FD_t *file, unsigned long *flags)
{
	(void)file;
	*flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
		 H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA;
	return 0;
}

static haddr_t file_get_eoa(const H5FD_t *file, H5FD_mem_t type)
{
	(void)type;
	return opened_of(file)->end;
}

static herr_t file_set_eoa(H5FD_t *file, H5FD_mem_t type, haddr_t end)
{
	(void)type;
	opened_of(file)->end = end;
	return 0;
}

static haddr_t file_get_eof(const H5FD_t *file, H5FD_mem_t type)
{
	(void)type;
	return opened_of(file)->device->size;
}

/* What is behind the end are zeros, as it is with libhdf5's own driver. */
static herr_t file_read(H5FD_t *file, H5FD_mem_t type, hid_t dxpl, haddr_t addr,
			size_t size, void *buf)
{
	struct hdf5_device *d = opened_of(file)->device;
	size_t there = addr < d->size ? MIN(size, d->size - addr) : 0;

	(void)dxpl;
	if (type == H5FD_MEM_DRAW && d->note_only) {
		d->noted = addr;
		return 0;
	}
	memset((char *)buf + there, 0, size - there);
	return there == 0 || d->read(d, buf, there, addr) == 0 ? 0 : -1;
}

static herr_t file_write(H5FD_t *file, H5FD_mem_t type, hid_t dxpl,
			 haddr_t addr, size_t size, const void *buf)
{
	struct hdf5_device *d = opened_of(file)->device;

	(void)dxpl;
	if (!d->write || d->write(d, buf, size, addr, type == H5FD_MEM_DRAW))
		return -1;
	d->size = MAX(d->size, addr + size);
	return 0;
}

/* The file ends where the last allocation does, written or not. */
static herr_t file_truncate(H5FD_t *file, hid_t dxpl, hbool_t closing)
{
	struct opened *o = opened_of(file);

	(void)dxpl, (void)closing;
	if (o->device->write)
		o->device->size = o->end;
	return 0;
}

static const H5FD_class_t driver = {
	.name = "dliofs",
	.maxaddr = MAX_ADDRESS,
	.fc_degree = H5F_CLOSE_WEAK,
	.fapl_size = sizeof(struct access),
	.open = file_open,
	.close = file_close,
	.cmp = file_cmp,
	.query = file_query,
	.get_eoa = file_get_eoa,
	.set_eoa = file_set_eoa,
	.get_eof = file_get_eof,
	.read = file_read,
	.write = file_write,
	.truncate = file_truncate,
	.fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* libhdf5 keeps a table of drivers for the whole process.  Failures are told
 * by return values; nobody wants to read its stack on standard error. */
static hid_t driver_id = H5I_INVALID_HID;

static void register_driver(void)
{
	driver_id = H5FDregister(&driver);
}

hid_t hdf5_driver_access(struct hdf5_device *d)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct access access = { d };
	hid_t fapl;

	H5Eset_auto(H5E_DEFAULT, NULL, NULL); /* this thread's */
	pthread_once(&once, register_driver);
	fapl = H5Pcreate(H5P_FILE_ACCESS);
	if (fapl >= 0 && H5Pset_driver(fapl, driver_id, &access) < 0) {
		H5Pclose(fapl);
		fapl = H5I_INVALID_HID;
	}
	return fapl;
}
