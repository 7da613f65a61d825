/* What S3's store does beyond the contract, on servers that others wrote.
 *
 * servers: radosgw swift */
#include "backends/s3.h"

#include "backends/s3_client.h"
#include "backends/s3_copy.h"
#include "backends/s3_list.h"
#include "lib/capture.h"
#include "lib/servers.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const char *const kinds[] = { "radosgw", "swift" };

/* A store and, for what lies below it, its client. */
struct here {
	struct server *server;
	struct remote_options options;
	struct backend *store;
	struct s3_client *client;
	void *state;
};

static struct here begin(const char *kind)
{
	struct here h = { .server = servers_find(kind, &s3_ops) };

	h.options = servers_options(h.server, false);
	h.options.part_bytes = 5 * MIB;
	backend_close(servers_store(h.server, false, &h.state));
	h.store = servers_again(h.state, &h.options);
	cr_assert_eq(s3_client_new(h.store->uri + strlen("s3://"), &h.options,
				   &h.client),
		     0);
	return h;
}

static void end(struct here *h)
{
	s3_client_free(h->client);
	backend_close(h->store);
	servers_drop(h->state);
}

/* ---- Uploads ------------------------------------------------------------ */

static struct object *begin_big(struct backend *b, const char *name)
{
	static const char piece[12 * MIB];
	struct object *o;

	cr_assert_eq(object_create(b, name, &o), 0);
	cr_assert_eq(object_append(o, piece, sizeof(piece)), 0);
	return o;
}

static void expect_nothing(struct here *h, const char *kind)
{
	AUTO_FREE char *pending = servers_ask(h->state, "pending");
	AUTO_FREE char *listed = servers_ask(h->state, "list");

	cr_expect_str_eq(pending, "", "%s: %s", kind, pending);
	cr_expect_str_eq(listed, "", "%s: %s", kind, listed);
}

Test(contract_s3, what_is_not_committed_leaves_nothing_on_the_server)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct here h = begin(kinds[i]);
		struct object *o = begin_big(h.store, "a/never committed");
		AUTO_FREE char *pending = servers_ask(h.state, "pending");

		/* Else this test would see nothing whatever happens. */
		cr_expect_not_null(strstr(pending, "never committed"), "%s",
				   kinds[i]);
		object_close(o);
		expect_nothing(&h, kinds[i]);
		end(&h);
	}
}

/* The user has no patience: everything is told to stop, in the middle. */
Test(contract_s3, a_stopped_upload_leaves_nothing_on_the_server)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct here h = begin(kinds[i]);
		_Atomic bool stop = false;
		struct remote_options hasty = h.options;
		struct backend *b;
		struct object *o;

		hasty.stop = &stop;
		b = servers_again(h.state, &hasty);
		o = begin_big(b, "stopped");
		stop = true;
		cr_expect_eq(object_commit(o, 0), -ECANCELED);
		object_close(o);
		backend_close(b);
		expect_nothing(&h, kinds[i]);
		end(&h);
	}
}

static void write_for_ever(const struct here *h)
{
	struct backend *b = servers_again(h->state, &h->options);
	struct object *o;

	for (;;) {
		o = begin_big(b, "killed");
		(void)!object_commit(o, 0);
		object_close(o);
	}
}

Test(contract_s3, a_killed_writer_leaves_all_of_an_object_or_none,
     .timeout = 300)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (unsigned ms = 20; ms < 400; ms += 90) {
			struct here h = begin(kinds[i]);
			struct object_info info;
			pid_t child = fork();
			int rc;

			if (child == 0)
				write_for_ever(&h);
			usleep(ms * 1000);
			kill(child, SIGKILL);
			cr_assert_eq(waitpid(child, NULL, 0), child);
			rc = backend_stat(h.store, "killed", &info);
			cr_expect(rc == -ENOENT ||
					  (rc == 0 && info.size == 12 * MIB),
				  "%s after %u ms: %d, %lu bytes", kinds[i], ms,
				  rc, (unsigned long)info.size);
			end(&h);
		}
}

/* ---- Copies ------------------------------------------------------------- */

Test(contract_s3, large_objects_are_copied_in_pieces)
{
	const uint64_t size = 17 * MIB + 3;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct here h = begin(kinds[i]);
		/* radosgw 16.2 decodes the source of a part twice: no "%41". */
		const struct s3_copy copy = { "from +", "to/there", 5 * MIB };
		const struct s3_copy missing = { "no", "to", 5 * MIB };

		contract_put(h.store, "from +", 1, size);
		contract_put(h.store, "to/there", 2, 10);
		cr_expect_eq(s3_copy(h.client, &copy), 0, "%s", kinds[i]);
		contract_expect(h.store, "to/there", 1, size);
		contract_expect(h.store, "from +", 1, size);
		cr_expect_eq(s3_copy(h.client, &missing), -ENOENT);

		/* One that was uploaded in parts, at once. */
		cr_expect_eq(backend_rename(h.store, "from +", "moved"), 0,
			     "%s", kinds[i]);
		contract_expect(h.store, "moved", 1, size);
		end(&h);
	}
}

Test(contract_s3, odd_names_are_moved)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct here h = begin(kinds[i]);

		contract_put(h.store, "from +%41&?#~'()", 1, 1000);
		cr_expect_eq(backend_rename(h.store, "from +%41&?#~'()",
					    "\xc3\xbc %2F"),
			     0, "%s", kinds[i]);
		contract_expect(h.store, "\xc3\xbc %2F", 1, 1000);
		end(&h);
	}
}

/* ---- Listings ----------------------------------------------------------- */

struct names {
	char *name[100];
	size_t n;
};

static int keep(void *arg, const char *name, const struct object_info *info)
{
	struct names *names = arg;

	(void)info;
	cr_assert_lt(names->n, ARRAY_SIZE(names->name));
	names->name[names->n++] = strdup(name);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *list_by(struct here *h, enum backend_depth depth, unsigned page)
{
	struct names names = { .n = 0 };
	const struct s3_listing l = { .prefix = "d ",
				      .depth = depth,
				      .page = page,
				      .fn = keep,
				      .arg = &names };
	char *joined;
	size_t size;
	FILE *f = open_memstream(&joined, &size);

	cr_assert_eq(s3_list(h->client, &l), 0);
	qsort(names.name, names.n, sizeof(*names.name), compare);
	for (size_t i = 0; i < names.n; i++) {
		fprintf(f, "%s|", names.name[i]);
		free(names.name[i]);
	}
	fclose(f);
	return joined;
}

Test(contract_s3, small_pages_list_the_same, .timeout = 300)
{
	static const char *const put[] = {
		"d &<>\"'/1",	"d &<>\"'/2", "d &<>\"'/3", "d +/1", "d +/2",
		"d \xc3\xbc/1", "d %41",      "d A",	    "d a/1", "d a/2",
		"d a/b/c",	"d b",	      "d c",	    "e",
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct here h = begin(kinds[i]);

		for (unsigned k = 0; k < ARRAY_SIZE(put); k++)
			contract_put(h.store, put[k], k, k);
		for (int depth = 0; depth < 2; depth++) {
			enum backend_depth d = depth ? BACKEND_SHALLOW :
						       BACKEND_DEEP;
			AUTO_FREE char *all = list_by(&h, d, 0);

			cr_expect_not_null(strstr(all, "|d b|d c|"), "%s", all);
			for (unsigned page = 1; page < 6; page++) {
				AUTO_FREE char *some = list_by(&h, d, page);

				cr_expect_str_eq(some, all, "%s by %u: %s",
						 kinds[i], page, some);
			}
		}
		end(&h);
	}
}

/* ---- Messages ----------------------------------------------------------- */

Test(contract_s3, says_what_to_change)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct server *s = servers_find(kinds[i], &s3_ops);
		const struct remote_options good = servers_options(s, false);
		struct remote_options wrong_key = good, wrong_secret = good,
				      untrusted = servers_options(s, true);
		const struct {
			const char *uri;
			const struct remote_options *remote;
			int rc;
			const char *want;
		} cases[] = {
			{ "s3://no-such-bucket-here", &good, -ENOENT,
			  "no such bucket" },
			{ "s3://dliofs", &wrong_key, -EACCES,
			  "AWS_ACCESS_KEY_ID" },
			{ "s3://dliofs", &wrong_secret, -EACCES,
			  "AWS_SECRET_ACCESS_KEY" },
			{ "s3://dliofs", &untrusted, -EKEYREJECTED,
			  "AWS_CA_BUNDLE" },
		};

		wrong_key.key_id = "NOBODY";
		wrong_secret.secret = "hush";
		untrusted.ca_file = "/etc/ssl/certs/ca-certificates.crt";
		for (size_t k = 0; k < ARRAY_SIZE(cases); k++) {
			const struct backend_options o = {
				.mem_fd = -1, .remote = cases[k].remote
			};
			struct backend *b = NULL;
			struct capture c;
			int rc;

			capture_start(&c);
			rc = backend_open(&s3_ops, cases[k].uri, &o, &b);
			capture_stop(&c);
			cr_expect_eq(rc, cases[k].rc, "%s %zu: %d", kinds[i], k,
				     rc);
			cr_expect(strstr(c.text, cases[k].want), "%s %zu: %s",
				  kinds[i], k, c.text);
			cr_expect_null(strstr(c.text, "hush"));
		}
		free(s);
	}
}
