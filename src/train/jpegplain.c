#include "train/jpegplain.h"

#include "train/idct.h"
#include "train/jpeghuff.h"

#include <errno.h>
#include <string.h>

#define MAX_SIDE 65500 /* libjpeg's */

enum {
	SOF0 = 0xc0,
	DHT = 0xc4,
	SOI = 0xd8,
	EOI = 0xd9,
	SOS = 0xda,
	DQT = 0xdb,
	APP0 = 0xe0,
};

struct jpegplain {
	size_t width, height;
	unsigned component;
	int16_t divisors[4][64]; /* in rows */
	bool divided[4];
	struct jpeghuff dc[4], ac[4];
	unsigned use_divisors, use_dc, use_ac;

	size_t at;     /* in the file; so far is gathered */
	size_t packed; /* bytes */
};

_Static_assert(JPEGPLAIN_PAD == JPEGHUFF_PAD, "the same bytes");

int jpegplain_new(struct jpegplain **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

void jpegplain_free(struct jpegplain *p)
{
	free(p);
}

/* ---- Segments: their data, without marker and length ---- */

static bool take_app0(struct jpegplain *p, const unsigned char *data,
		      size_t len)
{
	(void)p;
	return len == 14 && !memcmp(data, "JFIF\0\1", 6);
}

static bool take_dqt(struct jpegplain *p, const unsigned char *data, size_t len)
{
	for (; len >= 65; data += 65, len -= 65) {
		unsigned id = data[0];

		if (id >= ARRAY_SIZE(p->divisors))
			return false;
		for (unsigned i = 0; i < 64; i++)
			p->divisors[id][jpeghuff_place(i)] = data[1 + i];
		p->divided[id] = true;
	}
	return len == 0;
}

static bool take_sof0(struct jpegplain *p, const unsigned char *data,
		      size_t len)
{
	if (len != 9 || p->width > 0)
		return false;
	p->height = (size_t)data[1] << 8 | data[2];
	p->width = (size_t)data[3] << 8 | data[4];
	p->component = data[6];
	p->use_divisors = data[8];
	return data[0] == 8 && p->height > 0 && p->height <= MAX_SIDE &&
	       p->width > 0 && p->width <= MAX_SIDE && data[5] == 1 &&
	       data[7] == 0x11 && p->use_divisors < ARRAY_SIZE(p->divisors);
}

static bool take_dht(struct jpegplain *p, const unsigned char *data, size_t len)
{
	while (len >= 17) {
		enum jpeghuff_kind kind = data[0] >> 4 ? JPEGHUFF_AC :
							 JPEGHUFF_DC;
		unsigned id = data[0] & 15;
		size_t n = 0;

		for (unsigned i = 0; i < 16; i++)
			n += data[1 + i];
		if (data[0] > 0x1f || id >= ARRAY_SIZE(p->dc) || n > len - 17 ||
		    !jpeghuff_make(kind == JPEGHUFF_AC ? &p->ac[id] :
							 &p->dc[id],
				   kind, data + 1, data + 17))
			return false;
		data += 17 + n;
		len -= 17 + n;
	}
	return len == 0;
}

static bool take_sos(struct jpegplain *p, const unsigned char *data, size_t len)
{
	static const unsigned char all[] = { 0, 63, 0 };

	if (len != 6 || data[0] != 1 || data[1] != p->component ||
	    memcmp(data + 3, all, sizeof(all)) != 0)
		return false;
	p->use_dc = data[2] >> 4;
	p->use_ac = data[2] & 15;
	return p->width > 0 && p->divided[p->use_divisors] &&
	       p->use_dc < ARRAY_SIZE(p->dc) && p->dc[p->use_dc].made &&
	       p->use_ac < ARRAY_SIZE(p->ac) && p->ac[p->use_ac].made;
}

static const struct segment {
	unsigned char marker;
	bool (*take)(struct jpegplain *p, const unsigned char *data,
		     size_t len);
} segments[] = {
	{ APP0, take_app0 }, { DQT, take_dqt }, { SOF0, take_sof0 },
	{ DHT, take_dht },   { SOS, take_sos },
};

static const struct segment *find(unsigned char marker)
{
	for (size_t i = 0; i < ARRAY_SIZE(segments); i++)
		if (segments[i].marker == marker)
			return &segments[i];
	return NULL;
}

static void forget(struct jpegplain *p)
{
	p->width = p->height = 0;
	p->packed = 0;
	memset(p->divided, 0, sizeof(p->divided));
	for (size_t i = 0; i < ARRAY_SIZE(p->dc); i++)
		p->dc[i].made = p->ac[i].made = false;
}

bool jpegplain_begins(struct jpegplain *p, const unsigned char *file,
		      size_t len, size_t most)
{
	const struct segment *s;
	size_t at = 2;

	forget(p);
	if (len < 2 || file[0] != 0xff || file[1] != SOI)
		return false;
	do {
		size_t n;

		if (len - at < 4 || file[at] != 0xff)
			return false;
		s = find(file[at + 1]);
		n = (size_t)file[at + 2] << 8 | file[at + 3];
		if (!s || n < 2 || n > len - at - 2 ||
		    !s->take(p, file + at + 4, n - 2))
			return false;
		at += 2 + n;
	} while (s->marker != SOS);
	p->at = at;
	return jpegplain_pixels(p) <= most;
}

size_t jpegplain_stride(const struct jpegplain *p)
{
	return round_up(p->width, 8);
}

size_t jpegplain_pixels(const struct jpegplain *p)
{
	return jpegplain_stride(p) * round_up(p->height, 8);
}

/* ---- The scan ---- */

/* A byte of all ones is followed by a zero; or it begins a marker. */
int jpegplain_gather(struct jpegplain *p, const unsigned char *file, size_t len,
		     unsigned char *packed)
{
	while (p->at < len) {
		const unsigned char *from = file + p->at;
		const unsigned char *ones = memchr(from, 0xff, len - p->at);
		size_t n = ones ? (size_t)(ones - from) : len - p->at;

		memcpy(packed + p->packed, from, n);
		p->packed += n;
		p->at += n;
		if (p->at + 1 >= len)
			return 0;
		if (ones[1] == EOI)
			return 1;
		if (ones[1] != 0)
			return -EBADMSG;
		packed[p->packed++] = 0xff;
		p->at += 2;
	}
	return 0;
}

/* The last byte, and no other, may have bits left. */
static bool ended(const struct jpeghuff_bits *b)
{
	ptrdiff_t beyond = b->next - b->end;

	return beyond * 8 <= (ptrdiff_t)b->left &&
	       (beyond + 1) * 8 > (ptrdiff_t)b->left;
}

/* So many blocks that their coefficients have been written for a while when they
 * are read, in other pieces: the CPU need not wait for that. */
#define BATCH 16

static int decode_batch(const struct jpegplain *p, struct jpeghuff_bits *b,
			int *dc, unsigned n, unsigned char *out)
{
	const int16_t *divisors = p->divisors[p->use_divisors];
	int16_t blocks[BATCH][JPEGHUFF_BLOCK];

	memset(blocks, 0, n * sizeof(blocks[0]));
	for (unsigned i = 0; i < n; i++)
		if (!jpeghuff_block(b, &p->dc[p->use_dc], &p->ac[p->use_ac], dc,
				    blocks[i]))
			return -EBADMSG;
	for (unsigned i = 0; i < n; i++)
		idct_block(blocks[i], divisors, out + 8UL * i,
			   jpegplain_stride(p));
	return 0;
}

int jpegplain_decode(const struct jpegplain *p, unsigned char *packed,
		     unsigned char *pixels)
{
	struct jpeghuff_bits b = { .next = packed, .end = packed + p->packed };
	size_t stride = jpegplain_stride(p);
	int dc = 0, rc = 0;

	memset(packed + p->packed, 0, JPEGPLAIN_PAD);
	for (size_t y = 0; y < p->height; y += 8)
		for (size_t x = 0; !rc && x < stride; x += 8UL * BATCH)
			rc = decode_batch(p, &b, &dc,
					  (unsigned)MIN(BATCH,
							(stride - x) / 8),
					  pixels + y * stride + x);
	return rc || ended(&b) ? rc : -EBADMSG;
}
