#include "train/ledger.h"

#include "train/metrics.h"

#include <errno.h>

int ledger_describe_host(struct ledger *l)
{
	int rc = hostinfo_cpuinfo("/proc", &l->cpuinfo);

	if (rc == 0)
		rc = hostinfo_meminfo("/proc", &l->meminfo);
	if (rc < 0)
		return rc;
	hostinfo_name(l->host);
	l->cpus = hostinfo_cpus();
	l->memory_gb = metrics_gb((double)hostinfo_memory(&l->meminfo));
	return 0;
}

static void clear_epoch(struct ledger_epoch *e)
{
	for (size_t i = 0; i < e->phases; i++) {
		free(e->phase[i].load_ns);
		free(e->phase[i].compute_ns);
		free(e->phase[i].proc_ns);
	}
	free(e->phase);
	hostinfo_clear(&e->meminfo);
}

void ledger_clear(struct ledger *l)
{
	for (size_t i = 0; i < l->epochs; i++)
		clear_epoch(&l->epoch[i]);
	free(l->epoch);
	hostinfo_clear(&l->cpuinfo);
	hostinfo_clear(&l->meminfo);
	*l = (struct ledger){ 0 };
}

void ledger_note(struct ledger_moment *m, uint64_t now_ns)
{
	m->ns = now_ns;
	clock_stamp_at(now_ns, m->stamp);
}

uint64_t ledger_duration(const struct ledger_moment *from,
			 const struct ledger_moment *to)
{
	return from->ns && to->ns > from->ns ? to->ns - from->ns : 0;
}

int ledger_add_epoch(struct ledger *l, uint64_t now_ns)
{
	struct ledger_epoch *more =
		reallocarray(l->epoch, l->epochs + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	l->epoch = more;
	more[l->epochs] = (struct ledger_epoch){ 0 };
	ledger_note(&more[l->epochs++].start, now_ns);
	return 0;
}

int ledger_add_phase(struct ledger_epoch *e, enum ledger_kind kind,
		     unsigned number, uint64_t now_ns)
{
	struct ledger_phase *more =
		reallocarray(e->phase, e->phases + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	e->phase = more;
	more[e->phases] = (struct ledger_phase){
		.kind = kind,
		.number = number,
	};
	ledger_note(&more[e->phases++].start, now_ns);
	if (!e->train_end.ns)
		e->train_phases = e->phases;
	return 0;
}

static int grow(uint64_t **values, size_t room)
{
	uint64_t *more = reallocarray(*values, room, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*values = more;
	return 0;
}

int ledger_add_step(struct ledger_phase *p, uint64_t load_ns,
		    uint64_t compute_ns, uint64_t proc_ns)
{
	size_t room = p->room ? p->room * 2 : 64;

	if (p->steps == p->room) {
		if (grow(&p->load_ns, room) < 0 ||
		    grow(&p->compute_ns, room) < 0 ||
		    grow(&p->proc_ns, room) < 0)
			return -ENOMEM;
		p->room = room;
	}
	p->load_ns[p->steps] = load_ns;
	p->compute_ns[p->steps] = compute_ns;
	p->proc_ns[p->steps++] = proc_ns;
	return 0;
}

struct ledger_epoch *ledger_epoch(const struct ledger *l)
{
	return l->epochs ? &l->epoch[l->epochs - 1] : NULL;
}

struct ledger_phase *ledger_phase(const struct ledger *l)
{
	struct ledger_epoch *e = ledger_epoch(l);

	return e && e->phases ? &e->phase[e->phases - 1] : NULL;
}
