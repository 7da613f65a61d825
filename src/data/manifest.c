#include "data/manifest.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MAGIC "dliofs-manifest\t1"

static int describe(const struct dataset *d, char **out)
{
	size_t len;
	FILE *f = open_memstream(out, &len);

	if (!f)
		return -ENOMEM;
	dataset_describe(d, f);
	return fclose(f) ? -ENOMEM : 0;
}

/* Was a manifest with this hash written for this dataset?  1: yes. */
static int is_of(const struct dataset *d, uint64_t hash)
{
	AUTO_FREE char *text = NULL;
	int rc = describe(d, &text);

	return rc ? rc : text_hash(text) == hash;
}

static int write_head(const struct dataset *d, enum manifest_state state,
		      FILE *f)
{
	AUTO_FREE char *text = NULL;
	int rc;

	rc = describe(d, &text);
	if (rc)
		return rc;
	fprintf(f, MAGIC "\nconfig\t%016" PRIx64 "\t%s\nstate\t%s\n",
		text_hash(text), text,
		state == MANIFEST_COMPLETE ? "complete" : "writing");
	return 0;
}

static int write_files(const struct dataset *d, uint64_t from, uint64_t to,
		       FILE *f)
{
	char name[DATASET_MAX_NAME];
	uint32_t crc;

	for (uint64_t file = from; file < to; file++) {
		int rc = dataset_crc32(d, file, &crc);

		if (rc)
			return rc;
		dataset_name(d, file, name);
		fprintf(f, "file\t%s\t%" PRIu64 "\t%08" PRIx32 "\n", name,
			dataset_size(d, file), crc);
	}
	return 0;
}

/* Where the pieces go.  A result that is not 0 ends it and is returned. */
struct sink {
	int (*take)(void *arg, const void *piece, size_t len);
	void *arg;
};

/* The manifest in pieces: piece 0 is the head, then some files each, then the
 * end; so that ten million lines need no memory to speak of. */
static int make_piece(const struct sink *to, const struct dataset *d,
		      enum manifest_state state, uint64_t from, uint64_t end)
{
	AUTO_FREE char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int rc = 0;

	if (!f)
		return -ENOMEM;
	if (!from)
		rc = write_head(d, state, f);
	if (!rc && state == MANIFEST_COMPLETE) {
		rc = write_files(d, from, end, f);
		if (end == dataset_objects(d))
			fprintf(f, "end\t%" PRIu64 "\t%" PRIu64 "\n", end,
				dataset_bytes(d));
	}
	if (fclose(f) && !rc)
		rc = -ENOMEM;
	return rc ? rc : to->take(to->arg, text, len);
}

static int make_all(const struct sink *to, const struct dataset *d,
		    enum manifest_state state)
{
	const uint64_t step = 16384;
	uint64_t files = state == MANIFEST_COMPLETE ? dataset_objects(d) : 0;
	uint64_t from = 0;

	do {
		uint64_t end = MIN(from + step, files);
		int rc = make_piece(to, d, state, from, end);

		if (rc)
			return rc;
		from = end;
	} while (from < files);
	return 0;
}

static int append(void *arg, const void *piece, size_t len)
{
	return object_append(arg, piece, len);
}

int manifest_write(struct backend *b, const struct dataset *d,
		   enum manifest_state state)
{
	struct object *o;
	int rc;

	rc = object_create(b, MANIFEST_NAME, &o);
	if (!rc) {
		rc = make_all(&(struct sink){ append, o }, d, state);
		if (!rc)
			rc = object_commit(o, 0);
		object_close(o);
	}
	return rc ? log_fail(rc, "write %s/%s", b->uri, MANIFEST_NAME) : 0;
}

/* ---- Comparing ---- */

struct comparison {
	struct object *object;
	uint64_t offset;
};

static int compare(void *arg, const void *piece, size_t len)
{
	struct comparison *c = arg;
	AUTO_FREE char *there = malloc(len);
	ssize_t got;

	if (!there)
		return -ENOMEM;
	got = object_pread(c->object, there, len, c->offset);
	if (got < 0)
		return (int)got;
	c->offset += len;
	return (size_t)got == len && !memcmp(there, piece, len) ? 0 : -ESTALE;
}

bool manifest_is(struct backend *b, const struct dataset *d,
		 enum manifest_state state)
{
	struct comparison c = { 0 };
	int rc = object_open(b, MANIFEST_NAME, &c.object);

	if (rc)
		return false;
	rc = make_all(&(struct sink){ compare, &c }, d, state);
	if (!rc && c.offset != c.object->size)
		rc = -ESTALE;
	object_close(c.object);
	return !rc;
}

/* ---- Reading ---- */

/* Lines of an object, read in large pieces. */
struct lines {
	struct object *object;
	uint64_t offset; /* of what comes after the buffer */
	size_t begin, end;
	unsigned number; /* of the line last asked for, from 1 */
	char buffer[64 * KIB];
};

static int damaged(const struct lines *l)
{
	log_error("%s/%s, line %u: not a line of a manifest; "
		  "remove the file and generate again",
		  l->object->backend->uri, MANIFEST_NAME, l->number);
	return -EINVAL;
}

/* Move what is there to the front and read on.  Bytes, 0 at the end. */
static ssize_t fill(struct lines *l)
{
	ssize_t got;

	memmove(l->buffer, l->buffer + l->begin, l->end - l->begin);
	l->end -= l->begin;
	l->begin = 0;
	got = object_pread(l->object, l->buffer + l->end,
			   sizeof(l->buffer) - l->end, l->offset);
	if (got < 0)
		return log_fail((int)got, "read %s/%s", l->object->backend->uri,
				MANIFEST_NAME);
	l->end += (size_t)got;
	l->offset += (uint64_t)got;
	return got;
}

/* The next line, without its newline.  1: here it is; 0: the end; or an error,
 * which was said.  A last line without newline, one longer than the buffer or
 * one with a zero byte is damage. */
static int next_line(struct lines *l, char **out)
{
	ssize_t got = 1;

	l->number++;
	while (got > 0) {
		char *start = l->buffer + l->begin;
		char *newline = memchr(start, '\n', l->end - l->begin);

		if (newline) {
			*newline = '\0';
			l->begin += (size_t)(newline - start) + 1;
			*out = start;
			return start + strlen(start) == newline ? 1 :
								  damaged(l);
		}
		got = fill(l);
	}
	if (!got && l->end)
		return damaged(l);
	return (int)got;
}

/* The same where there must be one. */
static int need_line(struct lines *l, char **out)
{
	int rc = next_line(l, out);

	if (rc < 0)
		return rc;
	return rc ? 0 : damaged(l);
}

/* Cut a line at its tabs; gives the number of fields, more than max if there
 * are. */
static size_t split(char *line, char **field, size_t max)
{
	size_t n = 0;

	while (line && n < max)
		field[n++] = strsep(&line, "\t");
	return line ? n + 1 : n;
}

/* Digits and nothing else: no blank, sign or 0x. */
static bool number(const char *text, int base, uint64_t *out)
{
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" :
					  "0123456789";

	if (!*text || text[strspn(text, digits)])
		return false;
	errno = 0;
	*out = strtoull(text, NULL, base);
	return !errno;
}

static bool parse_state(const char *text, enum manifest_state *out)
{
	*out = strcmp(text, "complete") ? MANIFEST_WRITING : MANIFEST_COMPLETE;
	return *out == MANIFEST_COMPLETE || !strcmp(text, "writing");
}

/* The three lines of the head. */
static int read_head(struct lines *l, uint64_t *hash,
		     enum manifest_state *state)
{
	char *line, *field[3];
	int rc;

	rc = need_line(l, &line);
	if (rc)
		return rc;
	if (strcmp(line, MAGIC))
		return damaged(l);
	rc = need_line(l, &line);
	if (rc)
		return rc;
	if (split(line, field, 3) < 3 || strcmp(field[0], "config") ||
	    !number(field[1], 16, hash))
		return damaged(l);
	rc = need_line(l, &line);
	if (rc)
		return rc;
	if (split(line, field, 3) != 2 || strcmp(field[0], "state") ||
	    !parse_state(field[1], state))
		return damaged(l);
	return 0;
}

static int open_lines(struct backend *b, struct lines **out)
{
	AUTO_FREE struct lines *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return -ENOMEM;
	rc = object_open(b, MANIFEST_NAME, &l->object);
	if (rc)
		return rc;
	*out = TAKE(l);
	return 0;
}

static void close_lines(struct lines *l)
{
	object_close(l->object);
	free(l);
}

int manifest_state(struct backend *b, const struct dataset *d,
		   enum manifest_state *out)
{
	struct lines *l;
	uint64_t hash;
	int rc;

	*out = MANIFEST_NONE;
	rc = open_lines(b, &l);
	if (rc == -ENOENT)
		return 0;
	if (rc)
		return log_fail(rc, "open %s/%s", b->uri, MANIFEST_NAME);
	rc = read_head(l, &hash, out);
	close_lines(l);
	if (rc)
		return rc;
	rc = is_of(d, hash);
	if (!rc)
		*out = MANIFEST_OTHER;
	return MIN(rc, 0);
}

/* What the file lines come to. */
struct sum {
	uint64_t files, bytes;
};

static int file_line(const struct lines *l, char *const *field, struct sum *sum,
		     manifest_file_fn fn, void *arg)
{
	uint64_t size, crc;

	if (strcmp(field[0], "file") || !number(field[2], 10, &size) ||
	    !number(field[3], 16, &crc) || crc > UINT32_MAX)
		return damaged(l);
	sum->files++;
	sum->bytes += size; /* wraps as its writer's did */
	return fn(arg, field[1], size, (uint32_t)crc);
}

/* The last line of all, and what it says. */
static int end_line(struct lines *l, char *const *field, const struct sum *sum)
{
	uint64_t files, bytes;
	char *line;
	int rc;

	if (strcmp(field[0], "end") || !number(field[1], 10, &files) ||
	    !number(field[2], 10, &bytes) || files != sum->files ||
	    bytes != sum->bytes)
		return damaged(l);
	rc = next_line(l, &line);
	return rc > 0 ? damaged(l) : rc;
}

static int read_files(struct lines *l, manifest_file_fn fn, void *arg)
{
	struct sum sum = { 0 };
	char *line, *field[4];

	for (;;) {
		int rc = need_line(l, &line);
		size_t n;

		if (rc)
			return rc;
		n = split(line, field, 4);
		if (n == 3)
			return end_line(l, field, &sum);
		if (n != 4)
			return damaged(l);
		rc = file_line(l, field, &sum, fn, arg);
		if (rc)
			return rc;
	}
}

int manifest_read(struct backend *b, manifest_file_fn fn, void *arg)
{
	enum manifest_state state;
	struct lines *l;
	uint64_t hash;
	int rc;

	rc = open_lines(b, &l);
	if (rc)
		return rc;
	rc = read_head(l, &hash, &state);
	if (!rc && state != MANIFEST_COMPLETE)
		rc = log_invalid("%s/%s: the dataset was not finished; "
				 "generate it again",
				 b->uri, MANIFEST_NAME);
	else if (!rc)
		rc = read_files(l, fn, arg);
	close_lines(l);
	return rc;
}

static int learn(void *arg, const char *name, uint64_t size, uint32_t crc32)
{
	const struct dataset *d = arg;
	uint64_t object;

	if (!dataset_find(d, name, &object))
		dataset_learn(d, object, &(struct dataset_sum){ size, crc32 });
	return 0;
}

int manifest_learn(struct backend *b, const struct dataset *d)
{
	uintptr_t arg = (uintptr_t)d; /* const again in learn() */

	return dataset_learns(d) ? manifest_read(b, learn, (void *)arg) : 0;
}
