/* How long a thread runs while others wait for its CPU. */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdint.h>

/* The calling thread would run for ns at a stretch; the kernel takes 0.1 to
 * 100 ms.  Its share of the CPU stays the same, but of two threads that are due
 * the one with the shorter slice goes first, and at once.  A wish: kernels
 * before Linux 6.12 ignore it, and nobody is told.  Threads and processes that
 * this one starts do not inherit it.  (sched_setattr(2): sched_runtime of a
 * thread without real-time policy.) */
void slice_ask(uint64_t ns);

#endif
