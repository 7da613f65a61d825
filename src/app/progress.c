#include "app/progress.h"

#include "base/text.h"

#include <inttypes.h>
#include <string.h>

#define BAR_WIDTH 30

void progress_start(struct progress *p, const char *doing, bool quiet)
{
	*p = (struct progress){ .doing = doing,
				.enabled = !quiet && isatty(STDERR_FILENO) };
}

/* At the mean rate so far; "?" as long as there is none. */
static const char *eta(char out[TEXT_SIZE], const struct crew_progress *p,
		       double share)
{
	if (share >= 1)
		return text_duration(out, 0);
	if (share <= 0)
		return "?";
	return text_duration(
		out, (uint64_t)((double)p->elapsed_ns * (1 - share) / share));
}

/* By bytes, if it is known how many there will be. */
static double share_of(const struct crew_progress *p)
{
	uint64_t done = p->bytes_total ? p->bytes : p->files;
	uint64_t total = p->bytes_total ? p->bytes_total : p->files_total;

	return done < total ? (double)done / (double)total : 1;
}

void progress_show(void *arg, const struct crew_progress *p)
{
	struct progress *bar = arg;
	double share = share_of(p);
	double seconds = (double)p->elapsed_ns / (double)NS_PER_SEC;
	char done[TEXT_SIZE], rate[TEXT_SIZE], left[TEXT_SIZE];
	char cells[BAR_WIDTH + 1] = { 0 };

	if (!bar->enabled)
		return;
	memset(cells, ' ', BAR_WIDTH);
	memset(cells, '=', (size_t)(share * BAR_WIDTH));
	text_size(done, p->bytes);
	text_size(rate,
		  seconds > 0 ? (uint64_t)((double)p->bytes / seconds) : 0);
	fprintf(stderr,
		"\r%s [%s] %3u%%  %" PRIu64 "/%" PRIu64
		" files  %s  %s/s  ETA %s\033[K",
		bar->doing, cells, (unsigned)(100 * share), p->files,
		p->files_total, done, rate, eta(left, p, share));
	bar->drawn = true;
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fputc('\n', stderr);
	p->drawn = false;
}
