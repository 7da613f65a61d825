#include "data/dtype.h"

#include <criterion/criterion.h>

#include <string.h>

Test(dtype, is_found_by_any_of_its_names)
{
	static const struct {
		const char *asked, *name, *descr;
		enum dtype_kind kind;
		size_t size;
	} cases[] = {
		{ "uint8", "uint8", "|u1", DTYPE_INTEGER, 1 },
		{ "|u1", "uint8", "|u1", DTYPE_INTEGER, 1 },
		{ "u1", "uint8", "|u1", DTYPE_INTEGER, 1 },
		{ "ubyte", "uint8", "|u1", DTYPE_INTEGER, 1 },
		{ "int8", "int8", "|i1", DTYPE_INTEGER, 1 },
		{ "int16", "int16", "<i2", DTYPE_INTEGER, 2 },
		{ "int32", "int32", "<i4", DTYPE_INTEGER, 4 },
		{ "int64", "int64", "<i8", DTYPE_INTEGER, 8 },
		{ "int", "int64", "<i8", DTYPE_INTEGER, 8 },
		{ "uint16", "uint16", "<u2", DTYPE_INTEGER, 2 },
		{ "uint32", "uint32", "<u4", DTYPE_INTEGER, 4 },
		{ "uint64", "uint64", "<u8", DTYPE_INTEGER, 8 },
		{ "bool", "bool", "|b1", DTYPE_BOOL, 1 },
		{ "float16", "float16", "<f2", DTYPE_FLOAT, 2 },
		{ "half", "float16", "<f2", DTYPE_FLOAT, 2 },
		{ "float32", "float32", "<f4", DTYPE_FLOAT, 4 },
		{ "<f4", "float32", "<f4", DTYPE_FLOAT, 4 },
		{ "float64", "float64", "<f8", DTYPE_FLOAT, 8 },
		{ "float", "float64", "<f8", DTYPE_FLOAT, 8 },
		{ "complex64", "complex64", "<c8", DTYPE_COMPLEX, 8 },
		{ "complex128", "complex128", "<c16", DTYPE_COMPLEX, 16 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct dtype *t = dtype_find(cases[i].asked);

		cr_assert_not_null(t, "%s", cases[i].asked);
		cr_expect_str_eq(t->name, cases[i].name);
		cr_expect_str_eq(t->descr, cases[i].descr);
		cr_expect_eq(t->kind, cases[i].kind, "%s", cases[i].asked);
		cr_expect_eq(t->size, cases[i].size, "%s", cases[i].asked);
	}
}

Test(dtype, of_anything_else_is_not_found)
{
	static const char *const cases[] = {
		"",	 "uint7", "object", "str",	  ">f4",       "1",
		"UINT8", "f",	  "float3", "datetime64", "longdouble"
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_null(dtype_find(cases[i]), "%s", cases[i]);
}

Test(dtype, rows_can_be_listed)
{
	size_t n = 0;

	for (const struct dtype *t; (t = dtype_at(n)); n++)
		cr_expect_eq(dtype_find(t->name), t, "%s", t->name);
	cr_expect_eq(n, 14);
	cr_expect_null(dtype_at(1000));
}
