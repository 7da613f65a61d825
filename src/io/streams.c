#include "io/streams.h"

#define GRAIN_LEAST (4 * KIB)
#define GRAIN_MOST (64 * KIB)

void streams_init(struct streams *st)
{
	*st = (struct streams){ 0 };
	st->stream[0].used = st->clock = 1;
}

/* ---- Which stream ------------------------------------------------------- */

static bool belongs(const struct stream *s, uint64_t offset, uint64_t len)
{
	uint64_t reach = MIN(MAX(len, STREAMS_SHORT_RUN) * STREAMS_REQUESTS,
			     STREAMS_FORWARD);

	if (!s->used || offset + MAX(reach, MIB) < s->next)
		return false;
	if (offset <= s->next + reach)
		return true;
	return offset <= s->next + STREAMS_FORWARD && offset < s->fetched;
}

static uint64_t distance(const struct stream *s, uint64_t offset)
{
	return offset > s->next ? offset - s->next : s->next - offset;
}

static struct stream *find(struct streams *st, uint64_t offset, uint64_t len)
{
	struct stream *best = NULL;

	for (unsigned i = 0; i < STREAMS; i++) {
		struct stream *s = &st->stream[i];

		if (belongs(s, offset, len) &&
		    (!best || distance(s, offset) < distance(best, offset)))
			best = s;
	}
	return best;
}

static struct stream *least_used(struct streams *st)
{
	struct stream *least = &st->stream[0];

	for (unsigned i = 1; i < STREAMS; i++)
		if (st->stream[i].used < least->used)
			least = &st->stream[i];
	return least;
}

/* ---- Sequential or random ----------------------------------------------- */

/* Of the runs that have ended. */
static uint64_t mean_run(const struct streams *st)
{
	unsigned n = MIN(st->seeks, STREAMS_RUNS);
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += st->runs[i];
	return n ? sum / n : UINT64_MAX;
}

static bool is_random(const struct streams *st, const struct stream *s)
{
	uint64_t mean = mean_run(st);

	if (s->run > STREAMS_FIRST_WINDOW)
		return false;
	return mean <= STREAMS_SHORT_RUN ||
	       (st->seeks >= STREAMS_SEEKS && mean <= STREAMS_FIRST_WINDOW);
}

/* The run that a new stream's seek ends is the one read last, whichever stream
 * had it: of two streams read in turn none is ever given up. */
static void begin(struct streams *st, struct stream *s, uint64_t offset)
{
	const struct stream *last = &st->stream[0];

	for (unsigned i = 1; i < STREAMS; i++)
		if (st->stream[i].used > last->used)
			last = &st->stream[i];
	if (last->run > 0)
		st->runs[st->seeks++ % STREAMS_RUNS] = last->run;
	*s = (struct stream){ .next = offset,
			      .fetched = offset,
			      .passed = offset };
}

struct stream *streams_read(struct streams *st, uint64_t offset, uint64_t len,
			    struct streams_range *left)
{
	struct stream *s = find(st, offset, len);

	*left = (struct streams_range){ 0 };
	if (!s) {
		s = least_used(st);
		if (s->fetched > s->next)
			*left = (struct streams_range){ s->next, s->fetched };
		begin(st, s, offset);
	}
	s->used = ++st->clock;
	s->run += len;
	s->next = MAX(s->next, offset + len);
	s->fetched = MAX(s->fetched, offset);
	if (is_random(st, s)) {
		s->window = s->target = 0;
	} else if (s->window == 0) {
		s->window = STREAMS_FIRST_WINDOW;
		s->grown = offset + s->window;
	}
	return s;
}

/* ---- The window --------------------------------------------------------- */

/* Bytes per second since the last time; 0: not known. */
static uint64_t measure(struct stream *s, uint64_t now_ns)
{
	uint64_t ns = now_ns - s->at_ns, rate = 0;

	if (s->at_ns && ns > 0 && s->next > s->at)
		rate = (uint64_t)((double)(s->next - s->at) *
				  (double)NS_PER_SEC / (double)ns);
	s->at_ns = now_ns;
	s->at = s->next;
	return rate;
}

void streams_stalled(struct stream *s, uint64_t offset, uint64_t most,
		     uint64_t now_ns)
{
	uint64_t rate;

	if (s->window == 0 || (s->at_ns && offset < s->grown))
		return;
	if (!s->at_ns) {
		measure(s, now_ns); /* the first read has nothing to tell */
		return;
	}
	rate = measure(s, now_ns);
	if (s->window < most && s->rate && rate < s->rate + s->rate / 8) {
		s->rate = 0;
		s->grown = s->next + STREAMS_PATIENCE * s->window;
		return;
	}
	s->rate = rate;
	s->window = MAX(s->window, MIN(2 * s->window, most));
	s->grown = s->next + s->window;
}

uint64_t streams_target(struct stream *s, uint64_t most)
{
	uint64_t window = MIN(s->window, most);

	if (window > 0 && s->next + window / 2 > s->fetched)
		s->target = s->next + window;
	return MAX(s->fetched, s->target);
}

bool streams_want(const struct streams *st, uint64_t from, uint64_t to)
{
	for (unsigned i = 0; i < STREAMS; i++) {
		const struct stream *s = &st->stream[i];

		if (s->window > 0 && from < s->fetched && to > s->next)
			return true;
	}
	return false;
}

uint64_t streams_part(uint64_t window, uint64_t most)
{
	uint64_t part = MIB;

	while (2 * part <= window / 4)
		part *= 2;
	return MIN(part, most);
}

struct streams_range streams_exact(uint64_t offset, uint64_t len)
{
	uint64_t grain = GRAIN_LEAST;

	while (grain < GRAIN_MOST && grain * 2 <= len / 4)
		grain *= 2;
	return (struct streams_range){ round_down(offset, grain),
				       round_up(offset + len, grain) };
}
