/* Any bytes as a manifest: refused as damage, or a list of files that, written
 * as a manifest again, is the same list. */
#include "data/manifest.h"

#include "backends/mem.h"
#include "fuzz/quiet.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	quiet_prepare();
	return 0;
}

/* What was read, as the file lines of a manifest. */
struct list {
	FILE *out;
	uint64_t files, bytes;
};

static int add_line(void *arg, const char *name, uint64_t size, uint32_t crc)
{
	struct list *l = arg;

	fprintf(l->out, "file\t%s\t%" PRIu64 "\t%08" PRIx32 "\n", name, size,
		crc);
	l->files++;
	l->bytes += size;
	return 0;
}

static int put(struct backend *b, const void *data, size_t size)
{
	struct object *o;
	int rc = object_create(b, MANIFEST_NAME, &o);

	if (rc)
		return rc;
	rc = object_append(o, data, size);
	if (!rc)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

/* Store the bytes, read them as a manifest, and write what was read; to be
 * freed. */
static char *again(struct backend *b, const void *data, size_t size, int *rc)
{
	char *text = NULL;
	size_t len;
	struct list l = { .out = open_memstream(&text, &len) };

	if (!l.out || put(b, data, size))
		abort();
	fputs("dliofs-manifest\t1\nconfig\t1\tfuzz\nstate\tcomplete\n", l.out);
	*rc = manifest_read(b, add_line, &l);
	fprintf(l.out, "end\t%" PRIu64 "\t%" PRIu64 "\n", l.files, l.bytes);
	if (fclose(l.out))
		abort();
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct backend_options options = { .mem_fd = -1,
						 .mem_limit = 16 * MIB };
	AUTO_FREE char *first = NULL, *second = NULL;
	struct backend *b;
	int rc;

	if (backend_open(&mem_ops, "mem://fuzz", &options, &b))
		abort();
	quiet_start();
	first = again(b, data, size, &rc);
	if (rc && rc != -EINVAL)
		abort();
	if (!rc) {
		second = again(b, first, strlen(first), &rc);
		if (rc || strcmp(first, second) != 0)
			abort();
	}
	quiet_end();
	backend_close(b);
	return 0;
}
