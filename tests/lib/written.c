#include "lib/written.h"

#include "base/rng.h"
#include "lib/scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>

#define MOST 70000 /* bytes of a piece */

void written_open(struct written *w)
{
	char path[512];

	w->folder = scratch_new();
	snprintf(path, sizeof(path), "%s/list", w->folder);
	w->list = fopen(path, "we");
	cr_assert_not_null(w->list);
}

void written_close(struct written *w)
{
	if (w->list)
		fclose(w->list);
	scratch_remove(w->folder);
}

static void write_file(const struct dataset *d, uint64_t i, const char *path)
{
	AUTO_FREE unsigned char *buf = malloc(MOST);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	uint64_t at = 0;
	ssize_t got;
	struct rng g;

	cr_assert(buf && fd >= 0, "%s", path);
	rng_seed(&g, i);
	do {
		size_t n = 1 + rng_u64(&g) % MOST;

		got = dataset_read(d, i, buf, n, at);
		cr_assert_geq(got, 0);
		cr_assert_eq(write(fd, buf, (size_t)got), got);
		at += (uint64_t)got;
	} while (got > 0);
	cr_assert_eq(at, dataset_size(d, i));
}

void written_add(struct written *w, const struct dataset_options *o,
		 written_tell_fn tell)
{
	struct dataset *d = NULL;

	cr_assert_eq(dataset_new(o, &d), 0);
	for (uint64_t i = 0; i < o->files[DATASET_TRAIN]; i++) {
		char name[DATASET_MAX_NAME], path[512];
		struct dataset_file f;
		const char *base;

		dataset_file(d, i, &f);
		dataset_name(d, i, name);
		base = strrchr(name, '/') + 1;
		snprintf(path, sizeof(path), "%s/%s", w->folder, base);
		write_file(d, i, path);
		tell(w->list, &f, base);
	}
	dataset_free(d);
}

void written_judge(struct written *w, const char *script)
{
	char command[512];
	int status;

	fclose(TAKE(w->list));
	snprintf(command, sizeof(command), "/usr/bin/python3 '%s' '%s'", script,
		 w->folder);
	status = system(command);
	cr_expect_eq(status, 0, "%s: status %d", command, status);
}
