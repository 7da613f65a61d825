/* numpy.save() of one array of all samples. */
#include "data/format.h"

#include <string.h>

size_t format_npy_header(const struct dataset_file *f, char buf[NPY_MAX_HEADER])
{
	struct npy a = { .ndims = f->ndims + 1 };

	memcpy(a.descr, f->dtype->descr, strlen(f->dtype->descr));
	memcpy(a.shape, f->dims, f->ndims * sizeof(a.shape[0]));
	a.shape[f->ndims] = f->samples;
	return npy_write(&a, buf);
}

static int npy_plan(const struct dataset_file *f, struct format_plan *out)
{
	char header[NPY_MAX_HEADER];

	*out = (struct format_plan){
		.copies = 1,
		.n = 2,
		.pieces = {
			{ FORMAT_LITERAL, format_npy_header(f, header) },
			{ FORMAT_PAYLOAD, f->record_bytes * f->samples },
		},
	};
	return 0;
}

static int npy_literal(const struct dataset_file *f, uint64_t copy,
		       unsigned piece, unsigned char *buf)
{
	char header[NPY_MAX_HEADER];
	size_t len = format_npy_header(f, header);

	(void)copy, (void)piece; /* there is one */
	memcpy(buf, header, len);
	return 0;
}

const struct format format_npy = {
	.name = "npy",
	.plan = npy_plan,
	.literal = npy_literal,
};
