/* For tests under AddressSanitizer: fork() waits until this process's other
 * threads sleep.
 *
 * The allocator of GCC 12's AddressSanitizer takes no care of fork(): a lock
 * that another thread holds at that moment is never released in the child,
 * which then waits in malloc() for ever (mended in LLVM's pull request 75290).
 * Criterion forks every test beside a thread of nanomsg that allocates, so one
 * test program in a hundred hung.  A thread that sleeps holds no such lock. */
#ifndef TESTS_LIB_CALM_FORK_H
#define TESTS_LIB_CALM_FORK_H

/* Runs by itself before main(); the linker is told to want it. */
void calm_fork(void);

#endif
