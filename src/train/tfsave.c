#include "train/tfsave.h"

#include "base/crc.h"
#include "base/log.h"
#include "train/stateout.h"
#include "train/tfbundle.h"

#include <errno.h>
#include <string.h>

#define NAME_SIZE 256

/* A tensor on its way, and its entry, which is to know its CRC. */
struct checked {
	struct outbuf *w;
	struct tfbundle_entry *e;
};

static int write_checked(void *arg, const void *piece, size_t len)
{
	const struct checked *c = arg;

	c->e->crc = crc_crc32c(c->e->crc, piece, len);
	return outbuf_write(c->w, piece, len);
}

static int fill_data(struct stateout *s, struct outbuf *w, void *arg)
{
	struct tfbundle *b = arg;
	int rc = 0;

	for (size_t i = 0; i < b->n && !rc; i++) {
		struct tfbundle_entry *e = &b->entry[i];

		if (e->tensor)
			rc = stateout_tensor(s, w, e->tensor, write_checked,
					     &(struct checked){ w, e });
		else
			rc = outbuf_write(w, e->text, e->size);
	}
	return rc;
}

struct text {
	const void *data;
	size_t len;
};

static int fill_text(struct stateout *s, struct outbuf *w, void *arg)
{
	const struct text *text = arg;

	(void)s;
	return outbuf_write(w, text->data, text->len);
}

static int write_text(struct stateout *s, const char *name, const void *data,
		      size_t len)
{
	return stateout_file(s, name, FILLER_PIECE, fill_text,
			     &(struct text){ data, len });
}

static int write_index(struct stateout *s, const char *name,
		       const struct tfbundle *b, uint64_t *bytes)
{
	AUTO_FREE uint8_t *index = NULL;
	char path[NAME_SIZE];
	size_t len;

	if (tfbundle_index(b, &index, &len))
		return log_fail(-ENOMEM, "memory for the index of %s", name);
	*bytes = b->bytes + len;
	snprintf(path, sizeof(path), "%s-1.index", name);
	return write_text(s, path, index, len);
}

/* CheckpointState, as text. */
static int write_latest(struct stateout *s, const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	char path[NAME_SIZE], text[2 * NAME_SIZE];
	int len = snprintf(text, sizeof(text),
			   "model_checkpoint_path: \"%s-1\"\n"
			   "all_model_checkpoint_paths: \"%s-1\"\n",
			   base, base);

	snprintf(path, sizeof(path), "%.*scheckpoint", (int)(base - name),
		 name);
	return write_text(s, path, text, (size_t)len);
}

int tfsave_write(struct stateout *s, const char *name,
		 const struct state *state, uint64_t *bytes)
{
	char path[NAME_SIZE];
	struct tfbundle b;
	int rc = tfbundle_make(state, &b);

	if (rc)
		return log_fail(rc, "memory for checkpoint %s", name);
	snprintf(path, sizeof(path), "%s-1.data-00000-of-00001", name);
	rc = stateout_file(s, path, FILLER_PIECE, fill_data, &b);
	if (!rc)
		rc = write_index(s, name, &b, bytes);
	if (!rc)
		rc = write_latest(s, name);
	tfbundle_clear(&b);
	return rc;
}
