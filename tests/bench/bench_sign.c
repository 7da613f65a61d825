/* What the signature of a request costs:
 *
 *	bench_sign [SIGNATURES]
 *
 * Prints microseconds per signature of a read of a range (wall time /
 * signatures of one thread), the best of five rounds. */
#include "backends/sharedkey.h"
#include "backends/sigv4.h"
#include "base/clock.h"

enum { ROUNDS = 5 };

static bool sign_s3(void)
{
	static const struct sigv4_key key = { "AKIDEXAMPLE", "secret", NULL };
	static const struct sigv4_scope scope = { 1795385374, "us-east-1",
						  "s3" };
	static const char *const headers[] = {
		"Host: bucket.s3.us-east-1.amazonaws.com",
		"Range: bytes=8388608-16777215",
		"If-Match: \"9b2cf535f27731c974343645a3985328-2\"",
		"X-Amz-Content-Sha256: UNSIGNED-PAYLOAD",
		"X-Amz-Date: 20261122T220934Z",
		NULL,
	};
	static const struct sigv4_request r = {
		.method = "GET",
		.path = "/data/train/img_00001_of_10000.npz",
		.headers = headers,
		.payload_hash = SIGV4_UNSIGNED,
	};
	AUTO_FREE char *out = NULL;

	return sigv4_authorization(&key, &scope, &r, &out) == 0;
}

static bool sign_azure(void)
{
	static const char *const headers[] = {
		"x-ms-date: Sun, 22 Nov 2026 22:09:34 GMT",
		"x-ms-version: 2021-12-02",
		"x-ms-range: bytes=8388608-16777215",
		"If-Match: \"0x8D4BCC2E4835CD0\"",
		NULL,
	};
	static const struct sharedkey_request r = {
		.method = "GET",
		.account = "account",
		.path = "/container/data/train/img_00001_of_10000.npz",
		.headers = headers,
	};
	char signature[SHAREDKEY_SIGNATURE];
	AUTO_FREE char *text = NULL;

	return sharedkey_string_to_sign(&r, &text) == 0 &&
	       sharedkey_signature("c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0", text,
				   signature) == 0;
}

/* Microseconds per call; negative: one failed. */
static double round_of(bool (*sign)(void), uint64_t n)
{
	uint64_t start = clock_ns();

	for (uint64_t i = 0; i < n; i++)
		if (!sign())
			return -1;
	return (double)(clock_ns() - start) / (double)n / 1000;
}

static bool report(const char *what, bool (*sign)(void), uint64_t n)
{
	double best = round_of(sign, n);

	for (int i = 1; i < ROUNDS; i++) {
		double us = round_of(sign, n);

		best = MIN(best, us);
	}
	printf("%-12s %6.2f us\n", what, best);
	return best > 0;
}

int main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
	bool ok = n > 0 && report("SigV4", sign_s3, n) &&
		  report("Shared Key", sign_azure, n);

	return ok ? 0 : 2;
}
