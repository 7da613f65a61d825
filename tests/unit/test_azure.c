#include "backends/azure.h"

#include "lib/await.h"
#include "lib/azure_play.h"
#include "lib/capture.h"
#include "lib/contract.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

/* ---- Opening ------------------------------------------------------------ */

Test(azure, looks_into_the_container_once_when_it_is_opened)
{
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	cr_expect_eq(fault_server_seen(p.server), 1);
	cr_expect(strstr(fault_server_request(p.server, 0)->target,
			 "/acme/data?restype=container&comp=list"));
	cr_expect(strstr(fault_server_request(p.server, 0)->target,
			 "maxresults=1"));
	azure_play_end(&p);
}

Test(azure, says_what_to_change_when_it_cannot_be_opened)
{
	static const struct {
		struct fault_answer answer;
		int want;
		const char *words;
	} cases[] = {
		{ { .status = 404,
		    .headers = "x-ms-error-code: ContainerNotFound\r\n" },
		  -ENOENT,
		  "no such container" },
		{ { .status = 403,
		    .headers = "x-ms-error-code: AuthenticationFailed\r\n" },
		  -EACCES,
		  "takes the account's key" },
		{ { .body = "<html>Welcome</html>" }, -EBADMSG, "az://" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rule = { .answer = cases[i].answer };
		struct backend_options options = { .mem_fd = -1 };
		struct azure_play p;
		struct capture c;
		int rc;

		azure_play_start(&p, 10, 1);
		azure_play_rules(&p, &rule, 1);
		options.remote = &p.options;
		capture_start(&c);
		rc = backend_open(&azure_ops, "az://acme/data", &options,
				  &p.store);
		capture_stop(&c);
		cr_expect_eq(rc, cases[i].want, "case %zu: %d", i, rc);
		cr_expect(strstr(c.text, cases[i].words), "%s", c.text);
		cr_expect(!strstr(c.text, ": :"), "%s", c.text);
		cr_expect(!strstr(c.text, AZURE_PLAY_KEY), "%s", c.text);
		azure_play_end(&p);
	}
}

Test(azure, finds_its_server_in_options_and_environment)
{
	struct azure_play p, other;
	AUTO_FREE char *blob = NULL, *service = NULL;
	char *environment[3] = { NULL };

	azure_play_start(&p, 10, 1);
	azure_play_start(&other, 10, 1);
	cr_assert_gt(asprintf(&blob, "AZURE_STORAGE_BLOB_ENDPOINT=%s/acme",
			      fault_server_url(p.server)),
		     0);
	cr_assert_gt(asprintf(&service, "AZURE_STORAGE_SERVICE_ENDPOINT=%s",
			      fault_server_url(other.server)),
		     0);
	environment[0] = service;
	environment[1] = blob;
	p.options.endpoint = NULL;
	p.options.environment = environment;
	azure_play_open(&p);
	cr_expect_eq(fault_server_seen(p.server), 1);
	cr_expect_eq(fault_server_seen(other.server), 0);

	/* What is said in the settings comes first. */
	other.options.environment = environment;
	azure_play_open(&other);
	cr_expect_eq(fault_server_seen(other.server), 1);
	azure_play_end(&other);
	azure_play_end(&p);
}

/* ---- Listing ------------------------------------------------------------ */

#define PAGE(blobs, marker)                                                    \
	"<EnumerationResults><Blobs>" blobs "</Blobs><NextMarker>" marker      \
	"</NextMarker></EnumerationResults>"
#define BLOB(name)                                                             \
	"<Blob><Name>" name "</Name><Properties><Content-Length>1"             \
	"</Content-Length></Properties></Blob>"
#define FOLDER(name) "<BlobPrefix><Name>" name "</Name></BlobPrefix>"

Test(azure, goes_through_all_pages)
{
	static const struct fault_rule rules[] = {
		{ .target = "marker=m%2B1",
		  .answer = { .body = PAGE("", "m2") } },
		{ .target = "marker=m2",
		  .answer = { .body = PAGE(BLOB("c"), "") } },
		{ .target = "comp=list",
		  .answer = { .body = PAGE(BLOB("a") BLOB("b"), "m+1") } },
	};
	AUTO_FREE char *names = NULL;
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	azure_play_rules(&p, rules, ARRAY_SIZE(rules));
	names = contract_names(p.store, "", BACKEND_DEEP);
	cr_expect_str_eq(names, "a b c");
	azure_play_end(&p);
}

static int ignore(void *arg, const char *name, const struct object_info *info)
{
	(void)name;
	(void)info;
	++*(unsigned *)arg;
	return 0;
}

Test(azure, tells_nobody_twice_when_a_page_breaks_off)
{
	static const char page[] = PAGE(BLOB("a") BLOB("b"), "");
	static const enum fault faults[] = { FAULT_RESET_BODY, FAULT_SHORT };

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		for (int no_length = 0; no_length < 2; no_length++) {
			const struct fault_rule rules[] = {
				{ .target = "comp=list",
				  .times = 1,
				  .answer = { .body = page,
					      .at = sizeof(page) - 40,
					      .fault = faults[i],
					      .no_length = no_length } },
				{ .target = "comp=list",
				  .answer = { .body = page } },
			};
			struct azure_play p;
			unsigned told = 0;

			azure_play_start(&p, 10, 1);
			azure_play_open(&p);
			azure_play_rules(&p, rules, ARRAY_SIZE(rules));
			cr_expect_eq(backend_list(p.store, "", BACKEND_DEEP,
						  ignore, &told),
				     0, "fault %zu, %d", i, no_length);
			cr_expect_eq(told, 2);
			azure_play_end(&p);
		}
}

Test(azure, does_not_go_round_in_circles)
{
	static const struct fault_rule rules[] = {
		{ .target = "comp=list",
		  .answer = { .body = PAGE(BLOB("a"), "again") } },
	};
	struct azure_play p;
	unsigned told = 0;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	azure_play_rules(&p, rules, ARRAY_SIZE(rules));
	cr_expect_eq(backend_list(p.store, "", BACKEND_DEEP, ignore, &told),
		     -EBADMSG);
	cr_expect_eq(told, 2);
	azure_play_end(&p);
}

Test(azure, leaves_out_what_cannot_be_the_name_of_a_file)
{
	static const struct fault_rule rules[] = {
		{ .target = "comp=list",
		  .answer = { .body = PAGE(
				      BLOB("good") BLOB("/abs") BLOB(
					      "a//b") BLOB("../up")
					      BLOB("a/../../b") BLOB("a/.") BLOB(
						      "dir/") FOLDER("x/")
						      FOLDER("y//") FOLDER("/"),
				      "") } },
	};
	AUTO_FREE char *names = NULL, *again = NULL;
	struct azure_play p;
	struct capture c;
	const char *first;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	azure_play_rules(&p, rules, ARRAY_SIZE(rules));
	capture_start(&c);
	names = contract_names(p.store, "", BACKEND_SHALLOW);
	again = contract_names(p.store, "", BACKEND_SHALLOW);
	capture_stop(&c);
	cr_expect_str_eq(names, "good x/");
	cr_expect_str_eq(again, "good x/");
	first = strstr(c.text, "left out");
	cr_assert(first && strstr(c.text, "'/abs'"), "%s", c.text);
	cr_expect(!strstr(first + 1, "left out"), "%s", c.text);
	azure_play_end(&p);
}

/* ---- Renaming and removing ---------------------------------------------- */

Test(azure, renames_what_it_saw_and_nothing_else)
{
	const struct fault_request *q;
	AUTO_FREE char *source = NULL;
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	cr_expect_eq(backend_rename(p.store, "a", "b c"), 0);
	q = azure_play_last(&p, "PUT", "/acme/data/b%20c");
	cr_assert_not_null(q);
	cr_assert_gt(asprintf(&source, "%s/acme/data/a",
			      fault_server_url(p.server)),
		     0);
	cr_expect_str_eq(fault_request_header(q, "x-ms-copy-source"), source);
	cr_expect_str_eq(fault_request_header(q, "x-ms-source-if-match"),
			 "\"0x1\"");
	q = azure_play_last(&p, "DELETE", "/acme/data/a");
	cr_expect_str_eq(fault_request_header(q, "If-Match"), "\"0x1\"");
	azure_play_end(&p);
}

#define COPY(status) "x-ms-copy-status: " status "\r\nx-ms-copy-id: i1\r\n"
#define THERE "ETag: \"0x9\"\r\n"

Test(azure, waits_for_a_copy_that_takes_its_time)
{
	static const struct {
		struct fault_answer second;
		int want;
		bool removed;
	} cases[] = {
		{ { .headers = THERE COPY("success") }, 0, true },
		{ { .headers = THERE COPY("failed") }, -EIO, false },
		{ { .headers = THERE COPY("aborted") }, -EIO, false },
		/* Written by somebody else since. */
		{ { .headers = THERE }, 0, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct fault_rule rules[] = {
			{ .method = "PUT",
			  .target = "/b",
			  .answer = { .status = 202,
				      .headers = COPY("pending") } },
			{ .method = "HEAD",
			  .target = "/b",
			  .times = 2,
			  .answer = { .headers = THERE COPY("pending") } },
			{ .method = "HEAD",
			  .target = "/b",
			  .answer = cases[i].second },
		};
		struct azure_play p;

		azure_play_start(&p, 10, 1);
		azure_play_open(&p);
		azure_play_rules(&p, rules, ARRAY_SIZE(rules));
		cr_expect_eq(backend_rename(p.store, "a", "b"), cases[i].want,
			     "case %zu", i);
		cr_expect_eq(fault_server_count(p.server, "HEAD", "/data/b"),
			     3);
		cr_expect_eq(fault_server_count(p.server, "DELETE", "/data/a"),
			     cases[i].removed, "case %zu", i);
		azure_play_end(&p);
	}
}

static const struct fault_rule endless_copy[] = {
	{ .method = "PUT",
	  .target = "comp=copy&copyid=i1",
	  .answer = { .status = 204 } },
	{ .method = "PUT",
	  .target = "/b",
	  .answer = { .status = 202, .headers = COPY("pending") } },
	{ .method = "HEAD",
	  .target = "/b",
	  .answer = { .headers = THERE COPY("pending") } },
};

/* Nothing of the copy stays, and the source does. */
static void expect_stopped(struct azure_play *p)
{
	const struct fault_request *q = azure_play_last(p, "PUT", "comp=copy");

	cr_assert_not_null(q);
	cr_expect_str_eq(fault_request_header(q, "x-ms-copy-action"), "abort");
	cr_expect_geq(fault_server_count(p->server, "DELETE", "/data/b"), 1);
	cr_expect_eq(fault_server_count(p->server, "DELETE", "/data/a"), 0);
}

/* On a busy machine the second may be over before the copy has begun. */
static bool is_stopped_at_the_deadline(struct azure_play *p)
{
	return backend_rename(p->store, "a", "b") == -ETIMEDOUT &&
	       azure_play_last(p, "PUT", "comp=copy");
}

Test(azure, stops_a_copy_that_does_not_end)
{
	struct backend_options o = { .mem_fd = -1 };
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	p.options.deadline_ms = 1000;
	o.remote = &p.options;
	cr_assert(AWAIT(
		backend_open(&azure_ops, "az://acme/data", &o, &p.store) == 0));
	azure_play_rules(&p, endless_copy, ARRAY_SIZE(endless_copy));
	cr_expect(AWAIT(is_stopped_at_the_deadline(&p)));
	expect_stopped(&p);
	azure_play_end(&p);
}

struct stopped_copy {
	struct azure_play play;
	_Atomic bool stop;
};

static void *stop_the_copy(void *arg)
{
	struct stopped_copy *c = arg;

	cr_expect(AWAIT(fault_server_count(c->play.server, "HEAD", "/data/b")));
	c->stop = true;
	return NULL;
}

Test(azure, stops_a_copy_when_it_is_stopped_itself)
{
	struct stopped_copy c = { .stop = false };
	struct azure_play *p = &c.play;
	pthread_t thread;

	azure_play_start(p, 10, 1);
	p->options.stop = &c.stop;
	azure_play_open(p);
	azure_play_rules(p, endless_copy, ARRAY_SIZE(endless_copy));
	cr_assert_eq(pthread_create(&thread, NULL, stop_the_copy, &c), 0);
	cr_expect_eq(backend_rename(p->store, "a", "b"), -ECANCELED);
	pthread_join(thread, NULL);
	expect_stopped(p);
	azure_play_end(p);
}

Test(azure, removes_what_may_have_been_removed_already)
{
	static const struct fault_rule lost[] = {
		{ .method = "DELETE", .times = 1, .answer = { .status = 500 } },
		{ .method = "DELETE", .answer = { .status = 404 } },
	};
	struct azure_play p;

	azure_play_start(&p, 10, 1);
	azure_play_open(&p);
	azure_play_rules(&p, lost, ARRAY_SIZE(lost));
	cr_expect_eq(backend_remove(p.store, "a"), 0);
	cr_expect_eq(backend_remove(p.store, "a"), -ENOENT);
	azure_play_end(&p);
}

Test(azure, takes_directories_for_no_files)
{
	static const char *const marks[] = {
		THERE "x-ms-meta-hdi_isfolder: true\r\n",
		THERE "x-ms-resource-type: directory\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		const struct fault_rule rule = {
			.method = "HEAD", .answer = { .headers = marks[i] }
		};
		struct object_info info;
		struct azure_play p;
		struct object *o;

		azure_play_start(&p, 10, 1);
		azure_play_open(&p);
		azure_play_rules(&p, &rule, 1);
		cr_expect_eq(backend_stat(p.store, "a", &info), -ENOENT);
		cr_expect_eq(object_open(p.store, "a", &o), -ENOENT);
		azure_play_end(&p);
	}
}
