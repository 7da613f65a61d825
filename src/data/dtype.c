#include "data/dtype.h"

#include <string.h>

static const struct dtype dtypes[] = {
	{ "bool", "|b1", DTYPE_BOOL, 1 },
	{ "int8", "|i1", DTYPE_INTEGER, 1 },
	{ "int16", "<i2", DTYPE_INTEGER, 2 },
	{ "int32", "<i4", DTYPE_INTEGER, 4 },
	{ "int64", "<i8", DTYPE_INTEGER, 8 },
	{ "uint8", "|u1", DTYPE_INTEGER, 1 },
	{ "uint16", "<u2", DTYPE_INTEGER, 2 },
	{ "uint32", "<u4", DTYPE_INTEGER, 4 },
	{ "uint64", "<u8", DTYPE_INTEGER, 8 },
	{ "float16", "<f2", DTYPE_FLOAT, 2 },
	{ "float32", "<f4", DTYPE_FLOAT, 4 },
	{ "float64", "<f8", DTYPE_FLOAT, 8 },
	{ "complex64", "<c8", DTYPE_COMPLEX, 8 },
	{ "complex128", "<c16", DTYPE_COMPLEX, 16 },
};

static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "bool_", "bool" },
	{ "bool8", "bool" },
	{ "byte", "int8" },
	{ "short", "int16" },
	{ "intc", "int32" },
	{ "int", "int64" },
	{ "int_", "int64" },
	{ "intp", "int64" },
	{ "long", "int64" },
	{ "longlong", "int64" },
	{ "ubyte", "uint8" },
	{ "ushort", "uint16" },
	{ "uintc", "uint32" },
	{ "uint", "uint64" },
	{ "uintp", "uint64" },
	{ "ulonglong", "uint64" },
	{ "half", "float16" },
	{ "single", "float32" },
	{ "double", "float64" },
	{ "float", "float64" },
	{ "float_", "float64" },
	{ "csingle", "complex64" },
	{ "cdouble", "complex128" },
	{ "complex", "complex128" },
	{ "complex_", "complex128" },
	{ "cfloat", "complex128" },
	{ "singlecomplex", "complex64" },
};

const struct dtype *dtype_at(size_t i)
{
	return i < ARRAY_SIZE(dtypes) ? &dtypes[i] : NULL;
}

static const char *without_alias(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (!strcmp(name, aliases[i].alias))
			return aliases[i].name;
	return name;
}

const struct dtype *dtype_find(const char *name)
{
	name = without_alias(name);
	for (size_t i = 0; i < ARRAY_SIZE(dtypes); i++)
		if (!strcmp(name, dtypes[i].name) ||
		    !strcmp(name, dtypes[i].descr) ||
		    !strcmp(name, dtypes[i].descr + 1))
			return &dtypes[i];
	return NULL;
}
