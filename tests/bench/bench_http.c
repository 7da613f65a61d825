/* What GETs over kept connections reach, of any server: MiB/s and requests/s.
 *
 *	bench_http THREADS REQUESTS RANGE_BYTES URL...
 *
 * Each request takes the next URL, and of it the next range (RANGE_BYTES 0: all
 * of it), which lands in its thread's buffer.  All URLs are of one size.  To
 * compare with the curl program: the same ranges with --parallel, or several
 * of it at a time. */
#include "backends/http.h"
#include "base/clock.h"

#include <err.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#define THREADS_MAX 64

struct bench {
	struct http *http;
	char **urls;
	size_t n_urls;
	uint64_t size, range, requests;
	_Atomic uint64_t next, bytes;
};

static void get(struct bench *b, struct http_exchange *x, uint64_t number)
{
	uint64_t from = number / b->n_urls * b->range % b->size;
	uint64_t to = MIN(from + b->range, b->size) - 1;
	const char *headers[2] = { NULL, NULL };
	char range[64];
	int rc;

	snprintf(range, sizeof(range), "Range: bytes=%" PRIu64 "-%" PRIu64,
		 from, to);
	if (b->range < b->size)
		headers[0] = range;
	x->method = HTTP_GET;
	x->url = b->urls[number % b->n_urls];
	x->headers = headers;
	rc = http_perform(b->http, x);
	if (rc || x->got != to - from + 1)
		errx(1, "%s: status %d, %zu bytes: %s %s", x->url, x->status,
		     x->got, strerror(-rc), x->why);
	atomic_fetch_add(&b->bytes, x->got);
}

static void *work(void *arg)
{
	struct bench *b = arg;
	struct http_exchange *x = calloc(1, sizeof(*x));
	uint64_t number;

	if (!x)
		err(1, "memory");
	x->into_size = b->range;
	x->into = malloc(b->range);
	if (!x->into)
		err(1, "memory");
	while ((number = atomic_fetch_add(&b->next, 1)) < b->requests)
		get(b, x, number);
	free(x->into);
	free(x);
	return NULL;
}

static uint64_t size_of(struct bench *b)
{
	AUTO_FREE struct http_exchange *x = calloc(1, sizeof(*x));
	const char *text;
	size_t len;

	if (!x)
		err(1, "memory");
	x->method = HTTP_HEAD;
	x->url = b->urls[0];
	if (http_perform(b->http, x) || x->status != 200)
		errx(1, "%s: status %d %s", x->url, x->status, x->why);
	text = http_reply_header(x, "Content-Length", &len);
	return text ? strtoull(text, NULL, 10) : 0;
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	struct http_options options = { 0 };
	struct bench b = { 0 };
	size_t n;
	uint64_t start;
	double seconds;

	if (argc < 5)
		errx(2,
		     "usage: bench_http THREADS REQUESTS RANGE_BYTES URL...");
	n = MIN(strtoull(argv[1], NULL, 10), THREADS_MAX);
	b.requests = strtoull(argv[2], NULL, 10);
	b.range = strtoull(argv[3], NULL, 10);
	b.urls = argv + 4;
	b.n_urls = (size_t)argc - 4;
	if (http_new(&options, &b.http))
		return 1;
	b.size = size_of(&b);
	if (b.size == 0)
		errx(1, "%s: nothing there", b.urls[0]);
	b.range = b.range ? MIN(b.range, b.size) : b.size;

	start = clock_ns();
	for (size_t i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, work, &b))
			errx(1, "no threads");
	for (size_t i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	seconds = (double)(clock_ns() - start) / (double)NS_PER_SEC;
	printf("%.1f MiB/s %.0f requests/s\n",
	       (double)b.bytes / (double)MIB / seconds,
	       (double)b.requests / seconds);
	http_free(b.http);
	return 0;
}
