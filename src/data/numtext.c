#include "data/numtext.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- Integers ---- */

static size_t put_u64(uint64_t n, char *out)
{
	char digits[20];
	size_t len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while ((n /= 10));
	for (size_t i = 0; i < len; i++)
		out[i] = digits[len - 1 - i];
	return len;
}

static size_t put_i64(int64_t n, char *out)
{
	if (n >= 0)
		return put_u64((uint64_t)n, out);
	*out = '-';
	return 1 + put_u64(-(uint64_t)n, out + 1);
}

#define INTEGER(name, type, put, wide)                                         \
	static size_t name(const void *number, char *out)                      \
	{                                                                      \
		type n;                                                        \
                                                                               \
		memcpy(&n, number, sizeof(n));                                 \
		return put((wide)n, out);                                      \
	}

INTEGER(put_int8, int8_t, put_i64, int64_t)
INTEGER(put_int16, int16_t, put_i64, int64_t)
INTEGER(put_int32, int32_t, put_i64, int64_t)
INTEGER(put_int64, int64_t, put_i64, int64_t)
INTEGER(put_uint8, uint8_t, put_u64, uint64_t)
INTEGER(put_uint16, uint16_t, put_u64, uint64_t)
INTEGER(put_uint32, uint32_t, put_u64, uint64_t)
INTEGER(put_uint64, uint64_t, put_u64, uint64_t)

static size_t put_bool(const void *number, char *out)
{
	bool is = *(const unsigned char *)number != 0;

	memcpy(out, is ? "True" : "False", 5);
	return is ? 4 : 5;
}

/* ---- Floats ---- */

/* A type of floats: bits of its mantissa, the leading one included; how many
 * digits every decimal keeps that becomes such a float and a decimal of as many
 * digits again, and how many are always enough.  No fewer than the former need
 * be tried: a shorter one comes out with zeros at its end.  Unless the float is
 * below the least normal one. */
struct binary {
	int mantissa, kept, enough;
	double least;
	double (*nearest)(const char *decimal);
};

/* digits * 10^exponent; no zero at the end of the digits. */
struct decimal {
	uint64_t digits;
	int exponent;
};

static struct decimal stripped(uint64_t digits, int exponent)
{
	for (; digits && digits % 10 == 0; digits /= 10)
		exponent++;
	return (struct decimal){ digits, exponent };
}

__extension__ typedef unsigned __int128 u128;

#define GRID 52 /* payload is multiples of 2^-52 */

/* n / 2^52, a tie to even as printf() and NumPy have it. */
static uint64_t rounded(u128 n)
{
	uint64_t q = (uint64_t)(n >> GRID), half = (uint64_t)1 << (GRID - 1);
	uint64_t rest = (uint64_t)n & (2 * half - 1);

	return q + (rest > half || (rest == half && (q & 1)));
}

/* Does q / scale become v = k / 2^52 again?  It does if it is nearer than half
 * the distance of floats there, which is 2^(bits of k - GRID - mantissa); here
 * both sides are multiplied by 2^52 scale. */
static bool is_nearest(uint64_t k, uint64_t q, u128 scale, int mantissa)
{
	int shift = 64 - __builtin_clzll(k) - mantissa - 1;
	u128 v = k * scale, there = (u128)q << GRID;
	u128 off = there > v ? there - v : v - there;

	return shift < 0 ? off << -shift < scale : off < scale << shift;
}

/* Floats on the grid from a thousandth to 1, in integers.  Not for a power of
 * two, whose lower neighbour is nearer; and a tie is not taken. */
static bool quick(double v, const struct binary *b, struct decimal *out)
{
	double on_grid = ldexp(v, GRID);
	uint64_t k = (uint64_t)on_grid;
	int zeros = v >= 0.1 ? 0 : v >= 0.01 ? 1 : 2;
	u128 scale = 1;

	if (!(v >= 0.001 && v < 1) || (double)k != on_grid || !(k & (k - 1)))
		return false;
	for (int i = 0; i < b->kept + zeros; i++)
		scale *= 10;
	for (int len = b->kept; len <= b->enough; len++, scale *= 10) {
		uint64_t q = rounded(k * scale);

		if (is_nearest(k, q, scale, b->mantissa)) {
			*out = stripped(q, -(len + zeros));
			return true;
		}
	}
	return false;
}

/* "d.ddde-dd", as printf() writes it. */
static struct decimal parsed(const char *text)
{
	uint64_t digits = 0;
	int behind = -1;

	for (; *text != 'e'; text++) {
		if (*text >= '0' && *text <= '9') {
			digits = digits * 10 + (uint64_t)(*text - '0');
			behind++;
		}
	}
	return stripped(digits, (int)strtol(text + 1, NULL, 10) - behind);
}

static struct decimal shortest(double v, const struct binary *b)
{
	struct decimal d;
	char text[40];

	if (quick(v, b, &d))
		return d;
	for (int len = v < b->least ? 1 : b->kept; len <= b->enough; len++) {
		snprintf(text, sizeof(text), "%.*e", len - 1, v);
		if (b->nearest(text) == v)
			break;
	}
	return parsed(text);
}

/* "1.5e-07", "1e+22" */
static size_t put_scientific(const char *digits, size_t len, int exponent,
			     char *out)
{
	size_t at = 0;

	out[at++] = digits[0];
	if (len > 1) {
		out[at++] = '.';
		memcpy(out + at, digits + 1, len - 1);
		at += len - 1;
	}
	return at +
	       (size_t)snprintf(out + at, NUMTEXT_MAX - at, "e%+03d", exponent);
}

/* "0.00012", "12.5", "100.0"; the first digit is worth 10^exponent. */
static size_t put_positional(const char *digits, size_t len, int exponent,
			     char *out)
{
	size_t at = 0;

	if (exponent < 0) {
		memset(out, '0', (size_t)-exponent + 1);
		out[1] = '.';
		at = 1 + (size_t)-exponent;
		memcpy(out + at, digits, len);
		return at + len;
	}
	for (int i = 0; i <= exponent; i++)
		out[at++] = (size_t)i < len ? digits[i] : '0';
	out[at++] = '.';
	if ((size_t)exponent + 1 >= len) {
		out[at++] = '0';
		return at;
	}
	len -= (size_t)exponent + 1;
	memcpy(out + at, digits + exponent + 1, len);
	return at + len;
}

static size_t put_magnitude(double v, const struct binary *b, char *out)
{
	struct decimal d;
	char digits[20];
	size_t len;
	int exponent;

	if (isinf(v) || v == 0)
		return (size_t)snprintf(out, NUMTEXT_MAX - 1, "%s",
					v == 0 ? "0.0" : "inf");
	d = shortest(v, b);
	len = put_u64(d.digits, digits);
	exponent = d.exponent + (int)len - 1;
	/* The value decides, not its digits: 0.0001 of float32 is less. */
	if (v < 1e-4 || v >= 1e16)
		return put_scientific(digits, len, exponent, out);
	return put_positional(digits, len, exponent, out);
}

static size_t put_float(double v, const struct binary *b, char *out)
{
	if (isnan(v))
		return 0; /* as pandas says that nothing is there */
	if (!signbit(v))
		return put_magnitude(v, b, out);
	*out = '-';
	return 1 + put_magnitude(-v, b, out + 1);
}

static double nearest_double(const char *decimal)
{
	return strtod(decimal, NULL);
}

static double nearest_float(const char *decimal)
{
	return strtof(decimal, NULL);
}

#define HALF_MANTISSA 11
#define HALF_LEAST (-14) /* exponent of the least normal one */

static double nearest_half(const char *decimal)
{
	double v = strtod(decimal, NULL), step;
	int exponent;

	frexp(v, &exponent);
	exponent = MAX(exponent - 1, HALF_LEAST);
	step = ldexp(1, exponent - HALF_MANTISSA + 1);
	return nearbyint(v / step) * step;
}

static const struct binary doubles = { DBL_MANT_DIG, DBL_DIG, DBL_DECIMAL_DIG,
				       DBL_MIN, nearest_double };
static const struct binary floats = { FLT_MANT_DIG, FLT_DIG, FLT_DECIMAL_DIG,
				      FLT_MIN, nearest_float };
static const struct binary halves = { HALF_MANTISSA, 3, 5, 0x1p-14,
				      nearest_half };

static float half(uint16_t bits)
{
	int exponent = bits >> 10 & 0x1f;
	float fraction = (float)(bits & 0x3ff), v;

	if (exponent == 0x1f)
		v = fraction != 0 ? NAN : INFINITY;
	else if (exponent == 0)
		v = ldexpf(fraction, -24);
	else
		v = ldexpf(fraction + 0x400, exponent - 25);
	return bits & 0x8000 ? -v : v;
}

static size_t put_float16(const void *number, char *out)
{
	uint16_t bits;

	memcpy(&bits, number, sizeof(bits));
	return put_float(half(bits), &halves, out);
}

static size_t put_float32(const void *number, char *out)
{
	float v;

	memcpy(&v, number, sizeof(v));
	return put_float(v, &floats, out);
}

static size_t put_float64(const void *number, char *out)
{
	double v;

	memcpy(&v, number, sizeof(v));
	return put_float(v, &doubles, out);
}

numtext_fn *numtext_of(const struct dtype *t)
{
	static const struct {
		enum dtype_kind kind;
		char sign;
		size_t size;
		numtext_fn *put;
	} rows[] = {
		{ DTYPE_BOOL, 'b', 1, put_bool },
		{ DTYPE_INTEGER, 'i', 1, put_int8 },
		{ DTYPE_INTEGER, 'i', 2, put_int16 },
		{ DTYPE_INTEGER, 'i', 4, put_int32 },
		{ DTYPE_INTEGER, 'i', 8, put_int64 },
		{ DTYPE_INTEGER, 'u', 1, put_uint8 },
		{ DTYPE_INTEGER, 'u', 2, put_uint16 },
		{ DTYPE_INTEGER, 'u', 4, put_uint32 },
		{ DTYPE_INTEGER, 'u', 8, put_uint64 },
		{ DTYPE_FLOAT, 'f', 2, put_float16 },
		{ DTYPE_FLOAT, 'f', 4, put_float32 },
		{ DTYPE_FLOAT, 'f', 8, put_float64 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (t->kind == rows[i].kind && t->descr[1] == rows[i].sign &&
		    t->size == rows[i].size)
			return rows[i].put;
	return NULL;
}
