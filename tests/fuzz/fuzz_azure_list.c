/* Any bytes as a page of a listing, in pieces: refused, or a list of entries
 * with names and sizes; the same however it is cut. */
#include "backends/azure_list.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A number that depends on all that was told. */
static uint64_t read_all(struct azure_list *l, const uint8_t *data, size_t size,
			 size_t piece, int *rc)
{
	struct azure_list_entry e;
	uint64_t sum = 0;

	azure_list_begin(l);
	*rc = 0;
	for (size_t at = 0; *rc == 0 && at < size; at += piece)
		*rc = azure_list_feed(l, data + at, MIN(piece, size - at));
	*rc = azure_list_end(l);
	while (azure_list_next(l, &e)) {
		if (*rc || e.info.size > INT64_MAX)
			abort();
		for (const char *c = e.name; *c; c++)
			sum = sum * 31 + (unsigned char)*c;
		sum = sum * 31 + e.info.size + (uint64_t)e.info.mtime_ns;
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct azure_list *l;
	uint64_t whole, pieces;
	int rc, again;

	if (azure_list_new(&l))
		abort();
	whole = read_all(l, data, size, size ? size : 1, &rc);
	pieces = read_all(l, data, size, 3, &again);
	if (whole != pieces || (rc == 0) != (again == 0))
		abort();
	azure_list_free(l);
	return 0;
}
