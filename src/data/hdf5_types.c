#include "data/hdf5_types.h"

/* IEEE 754's half, which HDF5 1.10 has no name for. */
static hid_t make_half(void)
{
	hid_t t = H5Tcopy(H5T_IEEE_F32LE);

	if (t >= 0 && H5Tset_fields(t, 15, 10, 5, 0, 10) >= 0 &&
	    H5Tset_size(t, 2) >= 0 && H5Tset_ebias(t, 15) >= 0)
		return t;
	H5Tclose(t);
	return H5I_INVALID_HID;
}

/* An enumeration of bytes. */
static hid_t make_bool(void)
{
	static const signed char no = 0, yes = 1;
	hid_t t = H5Tenum_create(H5T_STD_I8LE);

	if (t >= 0 && H5Tenum_insert(t, "FALSE", &no) >= 0 &&
	    H5Tenum_insert(t, "TRUE", &yes) >= 0)
		return t;
	H5Tclose(t);
	return H5I_INVALID_HID;
}

/* A structure of two floats. */
static hid_t make_complex(size_t size)
{
	hid_t part = size == 8 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
	hid_t t = H5Tcreate(H5T_COMPOUND, size);

	if (t >= 0 && H5Tinsert(t, "r", 0, part) >= 0 &&
	    H5Tinsert(t, "i", size / 2, part) >= 0)
		return t;
	H5Tclose(t);
	return H5I_INVALID_HID;
}

static hid_t make_float(size_t size)
{
	if (size == 2)
		return make_half();
	return H5Tcopy(size == 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE);
}

static hid_t make_integer(size_t size, bool is_signed)
{
	switch (size) {
	case 1:
		return H5Tcopy(is_signed ? H5T_STD_I8LE : H5T_STD_U8LE);
	case 2:
		return H5Tcopy(is_signed ? H5T_STD_I16LE : H5T_STD_U16LE);
	case 4:
		return H5Tcopy(is_signed ? H5T_STD_I32LE : H5T_STD_U32LE);
	default:
		return H5Tcopy(is_signed ? H5T_STD_I64LE : H5T_STD_U64LE);
	}
}

hid_t hdf5_types_make(const struct dtype *t)
{
	switch (t->kind) {
	case DTYPE_BOOL:
		return make_bool();
	case DTYPE_COMPLEX:
		return make_complex(t->size);
	case DTYPE_FLOAT:
		return make_float(t->size);
	case DTYPE_INTEGER:
		return make_integer(t->size, t->descr[1] == 'i');
	}
	return H5I_INVALID_HID;
}
