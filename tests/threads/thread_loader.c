/* Loaders of several threads through passes that end, passes given up, errors
 * and early ends, with everything that is shared touched at once. */
#include "lib/fake_source.h"
#include "lib/numpy_files.h"
#include "train/loader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define FILES 24

static size_t file_len;

static int describe(void *arg, uint64_t number, struct loader_file *out)
{
	(void)arg;
	snprintf(out->name, sizeof(out->name), "f%lu", number);
	out->size = file_len;
	out->has_crc = false;
	return 0;
}

static void expect(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "failed: %s\n", what);
	exit(1);
}

static void name(void *arg, uint64_t file, char out[HERALD_NAME_SIZE])
{
	(void)arg;
	snprintf(out, HERALD_NAME_SIZE, "%lu", file);
}

/* Not atomic: one worker at a time announces. */
static void announce(void *arg, const char *const *names, size_t n)
{
	uint64_t *said = arg;

	for (size_t i = 0; i < n; i++)
		*said += names[i][0] != '\0';
}

/* Take at most this many batches; the loader's last word. */
static int take(struct loader *l, uint64_t most)
{
	struct loader_io io;
	struct batch b;
	int rc = 1;

	for (uint64_t n = 0; n < most && rc == 1; n++) {
		rc = loader_next(l, &b);
		expect(rc != 1 || b.number == n, "order of batches");
		loader_io(l, &io);
	}
	return rc;
}

static void run(struct fake_source *fake, enum sampler_order order,
		unsigned threads, int fault)
{
	uint64_t said = 0;
	struct sampler samples;
	struct loader_setup setup = {
		.reader = { .source = fake_source(fake),
			    .format = "npz",
			    .check = true },
		.sampler = &samples,
		.threads = threads,
		.ahead = loader_pytorch_ahead(threads, threads % 3 * 2),
		.file = describe,
		.herald = { .announce = announce,
			    .announce_arg = &said,
			    .name = name },
	};
	struct sampler_setup sampler = {
		.files = FILES,
		.samples_per_file = 1,
		.batch = 2,
		.ranks = 1,
		.workers = threads,
		.order = order,
	};
	struct loader *l;

	expect(!sampler_init(&samples, &sampler), "sampler");
	expect(!loader_new(&setup, &l), "loader");
	if (fault) {
		fake_source_fail(fake, FAKE_READ, 150, fault);
		expect(!loader_start(l, 1), "start");
		expect(take(l, UINT64_MAX) == fault, "error comes out");
	} else {
		expect(!loader_start(l, 1), "start");
		expect(take(l, UINT64_MAX) == 0, "a whole pass");
		expect(!loader_start(l, 2), "start again");
		expect(take(l, threads) == 1, "a part of a pass");
		expect(!loader_start(l, 3), "start again without the rest");
		expect(take(l, 1) == 1, "one batch");
	}
	/* Here with readers at work. */
	loader_free(l);
	sampler_clear(&samples);
	expect(fault || said >= FILES, "all is announced");
}

int main(void)
{
	struct fake_source *fake = fake_source_new(512);
	uint8_t *bytes = numpy_files_npz(40, 40, 1, &file_len);

	for (uint64_t i = 0; i < FILES; i++) {
		struct loader_file file;

		describe(NULL, i, &file);
		fake_source_put(fake, file.name, bytes, file_len);
	}
	for (unsigned threads = 1; threads <= 8; threads++) {
		for (int order = 0; order <= SAMPLER_RECORDS; order++) {
			run(fake, (enum sampler_order)order, threads, 0);
			run(fake, (enum sampler_order)order, threads, -EIO);
			fake_source_forget(fake);
		}
	}
	expect(!fake_source_open_files(fake), "every file is closed");
	free(bytes);
	source_free(fake_source(fake));
	return 0;
}
