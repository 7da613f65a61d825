#include "backends/complaint.h"

#include "base/log.h"

bool complaint_due(struct complaints *c, int kind, uint64_t now_ns,
		   unsigned *unsaid)
{
	size_t at = 0;

	for (size_t i = 0; i < COMPLAINT_KINDS && c->said[at].kind != kind; i++)
		if (c->said[i].kind == kind ||
		    c->said[i].at_ns < c->said[at].at_ns)
			at = i;
	*unsaid = 0;
	if (c->said[at].kind == kind) {
		if (now_ns < c->said[at].at_ns + COMPLAINT_QUIET_NS) {
			c->said[at].unsaid++;
			return false;
		}
		*unsaid = c->said[at].unsaid;
	}
	c->said[at].kind = kind;
	c->said[at].at_ns = now_ns;
	c->said[at].unsaid = 0;
	return true;
}

/* Neither lines of its own nor a terminal's commands. */
static void put(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len && text[i]; i++) {
		unsigned char c = (unsigned char)text[i];

		fputc(c < ' ' || c == 0x7f ? ' ' : c, out);
	}
}

static bool is_text(const char *text)
{
	return text && *text;
}

/* Nothing, if there is nothing. */
static void put_text(FILE *out, const char *before, const char *text,
		     const char *after)
{
	if (!is_text(text))
		return;
	fputs(before, out);
	put(out, text, SIZE_MAX);
	fputs(after, out);
}

static void put_answer(FILE *out, const struct complaint *c)
{
	fprintf(out, "answered %d", c->status);
	put_text(out, " ", c->code, "");
	put_text(out, ", \"", c->message, "\"");
	if (c->request) {
		fputs(", request ", out);
		put(out, c->request, c->request_len);
	}
}

static void put_line(FILE *out, const struct complaint *c)
{
	fprintf(out, "%s: ", c->store);
	put_text(out, "", c->object, ": ");
	fprintf(out, "%s ", c->server);
	if (c->status)
		put_answer(out, c);
	else
		fputs("failed", out);
	put_text(out, c->status ? ", " : ": ", c->why, "");
	if (c->attempts > 1)
		fprintf(out, ", after %u attempts", c->attempts);
	if (c->unsaid)
		fprintf(out, " (and %u like it)", c->unsaid);
}

void complaint_say(const struct complaint *c)
{
	AUTO_FREE char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);

	if (!out)
		return;
	put_line(out, c);
	if (fclose(out) == 0 && line)
		log_fail(c->error, "%s", line);
}
