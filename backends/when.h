/* Points in time as protocols spell them, in seconds since 1970 (UTC, leap
 * seconds not counted).  Years are 0 … 9999; a fraction of a second is dropped.
 *
 * Sources: RFC 3339 section 5.6; RFC 9110 section 5.6.7; "Elements of an AWS API
 * request signature" (AWS IAM User Guide) for the basic format; days are
 * counted as in H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".  No
 * state; any thread; nothing is logged. */
#ifndef BACKENDS_WHEN_H
#define BACKENDS_WHEN_H

#include "base/util.h"

#define WHEN_HTTP_SIZE 30  /* "Sun, 06 Nov 1994 08:49:37 GMT" */
#define WHEN_BASIC_SIZE 17 /* "19941106T084937Z" */

/* The text is a date and nothing else, or it is -EINVAL.
 *
 *	rfc3339  1994-11-06T08:49:37Z, …:37.5+01:00
 *	http     Sun, 06 Nov 1994 08:49:37 GMT, and both obsolete forms; a year
 *	         of two digits is at most fifty years after now */
int when_rfc3339(const char *text, size_t len, int64_t *out) MUST_USE;
int when_http(const char *text, size_t len, int64_t now, int64_t *out) MUST_USE;

/* In nanoseconds; the nearest that there is, for those end in 1677 and 2262. */
int64_t when_ns(int64_t time);

/* A time outside of the years above becomes the nearest inside. */
void when_print_http(int64_t time, char out[WHEN_HTTP_SIZE]);
void when_print_basic(int64_t time, char out[WHEN_BASIC_SIZE]);

#endif
