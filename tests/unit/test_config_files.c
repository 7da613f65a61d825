#include "config/config.h"

#include "lib/config_text.h"

#include <criterion/criterion.h>
#include <glob.h>
#include <string.h>

static void load_strictly(const char *path)
{
	struct config *c = NULL;
	char *printed, *wrong, first[2] = "";
	FILE *f = fopen(path, "re");

	cr_assert(f, "%s", path);
	cr_expect_str_eq(fgets(first, sizeof(first), f), "#",
			 "%s begins with a sentence about it", path);
	fclose(f);
	cr_assert_eq(config_load(path, NULL, 0, CONFIG_STRICT, &c), 0, "%s",
		     path);
	printed = config_text(c);
	wrong = config_text_reload(printed);
	cr_expect_str_empty(wrong, "%s: %s", path, wrong);
	free(wrong);
	free(printed);
	config_free(c);
}

Test(config_files, that_we_ship_load_strictly)
{
	static const struct {
		const char *pattern;
		size_t at_least;
	} sets[] = {
		{ DLIOFS_SOURCE_DIR "/configs/*.yaml", 2 },
		{ DLIOFS_SOURCE_DIR "/configs/workload/*.yaml", 24 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		glob_t found;

		cr_assert_eq(glob(sets[i].pattern, 0, NULL, &found), 0, "%s",
			     sets[i].pattern);
		cr_expect_geq(found.gl_pathc, sets[i].at_least, "%s: %zu files",
			      sets[i].pattern, found.gl_pathc);
		for (size_t j = 0; j < found.gl_pathc; j++)
			load_strictly(found.gl_pathv[j]);
		globfree(&found);
	}
}
