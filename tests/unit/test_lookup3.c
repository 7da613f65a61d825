#include "data/lookup3.h"

#include <criterion/criterion.h>

#include <string.h>

/* From the driver5() of the original: hashlittle() with initial value 0. */
Test(lookup3, gives_the_published_values)
{
	static const struct {
		const char *text;
		uint32_t want;
	} cases[] = {
		{ "", 0xdeadbeef },
		{ "Four score and seven years ago", 0x17770551 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(lookup3_hash(cases[i].text, strlen(cases[i].text)),
			     cases[i].want, "'%s'", cases[i].text);
}
