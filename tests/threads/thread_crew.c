/* A crew under every way to end: at the end of the work, by an error in one
 * file, by its stop flag; each file is worked on at most once, and what is told
 * of the progress never goes back. */
#include "data/crew.h"

#include "base/clock.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

enum { FILES = 100000, SOME = 2000, THREADS = 4, BYTES = 10, SLOW = 60 };

struct play {
	/* What to do. */
	const char *what;
	uint64_t files, fail_at, stop_at; /* NEVER: not at all */
	uint64_t work_ns;
	int want;
	bool looks;    /* the work on a file looks whether to stop */
	bool meet;     /* the workers begin together */
	bool slowly;   /* so that there is progress to tell of */
	bool all_done; /* nothing may be left out */

	/* What happened. */
	_Atomic uint8_t times[FILES]; /* that a file was worked on */
	_Atomic uint64_t begun;
	_Atomic uint64_t late; /* files begun when all should end */
	atomic_bool stop;

	_Atomic unsigned told;
	/* Of the caller's thread alone. */
	struct crew_progress last;
	unsigned wrong;
};

#define NEVER UINT64_MAX
#define MS (NS_PER_SEC / 1000)

static bool ends_early(const struct play *p)
{
	return p->fail_at != NEVER || p->stop_at != NEVER;
}

static int work(struct crew *c, uint64_t file, void *buffer)
{
	struct play *p = c->arg;

	/* The last is not done before the caller has said how it goes. */
	while (p->slowly && file == p->files - 1 && !p->told)
		sched_yield();
	/* None goes ahead before there is somebody to collide with. */
	p->begun++;
	while (p->meet && p->begun < THREADS)
		sched_yield();
	p->late += crew_stopped(c);
	/* Nobody is through before the end is told. */
	while (ends_early(p) && file > SOME / 2 && !crew_stopped(c))
		sched_yield();
	p->times[file]++;
	memset(buffer, (int)file, 64);
	if (p->work_ns)
		clock_sleep_until(clock_ns() + p->work_ns);
	if (file == p->stop_at)
		p->stop = true;
	if (file == p->fail_at)
		return -EIO;
	if (p->looks && crew_stopped(c))
		return -EINTR;
	c->bytes += BYTES;
	return 0;
}

static void watch(void *arg, const struct crew_progress *p)
{
	struct play *play = arg;

	play->wrong += p->files < play->last.files ||
		       p->bytes < play->last.bytes ||
		       p->elapsed_ns < play->last.elapsed_ns ||
		       p->files > p->files_total || p->bytes > p->bytes_total ||
		       p->files_total != play->files;
	play->last = *p;
	play->told++;
}

/* Files that were worked on more than once, or not at all. */
static void count_files(const struct play *p, unsigned *often, unsigned *never)
{
	*often = *never = 0;
	for (uint64_t i = 0; i < p->files; i++) {
		*often += p->times[i] > 1;
		*never += p->times[i] == 0;
	}
}

static int complain(const struct play *p, const char *of, uint64_t value)
{
	fprintf(stderr, "%s: %s: %llu\n", p->what, of,
		(unsigned long long)value);
	return 1;
}

static int run(struct play *p)
{
	struct crew c = { .threads = THREADS,
			  .files_total = p->files,
			  .bytes_total = p->files * BYTES,
			  .progress = watch,
			  .progress_arg = p,
			  .stop = &p->stop };
	int rc = crew_run(&c, work, p);
	unsigned often, never;

	count_files(p, &often, &never);
	if (rc != p->want)
		return complain(p, "result", (uint64_t)-rc);
	if (often)
		return complain(p, "files more than once", often);
	if (p->all_done ? never != 0 : never == 0)
		return complain(p, "files left out", never);
	/* Each worker may have looked just before. */
	if (p->late > THREADS)
		return complain(p, "files after the end", p->late);
	if (p->wrong)
		return complain(p, "wrong progress", p->wrong);
	if (!p->told || p->last.files != c.files || p->last.bytes != c.bytes)
		return complain(p, "last progress", p->last.files);
	if (p->all_done && p->last.files != p->files)
		return complain(p, "files told of", p->last.files);
	return 0;
}

int main(void)
{
	static struct play plays[] = {
		{ .what = "all of it",
		  .files = FILES,
		  .fail_at = NEVER,
		  .stop_at = NEVER,
		  .meet = true,
		  .all_done = true },
		{ .what = "slowly",
		  .files = SLOW,
		  .fail_at = NEVER,
		  .stop_at = NEVER,
		  .work_ns = NS_PER_SEC / 200,
		  .slowly = true,
		  .all_done = true },
		{ .what = "nothing",
		  .files = 0,
		  .fail_at = NEVER,
		  .stop_at = NEVER,
		  .all_done = true },
		{ .what = "an error",
		  .files = SOME,
		  .fail_at = 50,
		  .stop_at = NEVER,
		  .work_ns = MS,
		  .want = -EIO },
		{ .what = "an error, and others look",
		  .files = SOME,
		  .fail_at = 50,
		  .stop_at = NEVER,
		  .work_ns = MS,
		  .looks = true,
		  .want = -EIO },
		{ .what = "an error at once",
		  .files = SOME,
		  .fail_at = 0,
		  .stop_at = NEVER,
		  .work_ns = MS,
		  .want = -EIO },
		{ .what = "stopped",
		  .files = SOME,
		  .fail_at = NEVER,
		  .stop_at = 50,
		  .work_ns = MS,
		  .want = -EINTR },
		{ .what = "stopped, and looking",
		  .files = SOME,
		  .fail_at = NEVER,
		  .stop_at = 50,
		  .work_ns = MS,
		  .looks = true,
		  .want = -EINTR },
	};
	int failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(plays); i++)
		failed += run(&plays[i]);
	if (plays[1].told < 2)
		failed += complain(&plays[1], "progress told", plays[1].told);
	return failed != 0;
}
