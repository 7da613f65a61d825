#include "lib/golden_models.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 16

/* Where the sources are, for this library, too. */
static const char *sources(void)
{
	const char *dir = getenv("DLIOFS_SRC");

	if (!dir)
		abort();
	return dir;
}

FILE *golden_models_open(void)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/golden/dlio/models/files",
		 sources());
	f = fopen(path, "re");
	if (!f)
		abort();
	return f;
}

/* "case RANKS OVERRIDE..." */
static void configure(struct golden_model *m)
{
	const char *words[WORDS] = { "checkpoint.randomize_tensor=false" };
	char path[4096], *save, *text = strdup(m->text);
	size_t n = 1;

	if (!text)
		abort();
	strtok_r(text, " \n", &save); /* "case" */
	m->ranks = (unsigned)strtoul(strtok_r(NULL, " \n", &save), NULL, 10);
	while (n < WORDS && (words[n] = strtok_r(NULL, " \n", &save)))
		n++;
	snprintf(path, sizeof(path), "%s/configs/workload/llama_7b.yaml",
		 sources());
	if (config_load(path, words, n, 0, &m->config))
		abort();
	free(text);
}

static void take_line(struct golden_model *m, const char *text)
{
	struct golden_file *f = &m->file[m->files];

	if (sscanf(text,
		   "line Total number of parameters in the model: %" SCNu64,
		   &m->parameters) == 1 ||
	    sscanf(text, "line Model size: %lf", &m->model_gb) == 1 ||
	    sscanf(text, "line Optimizer state size: %lf", &m->optimizer_gb) ==
		    1 ||
	    !strncmp(text, "line ", 5))
		return;
	if (m->files == GOLDEN_FILES ||
	    sscanf(text, "%" SCNu64 " %" SCNx32 " %95s", &f->size, &f->crc,
		   f->name) != 3)
		abort();
	m->files++;
}

bool golden_models_next(FILE *list, struct golden_model *out)
{
	char text[512];
	int next;

	*out = (struct golden_model){ 0 };
	if (!fgets(out->text, sizeof(out->text), list))
		return false;
	configure(out);
	while ((next = fgetc(list)) != EOF) {
		ungetc(next, list);
		if (next == 'c')
			break;
		if (!fgets(text, sizeof(text), list))
			abort();
		take_line(out, text);
	}
	return true;
}

void golden_models_clear(struct golden_model *m)
{
	config_free(m->config);
}
