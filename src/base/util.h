/* Locals that clean up after themselves, and other small change.
 *
 * AUTO_FREE, AUTO_CLOSE and AUTO_UNMAP'd locals are released when they leave
 * scope; LOCKED() holds a mutex until the end of the enclosing block.  To give
 * such a local away, return TAKE(ptr) or TAKE_FD(fd).
 *
 * Everything here is a macro or an inline function of one line; no state. */
#ifndef BASE_UTIL_H
#define BASE_UTIL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CONTAINER_OF(ptr, type, member)                                        \
	((type *)((char *)(ptr)-offsetof(type, member)))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_USE __attribute__((warn_unused_result))

#define KIB ((uint64_t)1 << 10)
#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define NS_PER_SEC ((uint64_t)1000000000)

static inline void util_free(void *ptr)
{
	free(*(void **)ptr);
}

static inline void util_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void util_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline pthread_mutex_t *util_lock(pthread_mutex_t *lock)
{
	pthread_mutex_lock(lock);
	return lock;
}

static inline void util_unlock(pthread_mutex_t **lock)
{
	pthread_mutex_unlock(*lock);
}

#define AUTO_FREE __attribute__((cleanup(util_free)))
#define AUTO_CLOSE __attribute__((cleanup(util_close)))
#define AUTO_FCLOSE __attribute__((cleanup(util_fclose)))

#define UTIL_PASTE2(a, b) a##b
#define UTIL_PASTE(a, b) UTIL_PASTE2(a, b)
#define LOCKED(lock)                                                           \
	__attribute__((cleanup(util_unlock), unused)) pthread_mutex_t *        \
	UTIL_PASTE(locked_, __LINE__) = util_lock(lock)

#define TAKE(ptr)                                                              \
	__extension__({                                                        \
		__typeof__(ptr) taken_ = (ptr);                                \
		(ptr) = NULL;                                                  \
		taken_;                                                        \
	})
#define TAKE_FD(fd)                                                            \
	__extension__({                                                        \
		int taken_ = (fd);                                             \
		(fd) = -1;                                                     \
		taken_;                                                        \
	})

static inline uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

static inline uint64_t round_down(uint64_t n, uint64_t to)
{
	return n / to * to;
}

#endif
