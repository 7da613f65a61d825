/* Code for the vectors that a machine has. */
#ifndef BASE_CLONES_H
#define BASE_CLONES_H

/* Compile a function twice and let the loader choose.  Not with a sanitizer:
 * the choice is made before its run-time library is ready. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CLONES_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||     \
	__has_feature(memory_sanitizer)
#define CLONES_SANITIZED 1
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(CLONES_SANITIZED)
#define WITH_AND_WITHOUT_AVX2 __attribute__((target_clones("avx2", "default")))
#else
#define WITH_AND_WITHOUT_AVX2
#endif

/* What such a function calls is compiled as it is only if it is inlined. */
#define ALWAYS_INLINE inline __attribute__((always_inline))

#endif
