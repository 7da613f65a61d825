#include "lib/sampled.h"

#include <criterion/criterion.h>
#include <string.h>

const char *sampled_by(const struct sampler *s, unsigned worker, uint64_t piece)
{
	static char text[512];
	size_t len = 0;
	uint64_t number;

	text[0] = '\0';
	for (uint64_t k = 0;; k++) {
		number = sampler_piece(s, worker, k);
		if (number == SAMPLER_NONE)
			return text;
		cr_assert_eq(sampler_worker(s, number), worker);
		for (uint64_t i = 0; i < piece; i++) {
			struct sampler_place at;

			if (sampler_place(s, number, i, &at))
				len += (size_t)snprintf(text + len,
							sizeof(text) - len,
							"%lu#%lu ", at.file,
							at.sample);
			cr_assert_lt(len, sizeof(text));
		}
	}
}
