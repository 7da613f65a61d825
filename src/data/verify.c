#include "data/verify.h"

#include "base/log.h"
#include "data/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

/* How many bad files are said one by one, of those missing and of those
 * damaged. */
#define SAY_AT_MOST 20

struct verification {
	const struct dataset *dataset;
	struct backend *backend;
	struct verify_result *result;
	uint64_t listed; /* files in the manifest */
};

static void say_damage(struct verification *v, const char *name,
		       const char *fmt, ...) PRINTF(3, 4);

static void say_damage(struct verification *v, const char *name,
		       const char *fmt, ...)
{
	uint64_t before = v->result->damaged++;
	char what[256];
	va_list args;

	if (before >= SAY_AT_MOST)
		return;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	log_error("%s/%s: %s", v->backend->uri, name, what);
}

static size_t first_difference(const char *a, const char *b, size_t len)
{
	size_t i = 0;

	while (i < len && a[i] == b[i])
		i++;
	return i;
}

/* Compare what is stored with what is computed, half a buffer each. */
static int compare(struct crew *c, struct object *o, uint64_t file,
		   const char *name, char *buffer)
{
	struct verification *v = c->arg;
	const size_t half = CREW_BUFFER_BYTES / 2;
	char *stored = buffer, *right = buffer + half;

	for (uint64_t offset = 0; offset < o->size; offset += half) {
		ssize_t got = object_pread(o, stored, half, offset);
		ssize_t want;

		if (crew_stopped(c))
			return -EINTR;
		if (got < 0) {
			say_damage(v, name, "read at %" PRIu64 ": %s", offset,
				   strerror((int)-got));
			return 0;
		}
		want = dataset_read(v->dataset, file, right, half, offset);
		if (want < 0)
			return (int)want;
		if (got != want || memcmp(stored, right, (size_t)got)) {
			size_t same = first_difference(stored, right,
						       (size_t)MIN(got, want));
			say_damage(v, name, "differs at offset %" PRIu64,
				   offset + same);
			return 0;
		}
		c->bytes += (uint64_t)got;
	}
	v->result->good++;
	return 0;
}

static int verify_file(struct crew *c, uint64_t file, void *buffer)
{
	struct verification *v = c->arg;
	char name[DATASET_MAX_NAME];
	struct object *o;
	int rc;

	dataset_name(v->dataset, file, name);
	rc = object_open(v->backend, name, &o);
	if (rc && crew_stopped(c))
		return -EINTR;
	if (rc == -ENOENT) {
		if (v->result->missing++ < SAY_AT_MOST)
			log_error("%s/%s: missing", v->backend->uri, name);
		return 0;
	}
	if (rc) {
		say_damage(v, name, "open: %s", strerror(-rc));
		return 0;
	}
	if (o->size != dataset_size(v->dataset, file))
		say_damage(v, name,
			   "has %" PRIu64 " bytes and should have %" PRIu64,
			   o->size, dataset_size(v->dataset, file));
	else
		rc = compare(c, o, file, name, buffer);
	object_close(o);
	return rc;
}

static int manifest_line(void *arg, const char *name, uint64_t size,
			 uint32_t crc32)
{
	struct verification *v = arg;
	uint32_t right;
	uint64_t file;
	int rc;

	v->listed++;
	if (dataset_find(v->dataset, name, &file)) {
		say_damage(v, MANIFEST_NAME, "%s is not of this dataset", name);
		return 0;
	}
	rc = dataset_crc32(v->dataset, file, &right);
	if (rc)
		return rc;
	if (size != dataset_size(v->dataset, file) || crc32 != right)
		say_damage(v, MANIFEST_NAME, "%s: wrong size or checksum",
			   name);
	return 0;
}

static int verify_manifest(struct verification *v)
{
	enum manifest_state state;
	int rc;

	rc = manifest_state(v->backend, v->dataset, &state);
	if (rc || state == MANIFEST_NONE)
		return rc;
	if (state == MANIFEST_OTHER)
		return log_invalid(
			"%s was generated from another configuration (%s); "
			"generate it again, or give its configuration",
			v->backend->uri, MANIFEST_NAME);
	v->result->manifest = true;
	rc = manifest_read(v->backend, manifest_line, v);
	if (!rc && v->listed != dataset_files(v->dataset))
		say_damage(v, MANIFEST_NAME,
			   "lists %" PRIu64 " files and should list %" PRIu64,
			   v->listed, dataset_files(v->dataset));
	return rc;
}

int verify_dataset(const struct dataset *d, struct backend *b,
		   struct crew *crew, struct verify_result *out)
{
	struct verification v = { .dataset = d, .backend = b, .result = out };
	int rc;

	*out = (struct verify_result){ 0 };
	crew->files_total = dataset_files(d);
	crew->bytes_total = dataset_bytes(d);
	rc = verify_manifest(&v);
	if (!rc)
		rc = crew_run(crew, verify_file, &v);
	if (rc)
		return rc;
	return out->missing || out->damaged ? -EBADMSG : 0;
}
