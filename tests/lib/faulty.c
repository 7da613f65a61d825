#include "lib/faulty.h"

#include "base/clock.h"
#include "base/recorder.h"
#include "lib/await.h"

#include <string.h>

struct remote_options faulty_options(struct faulty *f)
{
	struct remote_options o = servers_options(f->server, false);

	o.endpoint = f->endpoint;
	o.ca_file = fault_server_ca(fault_proxy_server(f->proxy));
	o.attempts = FAULTY_ATTEMPTS;
	o.part_bytes = FAULTY_PART;
	o.recorder = f->recorder;
	return o;
}

static struct remote_options hasty_options(struct faulty *f, unsigned attempts)
{
	struct remote_options o = faulty_options(f);

	o.connect_ms = 60000;
	o.first_byte_ms = 2500;
	o.stall_ms = 1500;
	o.attempts = attempts;
	return o;
}

void faulty_set_up(struct faulty *f, const struct remote_words *w,
		   enum faulty_how how)
{
	struct server *server = servers_find(w->server, w->ops);
	const struct fault_proxy_options po = { .to = server->url,
						.tls = how == FAULTY_TLS,
						.forget = true };
	struct remote_options o;

	*f = (struct faulty){ .words = w, .server = server };
	cr_assert_eq(fault_proxy_new(&po, &f->proxy), 0);
	cr_assert_eq(recorder_new(-1, &f->recorder), 0);
	snprintf(f->endpoint, sizeof(f->endpoint), "%s%s",
		 fault_server_url(fault_proxy_server(f->proxy)), w->account);
	f->direct = servers_store(server, false, &f->state);
	o = hasty_options(f, FAULTY_ATTEMPTS);
	cr_assert(AWAIT(servers_try(f->state, &o, &f->hasty) == 0));
	o = hasty_options(f, 1000);
	f->dogged = servers_again(f->state, &o);
	o = faulty_options(f);
	f->patient = servers_again(f->state, &o);
	f->through = f->patient;
}

void faulty_tear_down(struct faulty *f)
{
	cr_assert_eq(fault_proxy_plan(f->proxy, NULL), 0);
	backend_close(f->patient);
	backend_close(f->hasty);
	backend_close(f->dogged);
	cr_expect_eq(recorder_counter(f->recorder, REC_LIMIT), 0,
		     "calls may still be made by a store that is closed");
	backend_close(f->direct);
	fault_proxy_free(f->proxy);
	recorder_free(f->recorder);
	servers_drop(f->state);
}

/* ---- What is done, and what may come of it ------------------------------ */

int faulty_read(struct backend *b, const char *name, unsigned seed,
		uint64_t size)
{
	AUTO_FREE char *got = malloc(size + 1), *want = malloc(size + 1);
	struct object *o;
	ssize_t n;
	int rc = object_open_sized(b, name, &size, &o);

	if (rc)
		return rc;
	n = object_pread(o, got, size, 0);
	object_close(o);
	if (n < 0)
		return (int)n;
	contract_fill(want, size, seed, 0);
	cr_assert_eq(n, (ssize_t)size, "%s: %zd bytes", name, n);
	cr_assert_eq(memcmp(got, want, size), 0, "%s: other bytes", name);
	return 0;
}

int faulty_write(struct backend *b, const char *name, unsigned seed,
		 uint64_t size)
{
	AUTO_FREE char *bytes = malloc(size);
	struct object *o;
	int rc;

	contract_fill(bytes, size, seed, 0);
	rc = object_create(b, name, &o);
	if (rc)
		return rc;
	rc = object_append(o, bytes, size);
	if (rc == 0)
		rc = object_commit(o, 0);
	object_close(o);
	return rc;
}

static int count_it(void *arg, const char *name, const struct object_info *info)
{
	unsigned *n = arg;

	(void)name;
	(void)info;
	*n += 1;
	return 0;
}

int faulty_list(struct backend *b, unsigned objects)
{
	unsigned n = 0;
	int rc = backend_list(b, "", BACKEND_DEEP, count_it, &n);

	if (rc == 0)
		cr_assert_eq(n, objects, "%u of %u objects", n, objects);
	return rc;
}

void faulty_put_one(struct faulty *f)
{
	contract_put(f->direct, "one", 1, FAULTY_SMALL);
}

int faulty_read_one(struct faulty *f)
{
	return faulty_read(f->through, "one", 1, FAULTY_SMALL);
}

void faulty_expect_one(struct faulty *f)
{
	cr_expect_eq(faulty_read_one(f), 0);
}

int faulty_write_one(struct faulty *f)
{
	int rc = faulty_write(f->through, "other", 2, FAULTY_SMALL);

	if (rc == 0)
		contract_expect(f->direct, "other", 2, FAULTY_SMALL);
	(void)!backend_remove(f->direct, "other");
	return rc;
}

void faulty_expect_nothing_pending(struct faulty *f)
{
	AUTO_FREE char *pending = NULL;

	if (f->words->keeps_parts)
		return;
	pending = servers_ask(f->state, "pending");
	cr_expect_str_eq(pending, "", "left: %s", pending);
}

/* ---- Trials ------------------------------------------------------------- */

/* A kept connection that is closed: the library takes it for one that it used
 * too late.  A real server that is slower than the hasty one waits: it asks
 * once more. */
static bool is_sent(const struct faulty_row *row, unsigned sent)
{
	return !row->sent || sent == row->sent ||
	       (sent > row->sent && row->ms > 0 && row->rc == 0) ||
	       (sent == row->sent + 1 && !strcmp(row->kind, "close"));
}

static void try_row(struct faulty *f, const struct faulty_trial *t,
		    const struct faulty_row *row)
{
	struct fault_plan plan = t->plan;
	uint64_t begin = clock_ns();
	unsigned sent;
	double seconds;
	int rc;

	plan.kinds = row->kind;
	plan.ms = row->ms;
	cr_assert_eq(fault_proxy_plan(f->proxy, &plan), 0);
	f->through = row->ms == 0 ? f->patient : row->rc ? f->hasty : f->dogged;
	rc = t->act(f);
	seconds = (double)(clock_ns() - begin) / 1e9;
	cr_expect_eq(rc, row->rc, "%s: %d", row->kind, rc);
	/* Who had no processor may not have read it yet. */
	cr_expect(AWAIT(fault_proxy_fitted(f->proxy) >= row->sent), "%s",
		  row->kind);
	sent = fault_proxy_fitted(f->proxy);
	cr_expect(is_sent(row, sent), "%s: sent %u", row->kind, sent);
	cr_expect_gt(fault_proxy_broken(f->proxy), 0, "%s", row->kind);
	cr_expect_lt(seconds, FAULTY_SECONDS, "%s: %.1f s", row->kind, seconds);
	f->through = f->patient;
	cr_assert_eq(fault_proxy_plan(f->proxy, NULL), 0);
}

void faulty_try_in(struct faulty *f, const struct faulty_trial *t)
{
	if (t->before)
		t->before(f);
	for (size_t i = 0; i < t->n; i++)
		try_row(f, t, &t->rows[i]);
	if (t->after)
		t->after(f);
}

void faulty_try(const struct remote_words *w, const struct faulty_trial *t)
{
	struct faulty f;

	faulty_set_up(&f, w, t->how);
	faulty_try_in(&f, t);
	faulty_tear_down(&f);
}
