#include "config/config.h"
#include "config/keys.h"

#include "base/rng.h"
#include "lib/capture.h"
#include "lib/config_text.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

static struct config *load(const char *const *overrides, size_t n)
{
	struct config *c = NULL;

	cr_assert_eq(config_load(NULL, overrides, n, 0, &c), 0);
	return c;
}

/* Silently: what is unwise was said when it was loaded. */
static void expect_reloads(const struct config *c, const char *what)
{
	char *text = config_text(c), *wrong;
	struct capture said;

	capture_start(&said);
	wrong = config_text_reload(text);
	capture_stop(&said);
	cr_expect_str_empty(wrong, "%s: %s\n%s", what, wrong, said.text);
	free(wrong);
	free(text);
}

Test(config_print, says_each_setting_once_and_reloads)
{
	struct config *c = load(NULL, 0);
	char *text = config_text(c);
	size_t lines = 0, settings = 0;

	for (const char *line = text; (line = strchr(line, '\n')); line++)
		lines++;
	for (size_t i = 0; i < keys_table_count; i++)
		settings += keys_table[i].type < KEY_STDEV &&
			    strncmp(keys_table[i].path, "checkpoint.ksm.", 15);
	/* The sections that are maps, apart from checkpoint.ksm. */
	cr_expect_eq(lines, settings + 24, "%zu lines, %zu settings", lines,
		     settings);
	cr_expect(strstr(text, "reader:\n  data_loader: tensorflow\n"));
	cr_expect(strstr(text, "\n  hdf5:\n    chunk_dims: []\n"));
	cr_expect_null(strstr(text, "ksm"));
	expect_reloads(c, "defaults");
	free(text);
	config_free(c);
}

/* Texts that YAML takes for something else, or for nothing at all. */
Test(config_print, quotes_texts_that_need_it)
{
	static const struct {
		const char *override, *want;
	} cases[] = {
		{ "model.name=unet3d", "name: unet3d\n" },
		{ "model.name='off'", "name: \"off\"\n" },
		{ "model.name='12:30'", "name: \"12:30\"\n" },
		{ "model.name='null'", "name: \"null\"\n" },
		{ "model.name=''", "name: \"\"\n" },
		{ "model.name='a: b'", "name: \"a: b\"\n" },
		{ "model.name='a:'", "name: \"a:\"\n" },
		{ "model.name='# x'", "name: \"# x\"\n" },
		{ "model.name='- x'", "name: \"- x\"\n" },
		{ "model.name='---'", "name: \"---\"\n" },
		{ "model.name='\"\\x'", "name: \"\\\"\\\\x\"\n" },
		{ "model.name='a\nb\tc'", "name: \"a\\x0Ab\\x09c\"\n" },
		{ "model.name='\xc3\xa9\xc2\x85'",
		  "name: \"\xc3\xa9\\x85\"\n" },
		{ "model.name='\xe2\x80\xa8\xef\xbb\xbf\xef\xbf\xbf'",
		  "name: \"\\u2028\\uFEFF\\uFFFF\"\n" },
		{ "model.name='\xf0\x9f\x98\x80'",
		  "name: \"\xf0\x9f\x98\x80\"\n" },
		{ "dataset.data_folder=s3://b/x", "data_folder: s3://b/x\n" },
		{ "++profiling.iostat_devices=['a, b',c]",
		  "iostat_devices: [\"a, b\", c]\n" },
		{ "reader.file_shuffle=off", "file_shuffle: \"off\"\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c = load(&cases[i].override, 1);
		char *text = config_text(c);

		cr_expect(strstr(text, cases[i].want), "'%s' is not in\n%s",
			  cases[i].want, text);
		free(text);
		expect_reloads(c, cases[i].override);
		config_free(c);
	}
}

Test(config_print, says_numbers_and_times_to_the_last_digit)
{
	static const struct {
		const char *override, *want;
	} cases[] = {
		{ "dataset.record_length_bytes=114660.07",
		  "record_length_bytes: 114660.07\n" },
		{ "dataset.record_length_bytes=1e15",
		  "record_length_bytes: 1000000000000000\n" },
		{ "dataset.record_length_bytes=1e22",
		  "record_length_bytes: 1e+22\n" },
		{ "metric.au=0.1", "au: 0.1\n" },
		{ "train.computation_time=0.00551",
		  "computation_time: 0.00551\n" },
		{ "train.computation_time=1e-7", "computation_time: 1e-07\n" },
		{ "train.computation_time={mean:1,stdev:0.1}",
		  "computation_time: {type: normal, mean: 1.0, stdev: 0.1}\n" },
		{ "train.computation_time={type:poisson,lam:2}",
		  "computation_time: {type: poisson, lam: 2.0}\n" },
		{ "train.seed=-9223372036854775807",
		  "seed: -9223372036854775807\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c = load(&cases[i].override, 1);
		char *text = config_text(c);

		cr_expect(strstr(text, cases[i].want), "'%s' is not in\n%s",
			  cases[i].want, text);
		free(text);
		expect_reloads(c, cases[i].override);
		config_free(c);
	}
}

Test(config_print, hides_secrets)
{
	static const char *const overrides[] = {
		"storage.storage_options.secret_access_key=hush",
		"storage.storage_options.access_key_id=psst",
		"++dliofs.s3.session_token=hush",
		"++dliofs.azure.account_key=hush",
		"++dliofs.azure.connection_string=\"AccountKey=hush;\"",
		"++dliofs.azure.sas=\"sv=1&sig=hush\"",
	};
	struct config *c = load(overrides, ARRAY_SIZE(overrides));
	char *text = config_text(c), *unused = NULL;
	size_t size;
	FILE *out = open_memstream(&unused, &size);

	cr_expect_str_eq(c->storage.storage_options.secret_access_key, "hush");
	cr_expect_null(strstr(text, "hush"));
	cr_expect_null(strstr(text, "psst"));
	cr_expect(strstr(text, "secret_access_key: \"***\"\n"));
	config_print_unused(c, out);
	fclose(out);
	cr_expect_null(strstr(unused, "hush"));
	free(unused);
	free(text);
	config_free(c);
}

/* A value for a row, now and then one that it refuses. */
static void random_value(const struct key *k, struct rng *g, char *out,
			 size_t size)
{
	static const char *const texts[] = {
		"a", "''", "'x y'", "off", "1e3", "s3://b/k", "'{'", "null",
	};
	static const char *const times[] = {
		"0.5",
		"{mean:1,stdev:2}",
		"{type:uniform,min:1,max:2}",
		"{}",
		"null",
		"{type:gamma,shape:0.1,scale:3}",
	};
	uint64_t r = rng_u64(g);
	size_t n = 0;

	switch (k->type) {
	case KEY_CHOICE:
	case KEY_ENUM:
		while (k->names[++n])
			;
		snprintf(out, size, "%s", k->names[r % n]);
		break;
	case KEY_BOOL:
		snprintf(out, size, "%s", r % 2 ? "true" : "off");
		break;
	case KEY_INTS:
		snprintf(out, size, "[%" PRIu64 ", %" PRIu64 "]", r % 7,
			 r % 1000);
		break;
	case KEY_DOUBLE:
	case KEY_STDEV:
		snprintf(out, size, "%.17g", rng_double(g) * (double)(r % 99));
		break;
	case KEY_TIME:
		snprintf(out, size, "%s", times[r % ARRAY_SIZE(times)]);
		break;
	case KEY_STRING:
	case KEY_STRINGS:
		snprintf(out, size, "%s", texts[r % ARRAY_SIZE(texts)]);
		break;
	case KEY_PRESENT:
		snprintf(out, size, "{}");
		break;
	default:
		snprintf(out, size, "%" PRIu64, r % 5000);
	}
}

#define TRIES 3000
#define AT_ONCE 6

Test(config_print, reloads_whatever_was_accepted)
{
	struct rng g;
	unsigned loaded = 0;

	rng_seed(&g, 7);
	for (int try = 0; try < TRIES; try++) {
		char text[AT_ONCE][256];
		const char *overrides[AT_ONCE];
		struct config *c = NULL;
		struct capture said;
		int rc;

		for (size_t i = 0; i < AT_ONCE; i++) {
			const struct key *k =
				&keys_table[rng_u64(&g) % keys_table_count];
			char value[128];

			random_value(k, &g, value, sizeof(value));
			snprintf(text[i], sizeof(text[i]), "++%s=%s", k->path,
				 value);
			overrides[i] = text[i];
		}
		capture_start(&said);
		rc = config_load(NULL, overrides, AT_ONCE, 0, &c);
		capture_stop(&said);
		if (rc)
			continue;
		loaded++;
		expect_reloads(c, text[0]);
		config_free(c);
	}
	cr_expect_gt(loaded, TRIES / 4, "only %u were accepted", loaded);
}

static size_t unused(const char *text, char **lines)
{
	struct config *c = NULL;
	size_t size, n;
	FILE *out = open_memstream(lines, &size);

	cr_assert_eq(config_parse("w.yaml", text, strlen(text), NULL, 0, 0, &c),
		     0);
	n = config_print_unused(c, out);
	fclose(out);
	config_free(c);
	return n;
}

Test(config_print, lists_what_was_given_and_does_nothing)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "{reader: {batch_size: 8}, dataset: {format: npz}}", "" },
		{ "reader: {shuffle_size: 8}", "" },
		{ "dataset: {generation_buffer_size: 8}",
		  "dataset.generation_buffer_size: 8: files are written as a "
		  "stream, of any size\n" },
		{ "dataset: {format: npy, compression: none}", "" },
		{ "dataset: {compression: tar}", "" },
		{ "reader: {sample_shuffle: off}", "" },
		{ "reader: {file_access: posix}",
		  "reader.file_access: posix: has no effect, in DLIO "
		  "neither\n" },
		{ "checkpoint: {ksm: {}, randomize_tensor: false}",
		  "checkpoint.ksm: checkpoints are streamed: there are no "
		  "pages to merge\n" },
		{ "{dataset: {enable_chunking: no, chunk_size: 8}}",
		  "dataset.enable_chunking: false: has no effect, in DLIO "
		  "neither\n"
		  "dataset.chunk_size: 8: has no effect, in DLIO neither\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *lines = NULL;
		size_t n = unused(cases[i].text, &lines), want = 0;

		for (const char *c = cases[i].want; *c; c++)
			want += *c == '\n';
		cr_expect_eq(n, want, "%s: %zu", cases[i].text, n);
		cr_expect_str_eq(lines, cases[i].want);
		free(lines);
	}
}

Test(config_print, helps_with_every_row)
{
	for (int markdown = 0; markdown < 2; markdown++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		config_print_help(out, markdown);
		fclose(out);
		for (size_t i = 0; i < keys_table_count; i++)
			cr_expect(strstr(text, keys_table[i].help), "%s",
				  keys_table[i].path);
		cr_expect(
			strstr(text,
			       markdown ?
				       "| `batch_size` | whole number | 1 | Samples of a "
				       "training step; 1 or more |\n" :
				       "  batch_size (whole number, default 1)\n      "
				       "Samples of a training step; 1 or more\n"),
			"%s", text);
		free(text);
	}
}
