/* JPEGs of the plainest kind, as DLIO's are: baseline, 8-bit grey, one scan
 * without restarts.  They are decoded from memory into the same pixels as by
 * libjpeg-turbo's slow but exact inverse DCT, in half of the time, most of which
 * is Huffman's: here one look-up gives two coefficients and their zeros.
 *
 * What this cannot do, or finds to be damaged, is libjpeg's to judge: nothing is
 * taken for good here that it would not take, so that "not plain" is all there
 * is to say.
 *
 * ITU-T T.81, annexes B, C and F; the inverse DCT is that of Loeffler,
 * Ligtenberg and Moschytz (1989).  Any thread. */
#ifndef TRAIN_JPEGPLAIN_H
#define TRAIN_JPEGPLAIN_H

#include "base/util.h"

struct jpegplain;

int jpegplain_new(struct jpegplain **out) MUST_USE;
void jpegplain_free(struct jpegplain *p); /* NULL is fine */

/* Begin with a file of which the first len bytes are here: is it a plain one,
 * whose pixels take at most so many bytes?  All before the scan is looked at,
 * and must be there. */
bool jpegplain_begins(struct jpegplain *p, const unsigned char *file,
		      size_t len, size_t most);

/* The room that jpegplain_decode() wants for pixels.  Those of row y begin at
 * y * jpegplain_stride(). */
size_t jpegplain_pixels(const struct jpegplain *p);
size_t jpegplain_stride(const struct jpegplain *p);

/* Now these len bytes of the file are there.  What of it is the scan's is put
 * together in packed, which has room for JPEGPLAIN_PAD bytes more than all of
 * the file has, and is kept.  1: that was the end; 0: there is more to come;
 * -EBADMSG: it is not plain. */
#define JPEGPLAIN_PAD 256
int jpegplain_gather(struct jpegplain *p, const unsigned char *file, size_t len,
		     unsigned char *packed) MUST_USE;

/* All of it is gathered.  0; -EBADMSG: not plain. */
int jpegplain_decode(const struct jpegplain *p, unsigned char *packed,
		     unsigned char *pixels) MUST_USE;

#endif
