#include "train/rankfile.h"

#include "base/json.h"

#define NAME_SIZE 32

static double seconds(uint64_t ns)
{
	return (double)ns / NS_PER_SEC;
}

void rankfile_map(struct json *j, const char *key, const struct hostinfo_map *m)
{
	/* DLIO leaves out what the host does not have. */
	if (!m->n)
		return;
	json_object(j, key);
	for (size_t i = 0; i < m->n; i++)
		json_string(j, m->entry[i].key, m->entry[i].value);
	json_end(j);
}

void rankfile_stamp(struct json *j, const char *key,
		    const struct ledger_moment *m)
{
	if (m->ns)
		json_string(j, key, m->stamp);
}

/* ---- {rank}_per_epoch_stats.json ----------------------------------------- */

/* DLIO's durations of blocks, evaluations and epochs are text. */
static void put_duration(struct json *j, const struct ledger_moment *from,
			 const struct ledger_moment *to)
{
	char text[NAME_SIZE];

	snprintf(text, sizeof(text), "%.2f",
		 seconds(ledger_duration(from, to)));
	json_string(j, "duration", text);
}

static void phase_name(const struct ledger_phase *p, char out[NAME_SIZE])
{
	static const char *const names[] = {
		[LEDGER_BLOCK] = "block",
		[LEDGER_EVAL] = "eval",
		[LEDGER_SAVE] = "save_ckpt",
		[LEDGER_LOAD] = "load_ckpt",
	};

	if (p->kind == LEDGER_EVAL)
		snprintf(out, NAME_SIZE, "%s", names[p->kind]);
	else
		snprintf(out, NAME_SIZE, "%s%u", names[p->kind], p->number);
}

static void put_phase(struct json *j, const struct ledger_phase *p)
{
	char name[NAME_SIZE];

	phase_name(p, name);
	json_object(j, name);
	rankfile_stamp(j, "start", &p->start);
	if (p->end.ns) {
		rankfile_stamp(j, "end", &p->end);
		if (p->kind == LEDGER_BLOCK || p->kind == LEDGER_EVAL) {
			put_duration(j, &p->start, &p->end);
		} else {
			json_number(
				j, "duration",
				seconds(ledger_duration(&p->start, &p->end)));
			json_number(j, "throughput", p->gb_per_second);
		}
	}
	json_end(j);
}

/* The end and the duration have the place that they got when training ended;
 * the end was then replaced by that of the epoch. */
static void put_epoch_stats(struct json *j, const struct ledger_epoch *e)
{
	size_t i = 0;

	rankfile_stamp(j, "start", &e->start);
	for (; i < e->train_phases; i++)
		put_phase(j, &e->phase[i]);
	rankfile_stamp(j, "end", e->end.ns ? &e->end : &e->train_end);
	if (e->train_end.ns)
		put_duration(j, &e->start, &e->train_end);
	for (; i < e->phases; i++)
		put_phase(j, &e->phase[i]);
}

void rankfile_epochs(struct json *j, const struct ledger *l)
{
	char number[NAME_SIZE];

	json_object(j, NULL);
	for (size_t e = 0; e < l->epochs; e++) {
		snprintf(number, sizeof(number), "%zu", e + 1);
		json_object(j, number);
		put_epoch_stats(j, &l->epoch[e]);
		json_end(j);
	}
	json_end(j);
}

/* ---- {rank}_output.json -------------------------------------------------- */

/* A map from block1 … eval to something of each. */
static void put_phases(struct json *j, const char *key,
		       const struct ledger_epoch *e,
		       void (*put)(struct json *j, const char *key,
				   const struct ledger_phase *p))
{
	char name[NAME_SIZE];

	json_object(j, key);
	for (size_t i = 0; i < e->phases; i++) {
		const struct ledger_phase *p = &e->phase[i];

		if (p->kind != LEDGER_BLOCK && p->kind != LEDGER_EVAL)
			continue;
		phase_name(p, name);
		put(j, name, p);
	}
	json_end(j);
}

static void put_times(struct json *j, const char *key, const uint64_t *ns,
		      size_t n)
{
	json_array(j, key);
	for (size_t i = 0; i < n; i++)
		json_number(j, NULL, seconds(ns[i]));
	json_end(j);
}

static void put_load(struct json *j, const char *key,
		     const struct ledger_phase *p)
{
	put_times(j, key, p->load_ns, p->steps);
}

static void put_proc(struct json *j, const char *key,
		     const struct ledger_phase *p)
{
	put_times(j, key, p->proc_ns, p->steps);
}

static void put_compute(struct json *j, const char *key,
			const struct ledger_phase *p)
{
	put_times(j, key, p->compute_ns, p->steps);
}

static void put_throughput(struct json *j, const char *key,
			   const struct ledger_phase *p)
{
	json_number(j, key, p->throughput);
}

static void put_au(struct json *j, const char *key,
		   const struct ledger_phase *p)
{
	json_number(j, key, p->au);
}

void rankfile_steps(struct json *j, const struct ledger *l)
{
	char number[NAME_SIZE];

	json_object(j, NULL);
	json_number(j, "host_memory_GB", l->memory_gb);
	json_uint(j, "host_cpu_count", l->cpus);
	json_string(j, "host_processor_name", "");
	json_int(j, "potential_caching", l->host_data_gb <= l->memory_gb);
	rankfile_map(j, "host_cpuinfo", &l->cpuinfo);
	rankfile_map(j, "host_meminfo", &l->meminfo);
	for (size_t i = 0; i < l->epochs; i++) {
		const struct ledger_epoch *e = &l->epoch[i];

		snprintf(number, sizeof(number), "%zu", i + 1);
		json_object(j, number);
		if (!e->trained)
			rankfile_stamp(j, "start", &e->start);
		put_phases(j, "load", e, put_load);
		put_phases(j, "proc", e, put_proc);
		put_phases(j, "throughput", e, put_throughput);
		put_phases(j, "au", e, put_au);
		put_phases(j, "compute", e, put_compute);
		rankfile_map(j, "host_meminfo", &e->meminfo);
		rankfile_stamp(j, "end", &e->end);
		json_end(j);
	}
	json_string(j, "hostname", l->host);
	json_end(j);
}
