/* What one rank wrote down about its run: plain data.  stats.c fills it in,
 * summary.c and output.c read it. */
#ifndef TRAIN_LEDGER_H
#define TRAIN_LEDGER_H

#include "base/clock.h"
#include "train/hostinfo.h"
#include "train/stats.h"

/* A moment, and its calendar time as it was then. */
struct ledger_moment {
	uint64_t ns; /* clock_ns(); 0: has not been */
	char stamp[CLOCK_STAMP_SIZE];
};

enum ledger_kind { LEDGER_BLOCK, LEDGER_EVAL, LEDGER_SAVE, LEDGER_LOAD };

/* A part of an epoch with a beginning and an end. */
struct ledger_phase {
	enum ledger_kind kind;
	unsigned number; /* block1, save_ckpt1 … */
	struct ledger_moment start, end;

	/* Blocks and evaluations: one of each per step, and their figures. */
	uint64_t *load_ns, *compute_ns, *proc_ns;
	size_t steps, room;
	double au, throughput;

	/* Checkpoints. */
	uint64_t moved_bytes;
	double gb_per_second;
};

struct ledger_epoch {
	struct ledger_moment start, train_end, end;
	bool trained;

	/* In order of beginning; the first train_phases began before the end of
	 * training. */
	struct ledger_phase *phase;
	size_t phases, train_phases;

	struct hostinfo_map meminfo;
	double au, throughput; /* of its blocks */
	struct stats_io io;
};

struct ledger {
	char host[HOSTINFO_NAME_SIZE];
	unsigned cpus;
	double memory_gb;
	struct hostinfo_map cpuinfo, meminfo;
	double host_data_gb; /* what this host's ranks consume per epoch */

	struct ledger_moment start, end;
	struct ledger_epoch *epoch;
	size_t epochs;
};

/* Read what this host is from /proc. */
int ledger_describe_host(struct ledger *l) MUST_USE;
void ledger_clear(struct ledger *l);

void ledger_note(struct ledger_moment *m, uint64_t now_ns);
uint64_t ledger_duration(const struct ledger_moment *from,
			 const struct ledger_moment *to); /* 0 if not over */

/* These may move what was there: keep no pointers over a call. */
int ledger_add_epoch(struct ledger *l, uint64_t now_ns) MUST_USE;
int ledger_add_phase(struct ledger_epoch *e, enum ledger_kind kind,
		     unsigned number, uint64_t now_ns) MUST_USE;
int ledger_add_step(struct ledger_phase *p, uint64_t load_ns,
		    uint64_t compute_ns, uint64_t proc_ns) MUST_USE;

/* The latest, or NULL. */
struct ledger_epoch *ledger_epoch(const struct ledger *l);
struct ledger_phase *ledger_phase(const struct ledger *l);

#endif
