#include "train/model.h"

#include "config/config.h"
#include "lib/golden_models.h"
#include "train/shard.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static struct config *configure(const char *file, const char *const *words,
				size_t n)
{
	char path[4096];
	struct config *c;

	snprintf(path, sizeof(path), DLIOFS_SOURCE_DIR "/configs/workload/%s",
		 file);
	cr_assert_eq(config_load(path, words, n, 0, &c), 0);
	return c;
}

Test(model, names_the_files_that_dlio_writes)
{
	FILE *list = golden_models_open();
	struct golden_model m;
	size_t cases = 0;

	for (; golden_models_next(list, &m); cases++) {
		size_t n = 0;

		cr_assert_eq(model_check(m.config, m.ranks), 0, "%s", m.text);
		for (unsigned rank = 0; rank < m.ranks; rank++) {
			struct model_files f;

			cr_assert_eq(model_files(m.config, rank, m.ranks, &f),
				     0);
			for (size_t i = 0; i < f.n; i++) {
				const char *want = NULL;
				char name[128];

				snprintf(name, sizeof(name), "%s.pt",
					 f.file[i].name);
				for (size_t k = 0; k < m.files; k++)
					if (!strcmp(m.file[k].name, name))
						want = m.file[k].name;
				cr_expect(want, "%s: %s", m.text, name);
			}
			n += f.n;
			model_files_clear(&f);
		}
		cr_expect_eq(n, m.files, "%s: %zu files", m.text, n);
		golden_models_clear(&m);
	}
	fclose(list);
	cr_expect_geq(cases, 20);
}

/* To the six places that DLIO prints. */
static bool same_gb(uint64_t bytes, double gb)
{
	return fabs((double)bytes / GIB - gb) <= 0.5e-6 + 1e-12;
}

Test(model, counts_as_dlio_does_if_it_must_be_strict)
{
	FILE *list = golden_models_open();
	struct golden_model m;

	while (golden_models_next(list, &m)) {
		struct model_sizes s;

		cr_expect_eq(shard_parameters(m.config), m.parameters, "%s",
			     m.text);
		m.config->dliofs.train.compat_strict = true;
		cr_assert_eq(model_sizes(m.config, m.ranks, &s), 0);
		cr_expect(same_gb(s.model_bytes, m.model_gb), "%s: %lu", m.text,
			  s.model_bytes);
		cr_expect(same_gb(s.optimizer_bytes, m.optimizer_gb), "%s: %lu",
			  m.text, s.optimizer_bytes);
		golden_models_clear(&m);
	}
	fclose(list);
}

Test(model, counts_what_all_ranks_write)
{
	static const struct {
		const char *words[4];
		size_t n;
		unsigned ranks;
		uint64_t model, optimizer;
	} cases[] = {
		/* flat, on the ranks that hold it */
		{ { "model.type=other", "model.num_layers=-1",
		    "model.parallelism.zero_stage=0" },
		  3,
		  4,
		  10240,
		  0 },
		{ { "model.type=other", "model.num_layers=-1" },
		  2,
		  4,
		  40960,
		  0 },
		/* given tensors: layers are one object, groups three times */
		{ { "model.num_layers=2", "model.layer_parameters=[16,5]",
		    "model.optimization_groups=[100,0,11]" },
		  3,
		  2,
		  21,
		  2 * 3 * 111 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c =
			configure("llama_7b.yaml", cases[i].words, cases[i].n);
		struct model_sizes s;

		cr_assert_eq(model_check(c, cases[i].ranks), 0);
		cr_assert_eq(model_sizes(c, cases[i].ranks, &s), 0);
		cr_expect_eq(s.model_bytes, cases[i].model, "case %zu: %lu", i,
			     s.model_bytes);
		cr_expect_eq(s.optimizer_bytes, cases[i].optimizer,
			     "case %zu: %lu", i, s.optimizer_bytes);
		config_free(c);
	}
}

Test(model, has_the_sizes_of_the_models_that_are_shipped)
{
	/* GiB of all parameters and of three times as many, to three places.
	 * In files there are besides: norms, on every tensor rank, and 3 * 5 *
	 * hidden_size numbers of each rank's optimizer. */
	static const struct {
		const char *file;
		unsigned ranks;
		uint64_t parameters;
		double model, optimizer;
	} cases[] = {
		{ "llama_7b.yaml", 8, 6738415616, 12.551, 75.308 },
		{ "llama_7b_zero3.yaml", 8, 6738415616, 12.551, 75.308 },
		{ "llama_8b_zero3.yaml", 8, 8030261248, 14.958, 89.745 },
		{ "llama_70b.yaml", 64, 69882617856, 130.167, 780.999 },
		{ "llama_405b.yaml", 512, 405853388800, 755.961, 4535.765 },
		{ "llama_1t.yaml", 1024, 1183035102480, 2203.575, 13221.448 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c = configure(cases[i].file, NULL, 0);
		struct model_sizes s;
		double h, norms;

		cr_assert_eq(model_check(c, cases[i].ranks), 0);
		cr_expect_eq(shard_parameters(c), cases[i].parameters, "%s",
			     cases[i].file);
		cr_assert_eq(model_sizes(c, cases[i].ranks, &s), 0);
		h = (double)c->model.transformer.hidden_size;
		norms = (double)(c->model.parallelism.tensor - 1) *
			(double)(2 * c->model.num_layers + 1) * h;
		cr_expect_float_eq((double)s.model_bytes / GIB,
				   cases[i].model + norms * 2 / GIB, 0.001,
				   "%s: model of %f GiB", cases[i].file,
				   (double)s.model_bytes / GIB);
		cr_expect_float_eq(
			(double)s.optimizer_bytes / GIB,
			cases[i].optimizer + cases[i].ranks * 15 * h * 4 / GIB,
			0.001, "%s: optimizer of %f GiB", cases[i].file,
			(double)s.optimizer_bytes / GIB);
		config_free(c);
	}
}

Test(model, shares_layers_and_matrices_out)
{
	/* h 64: rank 3 of T 2, P 2 is the last stage's second. */
	static const char *const words[] = {
		"model.transformer.hidden_size=64",
		"model.transformer.vocab_size=1000",
		"model.transformer.ffn_hidden_size=128",
		"model.transformer.num_attention_heads=8",
		"model.transformer.num_kv_heads=4",
		"model.num_layers=5",
		"model.parallelism.tensor=2",
		"model.parallelism.pipeline=2",
		"model.parallelism.zero_stage=0",
	};
	struct config *c = configure("llama_7b.yaml", words, ARRAY_SIZE(words));
	static const struct {
		enum state_kind kind;
		const char *key;
		uint64_t n;
	} want[] = {
		{ STATE_DICT, "4", 6 },	     { STATE_TENSOR, "0", 64 },
		{ STATE_TENSOR, "1", 4096 }, { STATE_TENSOR, "2", 2048 },
		{ STATE_TENSOR, "3", 64 },   { STATE_TENSOR, "4", 8192 },
		{ STATE_TENSOR, "5", 4096 }, { STATE_DICT, "5", 6 },
	};
	struct model_files f;
	const struct state *s;

	cr_assert_eq(model_files(c, 3, 4, &f), 0);
	cr_assert_eq(f.n, 2);
	s = &f.file[0].state;
	cr_expect_eq(s->items, 7 + 7 + 2 + 2);
	/* Norms are whole on every tensor rank, matrices are not. */
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		cr_expect_eq(s->item[i].kind, want[i].kind, "item %zu", i);
		cr_expect_str_eq(s->item[i].key, want[i].key);
		cr_expect_eq(s->item[i].n, want[i].n, "item %zu: %lu", i,
			     s->item[i].n);
	}
	cr_expect_eq(s->item[1].type, STATE_FP16);
	cr_expect_eq(f.file[1].state.item[0].type, STATE_FP32);
	model_files_clear(&f);
	config_free(c);
}

Test(model, is_refused_on_ranks_that_cannot_hold_it)
{
	static const struct {
		const char *words[4];
		size_t n;
		unsigned ranks;
		int rc;
	} cases[] = {
		{ { NULL }, 0, 1, 0 },
		{ { "model.parallelism.tensor=8" }, 1, 8, 0 },
		{ { "model.parallelism.tensor=8" }, 1, 12, -EINVAL },
		{ { "model.parallelism.tensor=8" }, 1, 4, -EINVAL },
		{ { "checkpoint.mode=subset", "model.parallelism.data=2" },
		  2,
		  2,
		  0 },
		{ { "checkpoint.mode=subset", "model.parallelism.data=2" },
		  2,
		  3,
		  -EINVAL },
		{ { "model.transformer.hidden_size=2147483647",
		    "model.transformer.ffn_hidden_size=2147483647" },
		  2,
		  1,
		  -EINVAL },
		{ { "model.transformer.hidden_size=2147483647",
		    "model.transformer.num_attention_heads=1",
		    "model.transformer.num_kv_heads=2147483647",
		    "model.num_layers=65536" },
		  4,
		  1,
		  -EINVAL },
		/* Twice this is 2^64 - 2. */
		{ { "model.optimization_groups=[9223372036854775807, "
		    "9223372036854775807]" },
		  1,
		  1,
		  -EINVAL },
		{ { "model.layer_parameters=[9223372036854775807, 1]" },
		  1,
		  1,
		  -EINVAL },
		{ { "model.optimization_groups=[-9223372036854775807, 1]" },
		  1,
		  1,
		  0 },
		{ { "model.model_size_bytes=9223372036854775807" },
		  1,
		  1,
		  -EINVAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config *c =
			configure("llama_7b.yaml", cases[i].words, cases[i].n);

		cr_expect_eq(model_check(c, cases[i].ranks), cases[i].rc,
			     "case %zu", i);
		config_free(c);
	}
}
