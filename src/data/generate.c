#include "data/generate.h"

#include "base/log.h"
#include "base/text.h"
#include "data/inventory.h"
#include "data/manifest.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

struct generation {
	const struct dataset *dataset;
	struct backend *backend;
	struct generate_result *result;
	struct inventory *finished; /* NULL: nothing is */
	enum manifest_state found;  /* before the first file was written */
};

struct writing {
	struct crew *crew;
	struct object *object;
	uint64_t size;
};

static int append_piece(void *arg, const void *data, size_t len)
{
	struct writing *w = arg;
	int rc = object_append(w->object, data, len);

	if (rc)
		return rc;
	w->size += len;
	w->crew->bytes += len;
	return crew_stopped(w->crew) ? -EINTR : 0;
}

static int write_object(struct crew *c, struct object *o, uint64_t file,
			void *buffer)
{
	struct generation *g = c->arg;
	struct writing w = { .crew = c, .object = o };
	int rc = dataset_stream(g->dataset, file, buffer, CREW_BUFFER_BYTES,
				append_piece, &w);

	if (!rc)
		rc = object_commit(o, 0);
	if (!rc)
		g->result->written_bytes += w.size;
	return rc;
}

static int write_file(struct crew *c, uint64_t file, const char *name,
		      void *buffer)
{
	struct generation *g = c->arg;
	struct object *o;
	int rc;

	rc = object_create(g->backend, name, &o);
	if (!rc) {
		rc = write_object(c, o, file, buffer);
		object_close(o);
	}
	if (rc && crew_stopped(c))
		return -EINTR; /* whatever the store makes of it */
	return rc ? log_fail(rc, "write %s/%s", g->backend->uri, name) : 0;
}

/* The manifest is written by one thread; this is one of many. */
static int remember(const struct dataset *d, uint64_t file)
{
	uint32_t crc;

	return dataset_learns(d) ? dataset_crc32(d, file, &crc) : 0;
}

static int generate_file(struct crew *c, uint64_t file, void *buffer)
{
	struct generation *g = c->arg;
	char name[DATASET_MAX_NAME];
	int rc;

	if (g->finished && inventory_has(g->finished, file)) {
		g->result->skipped++;
		c->bytes += dataset_size(g->dataset, file);
		return remember(g->dataset, file);
	}
	dataset_name(g->dataset, file, name);
	rc = write_file(c, file, name, buffer);
	if (rc)
		return rc;
	g->result->written++;
	return 0;
}

/* As rank 0 finds it, before it changes that. */
static int find_state(const struct generation *g, const struct crew *crew,
		      enum manifest_state *out)
{
	int rc = 0;

	if (crew_rank(crew) == 0)
		rc = manifest_state(g->backend, g->dataset, out);
	rc = crew_agree(crew, rc);
	return rc ? rc : crew_tell(crew, out, sizeof(*out));
}

/* A complete dataset may be where nobody can write. */
static bool is_written(const struct generation *g, enum manifest_state state)
{
	return g->found == MANIFEST_COMPLETE && state == MANIFEST_COMPLETE &&
	       manifest_is(g->backend, g->dataset, state);
}

static int write_manifest(const struct generation *g, const struct crew *crew,
			  enum manifest_state state)
{
	int rc = 0;

	if (crew_rank(crew) == 0 && !is_written(g, state))
		rc = manifest_write(g->backend, g->dataset, state);
	return crew_agree(crew, rc);
}

/* Which files that are there may be kept: those of the right size.  And mark
 * them as this dataset's before the first new one joins them. */
static int prepare(struct generation *g, const struct crew *crew)
{
	enum manifest_state state = MANIFEST_NONE;
	int rc = find_state(g, crew, &state);

	if (rc)
		return rc;
	g->found = state;
	if (state == MANIFEST_OTHER)
		log_info("%s holds a dataset of another configuration; "
			 "files of the same names are replaced, others stay",
			 g->backend->uri);
	if (state == MANIFEST_COMPLETE)
		rc = manifest_learn(g->backend, g->dataset);
	if (rc)
		return rc;
	if (state == MANIFEST_WRITING || state == MANIFEST_COMPLETE)
		return inventory_new(g->dataset, g->backend, crew->threads,
				     crew->stop, &g->finished);
	return write_manifest(g, crew, MANIFEST_WRITING);
}

/* ---- What a run that was killed has left ---- */

static bool is_to_be_written(void *arg, const char *name)
{
	const struct generation *g = arg;
	uint64_t file;

	if (!strcmp(name, MANIFEST_NAME))
		return true;
	return !dataset_find(g->dataset, name, &file) &&
	       !(g->finished && inventory_has(g->finished, file));
}

/* Stops at the first that is not. */
static bool all_finished(const struct generation *g)
{
	uint64_t i = 0, n = dataset_objects(g->dataset);

	while (g->finished && i < n && inventory_has(g->finished, i))
		i++;
	return i == n;
}

static int64_t sweep(struct generation *g)
{
	int64_t n =
		backend_sweep(g->backend, MANIFEST_NAME, is_to_be_written, g);

	for (int s = 0; s < DATASET_SPLITS && n >= 0; s++) {
		const char *folder = dataset_folder((enum dataset_split)s);
		char prefix[DATASET_MAX_NAME];
		int64_t more;

		if (!dataset_count(g->dataset, (enum dataset_split)s))
			continue;
		snprintf(prefix, sizeof(prefix), "%s/", folder);
		more = backend_sweep(g->backend, prefix, is_to_be_written, g);
		n = more < 0 ? more : n + more;
	}
	return n;
}

/* Who may write may not always look for unfinished uploads: that alone is no
 * reason to give up. */
static void tidy(struct generation *g, const struct crew *crew)
{
	int64_t n;

	if (g->found == MANIFEST_COMPLETE && all_finished(g))
		return;
	n = sweep(g);
	if (n > 0)
		log_info("%s: removed what was left of %" PRId64
			 " file%s by a run that was killed",
			 g->backend->uri, n, n == 1 ? "" : "s");
	if (n < 0 && !crew_stopped(crew))
		log_warn("%s: what a run that was killed may have left of its "
			 "files cannot be looked for: %s",
			 g->backend->uri, strerror((int)-n));
}

/* Hours may go by before the store itself says so.  Only a warning: a file
 * system may compress, and its owner may make room meanwhile. */
static void mind_room(const struct generation *g, const struct crew *crew)
{
	uint64_t room = backend_room(g->backend), needed = 0;
	char need[TEXT_SIZE], have[TEXT_SIZE];

	if (crew->bytes_total <= room)
		return; /* or nobody knows */
	for (uint64_t i = 0; i < crew->files_total; i++)
		if (!g->finished || !inventory_has(g->finished, i))
			needed += dataset_size(g->dataset, i);
	if (needed > room)
		log_warn("%s: has %s free, and the dataset takes %s more",
			 g->backend->uri, text_size(have, room),
			 text_size(need, needed));
}

static int tidy_first(struct generation *g, const struct crew *crew, int rc)
{
	if (!rc && crew_rank(crew) == 0) {
		tidy(g, crew);
		mind_room(g, crew);
	}
	return crew_agree(crew, rc);
}

/* ---- What other ranks have learnt ---- */

struct fact {
	uint64_t object;
	struct dataset_sum sum;
};

static int take_facts(void *arg, unsigned rank, const void *data, size_t len)
{
	const struct generation *g = arg;
	const struct fact *fact = data;

	for (size_t i = 0; rank && i < len / sizeof(*fact); i++)
		dataset_learn(g->dataset, fact[i].object, &fact[i].sum);
	return 0;
}

/* Only who wrote an encoded file knows what it came to, and the manifest is
 * rank 0's. */
static int gather_facts(struct generation *g, const struct crew *crew)
{
	const struct crew_team *t = crew->team;
	uint64_t n = dataset_objects(g->dataset);
	AUTO_FREE struct fact *facts = NULL;
	size_t known = 0;
	int rc;

	if (!t || !dataset_learns(g->dataset))
		return 0;
	facts = calloc(n / t->ranks + 1, sizeof(*facts));
	rc = crew_agree(crew, facts ? 0 : -ENOMEM);
	if (rc || !facts)
		return rc;
	for (uint64_t i = t->rank; i < n; i += t->ranks) {
		facts[known].object = i;
		known += dataset_known(g->dataset, i, &facts[known].sum);
	}
	return t->gather(t->arg, facts, known * sizeof(*facts), take_facts, g);
}

int generate_dataset(const struct dataset *d, struct backend *b,
		     struct crew *crew, struct generate_result *out)
{
	struct generation g = { .dataset = d, .backend = b, .result = out };
	int rc;

	*out = (struct generate_result){ 0 };
	crew->files_total = dataset_objects(d);
	crew->bytes_total = dataset_is_encoded(d) ? 0 : dataset_bytes(d);
	rc = prepare(&g, crew);
	rc = tidy_first(&g, crew, rc);
	if (!rc)
		rc = crew_run(crew, generate_file, &g);
	inventory_free(g.finished);
	rc = crew_agree(crew, rc);
	if (!rc)
		rc = gather_facts(&g, crew);
	return rc ? rc : write_manifest(&g, crew, MANIFEST_COMPLETE);
}

static int remove_one(struct backend *b, const char *name)
{
	int rc = backend_remove(b, name);

	if (rc && rc != -ENOENT)
		return log_fail(rc, "remove %s/%s", b->uri, name);
	return 0;
}

static int remove_file(struct crew *c, uint64_t file, void *buffer)
{
	struct generation *g = c->arg;
	char name[DATASET_MAX_NAME];

	(void)buffer;
	dataset_name(g->dataset, file, name);
	return crew_stopped(c) ? -EINTR : remove_one(g->backend, name);
}

int generate_remove(const struct dataset *d, struct backend *b,
		    struct crew *crew)
{
	struct generation g = { .dataset = d, .backend = b };
	int rc;

	crew->files_total = dataset_objects(d);
	rc = crew_run(crew, remove_file, &g);
	return rc ? rc : remove_one(b, MANIFEST_NAME);
}
