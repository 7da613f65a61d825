/* For tests: wait for what must happen, rather than for so long that it surely
 * has.  On a machine with other work nothing is sure. */
#ifndef TESTS_LIB_AWAIT_H
#define TESTS_LIB_AWAIT_H

#include "base/clock.h"

#define AWAIT_MS (NS_PER_SEC / 1000)

/* Look at a condition every millisecond until it is true, for a minute at most:
 * whether it was. */
#define AWAIT(condition)                                                       \
	__extension__({                                                        \
		uint64_t end_ = clock_ns() + 60 * NS_PER_SEC;                  \
		bool true_;                                                    \
		while (!(true_ = (condition)) && clock_ns() < end_)            \
			clock_sleep_until(clock_ns() + AWAIT_MS);              \
		true_;                                                         \
	})

#endif
