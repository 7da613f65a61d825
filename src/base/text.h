/* Sizes, durations, counts and words, as people write and read them.  Nothing
 * here logs: the caller knows the key and the line.  No state; any thread. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/util.h"

/* A number of bytes, with at most a fraction and a unit: "4096", "16KiB",
 * "1.5 MiB".  KiB … PiB and K … P are powers of 1024, KB … PB of 1000.  Upper
 * and lower case are the same, and the result is rounded to a whole.
 * -EINVAL: not that; -ERANGE: too large. */
int text_parse_size(const char *text, uint64_t *bytes) MUST_USE;

/* The digits that *text begins with; it moves behind them.  No sign and no
 * space.  -EINVAL: there are none; -ERANGE: too many. */
int text_take_uint(const char **text, uint64_t *out) MUST_USE;

/* To read, rounded to three digits (0.5 %), or from a minute on to the second
 * unit shown; exact below 1 KiB and 1 us.  They return out. */
#define TEXT_SIZE 32

/* "512 B", "1.5 MiB", "64 GiB" */
const char *text_size(char out[TEXT_SIZE], uint64_t bytes);

/* "85 ns", "12.3 us", "4.56 ms", "7.00 s", "1m 05s", "3h 20m", "2d 01h" */
const char *text_duration(char out[TEXT_SIZE], uint64_t ns);

/* All digits: "1,234,567" */
const char *text_count(char out[TEXT_SIZE], uint64_t count);

/* What was probably meant: the candidate fewest mistakes away (a letter wrong,
 * missing, too much, or two neighbours swapped; case does not count), the first
 * of several.  NULL if none is within a third of the word's length (at least
 * one mistake is allowed, but never all letters). */
const char *text_suggest(const char *word, const char *const *candidates,
			 size_t n);

/* FNV-1a of 64 bits, by G. Fowler, L. C. Noll and P. Vo
 * (http://www.isthe.com/chongo/tech/comp/fnv/). */
uint64_t text_hash(const char *text);

#endif
