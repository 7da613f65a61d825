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

/* An object on its way past what the dataset says it is. */
struct comparison {
	struct crew *crew;
	struct verification *of;
	struct object *object;
	const char *name;
	char *stored; /* half the crew's buffer */
	uint64_t offset;
};

#define DAMAGED 1 /* ends a comparison, and was said */

static int compare_piece(void *arg, const void *right, size_t want)
{
	struct comparison *c = arg;
	ssize_t got = object_pread(c->object, c->stored, want, c->offset);

	if (crew_stopped(c->crew))
		return -EINTR;
	if (got < 0) {
		say_damage(c->of, c->name, "read at %" PRIu64 ": %s", c->offset,
			   strerror((int)-got));
		return DAMAGED;
	}
	if (got != (ssize_t)want || memcmp(c->stored, right, want)) {
		size_t same = first_difference(c->stored, right, (size_t)got);

		say_damage(c->of, c->name, "differs at offset %" PRIu64,
			   c->offset + same);
		return DAMAGED;
	}
	c->offset += want;
	c->crew->bytes += want;
	return 0;
}

static void say_size(struct verification *v, const char *name, uint64_t has,
		     uint64_t should)
{
	say_damage(v, name, "has %" PRIu64 " bytes and should have %" PRIu64,
		   has, should);
}

static void say_line(struct verification *v, const char *name)
{
	say_damage(v, MANIFEST_NAME, "%s: wrong size or checksum", name);
}

/* What costs is made once, to be compared with all that was said of it. */
static int compare(struct crew *c, struct object *o, uint64_t file,
		   const char *name, char *buffer)
{
	struct verification *v = c->arg;
	const size_t half = CREW_BUFFER_BYTES / 2;
	struct comparison cmp = {
		.crew = c, .of = v, .object = o, .name = name, .stored = buffer
	};
	struct dataset_sum listed, right;
	bool in_list = dataset_known(v->dataset, file, &listed);
	int rc = dataset_stream(v->dataset, file, buffer + half, half,
				compare_piece, &cmp);

	if (rc)
		return rc == DAMAGED ? 0 : rc;
	if (cmp.offset != o->size)
		say_size(v, name, o->size, cmp.offset);
	else if (in_list && dataset_known(v->dataset, file, &right) &&
		 (listed.size != right.size || listed.crc != right.crc))
		say_line(v, name);
	else
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
	if (!dataset_is_encoded(v->dataset) &&
	    o->size != dataset_size(v->dataset, file))
		say_size(v, name, o->size, dataset_size(v->dataset, file));
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
	if (dataset_learns(v->dataset)) { /* compared when it is made */
		dataset_learn(v->dataset, file,
			      &(struct dataset_sum){ size, crc32 });
		return 0;
	}
	rc = dataset_crc32(v->dataset, file, &right);
	if (!rc && (size != dataset_size(v->dataset, file) || crc32 != right))
		say_line(v, name);
	return rc;
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
	if (!rc && v->listed != dataset_objects(v->dataset))
		say_damage(v, MANIFEST_NAME,
			   "lists %" PRIu64 " files and should list %" PRIu64,
			   v->listed, dataset_objects(v->dataset));
	return rc;
}

/* One rank of a team says what it thinks of it. */
static int take_manifest(struct verification *v, const struct crew *crew)
{
	int rc = crew_rank(crew) == 0 ? verify_manifest(v) : 0;

	rc = crew_agree(crew, rc);
	if (!rc)
		rc = crew_tell(crew, &v->result->manifest,
			       sizeof(v->result->manifest));
	if (!rc && crew_rank(crew) && v->result->manifest)
		rc = manifest_learn(v->backend, v->dataset);
	return rc;
}

int verify_dataset(const struct dataset *d, struct backend *b,
		   struct crew *crew, struct verify_result *out)
{
	struct verification v = { .dataset = d, .backend = b, .result = out };
	int rc;

	*out = (struct verify_result){ 0 };
	crew->files_total = dataset_objects(d);
	crew->bytes_total = dataset_is_encoded(d) ? 0 : dataset_bytes(d);
	rc = take_manifest(&v, crew);
	if (!rc)
		rc = crew_run(crew, verify_file, &v);
	if (rc)
		return rc;
	return out->missing || out->damaged ? -EBADMSG : 0;
}
