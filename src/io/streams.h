/* What the reads of one open file look like, and so what to fetch ahead: plain
 * arithmetic on offsets, no threads, no memory.
 *
 * Up to two sequential streams are told apart (an archive's directory at the
 * end and its members; two workers on one descriptor).  A stream that reads on
 * has a window ahead of it: a small first one, since many files are opened for
 * their first bytes; doubled each time the reader has caught up with what was
 * there at its last growth, for only then is the window too small; topped up
 * when less than half of it is left.
 *
 * The kernel sends its read-ahead, and the parts of a large direct read, all at
 * once and through several threads, so reads of one stream come out of order.
 * A read belongs to a stream if it is no further from its end than a few such
 * requests, or lies in the window, not too far ahead: waiting for 16 MiB is
 * quicker than a new request to most stores.
 *
 * Any other read is a seek.  If the runs between the last seeks were short
 * (128 KiB on average, or after three seeks less than a first window), then
 * reads are random: they get what they ask for and no window, until a run is
 * longer than that again.
 *
 * The constants are Mountpoint's (first window, growth on stalls, top-up,
 * forward seek), JuiceFS's (two streams), GeeseFS's (128 KiB) and gcsfuse's
 * (three seeks). */
#ifndef IO_STREAMS_H
#define IO_STREAMS_H

#include "base/util.h"

#define STREAMS 2u
#define STREAMS_RUNS 4u /* that the average is of */

/* The 128 KiB are the kernel's read-ahead, which asks for as much beyond what
 * a program reads: so a read of 1 MiB is one request. */
#define STREAMS_FIRST_WINDOW (MIB + 128 * KIB)
#define STREAMS_FORWARD (16 * MIB) /* a seek that waits */
#define STREAMS_SHORT_RUN (128 * KIB)
#define STREAMS_SEEKS 3u
#define STREAMS_PATIENCE 8u  /* windows until growth is tried again */
#define STREAMS_REQUESTS 16u /* that may overtake each other */

struct stream {
	uint64_t next;	    /* after the furthest byte read */
	uint64_t run;	    /* bytes read since the seek that began it */
	uint64_t window;    /* bytes wanted ahead of next; 0: random */
	uint64_t fetched;   /* up to here it is there, or coming */
	uint64_t target;    /* up to here it should be */
	uint64_t passed;    /* nothing before it will be read any more */
	uint64_t grown;	    /* no growth before a read here has to wait */
	uint64_t rate;	    /* bytes per second before the last growth, or 0 */
	uint64_t at_ns, at; /* when that was, and where */
	uint64_t used;	    /* for the least recently used */
};

struct streams {
	struct stream stream[STREAMS];
	uint64_t runs[STREAMS_RUNS]; /* before the last seeks; a ring */
	unsigned seeks;
	uint64_t clock;
};

/* Of a file that has just been opened: one stream, at its beginning. */
void streams_init(struct streams *st);

/* The stream that this read belongs to, its next moved on.  *left is the part
 * ahead of a stream that was given up for it, or empty (begin == end). */
struct streams_range {
	uint64_t begin, end;
};
struct stream *streams_read(struct streams *st, uint64_t offset, uint64_t len,
			    struct streams_range *left);

/* The read had to wait: its window may grow, up to most bytes.  If the last
 * growth has not made the stream an eighth faster, it was for nothing (the store
 * or the network gives no more, and larger windows only wear out memory): the
 * next one is not tried before a while. */
void streams_stalled(struct stream *s, uint64_t offset, uint64_t most,
		     uint64_t now_ns);

/* How far to fetch now: s->fetched, or more.  Once it is more it stays so. */
uint64_t streams_target(struct stream *s, uint64_t most);

/* Whether a part of the file is ahead of a stream, and wanted for it. */
bool streams_want(const struct streams *st, uint64_t begin, uint64_t end);

/* Bytes in one request for a stream with this window, a power of two: a
 * quarter of it, so that some are under way, and each worth its cost to the
 * server; at least 1 MiB, below which the requests cost more than the bytes; at
 * most most. */
uint64_t streams_part(uint64_t window, uint64_t most);

/* The exact range of a random read, made whole multiples of 4 KiB to 64 KiB:
 * at most half as much again, and what is next to it fits. */
struct streams_range streams_exact(uint64_t offset, uint64_t len);

#endif
