#include "lib/fault_stream.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

/* At least one byte more. */
static int fill(struct fault_stream *s)
{
	ssize_t n = fault_wire_read(s->wire, s->buf, sizeof(s->buf));

	if (n <= 0)
		return -ENODATA;
	s->at = 0;
	s->end = (size_t)n;
	return 0;
}

/* A line without its end. */
static int take_line(struct fault_stream *s, FILE *to, size_t *len)
{
	*len = 0;
	for (;;) {
		char c;

		if (s->at == s->end && fill(s) < 0)
			return -ENODATA;
		c = s->buf[s->at++];
		if (c == '\n')
			return 0;
		if (c == '\r')
			continue;
		fputc(c, to);
		*len += 1;
	}
}

int fault_stream_head(struct fault_stream *s, char **head)
{
	size_t size, len;
	FILE *f = open_memstream(head, &size);
	int rc = 0;

	do {
		rc = take_line(s, f, &len);
		if (len > 0)
			fputc('\n', f);
	} while (rc == 0 && len > 0);
	fclose(f);
	if (rc < 0) {
		free(*head);
		*head = NULL;
	}
	return rc;
}

static int take_bytes(struct fault_stream *s, size_t len, FILE *to)
{
	while (len > 0) {
		size_t n;

		if (s->at == s->end && fill(s) < 0)
			return -ENODATA;
		n = MIN(len, s->end - s->at);
		fwrite(s->buf + s->at, 1, n, to);
		s->at += n;
		len -= n;
	}
	return 0;
}

int fault_stream_body(struct fault_stream *s, size_t len, char **body)
{
	size_t size;
	FILE *f = open_memstream(body, &size);
	int rc = take_bytes(s, len, f);

	fclose(f);
	return rc;
}

int fault_stream_rest(struct fault_stream *s, char **body, size_t *len)
{
	FILE *f = open_memstream(body, len);

	do {
		fwrite(s->buf + s->at, 1, s->end - s->at, f);
		s->at = s->end;
	} while (fill(s) == 0);
	fclose(f);
	return 0;
}

int fault_stream_chunks(struct fault_stream *s, char **body, size_t *len)
{
	FILE *f = open_memstream(body, len);
	unsigned long n;
	int rc;

	do {
		AUTO_FREE char *line = NULL;
		size_t size, ignored;
		FILE *l = open_memstream(&line, &size);

		rc = take_line(s, l, &ignored);
		fclose(l);
		n = strtoul(line, NULL, 16);
		if (rc == 0)
			rc = take_bytes(s, n, f);
		l = fopen("/dev/null", "w");
		if (rc == 0)
			rc = take_line(s, l, &ignored);
		fclose(l);
	} while (rc == 0 && n > 0);
	fclose(f);
	return rc;
}

void fault_stream_split(char *head, char **line, struct fault_header *headers,
			size_t *n)
{
	*line = strsep(&head, "\n");
	*n = 0;
	for (char *h;
	     head && (h = strsep(&head, "\n")) && *n < FAULT_HEADERS;) {
		char *colon = strchr(h, ':');

		if (!colon)
			continue;
		*colon = '\0';
		headers[*n].name = h;
		headers[*n].value = colon + 1 + strspn(colon + 1, " \t");
		*n += 1;
	}
}

const char *fault_stream_find(const struct fault_header *headers, size_t n,
			      const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(headers[i].name, name))
			return headers[i].value;
	return NULL;
}
