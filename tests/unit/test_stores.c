#include "app/stores.h"

#include "backends/mem.h"
#include "data/dataset.h"
#include "lib/capture.h"
#include "lib/contract.h"
#include "lib/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static struct stores_options nothing(void)
{
	return (struct stores_options){
		/* A tmpfs may have no O_DIRECT; valgrind has little room. */
		.backend = { .mem_fd = -1,
			     .mem_limit = 64 * MIB,
			     .direct_fallback = true },
	};
}

static struct dataset *small(void)
{
	const struct dataset_options o = { .format = "npz",
					   .dtype = "uint8",
					   .file_prefix = "img",
					   .files = { 2, 0 },
					   .samples_per_file = 1,
					   .record_length = 1000 };
	struct dataset *d;

	cr_assert_eq(dataset_new(&o, &d), 0);
	return d;
}

Test(stores, the_scheme_alone_selects_the_store)
{
	static const struct {
		const char *before, *scheme;
		bool folder; /* the scratch folder comes after it */
	} cases[] = {
		{ "", "file", true },
		{ "file://", "file", true },
		{ "direct://", "direct", true },
		{ "mem://x/y", "mem", false },
		{ "synth://", "synth", false },
	};
	char *folder = scratch_new();
	struct dataset *d = small();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stores_options o = nothing();
		struct capture said;
		struct backend *b;
		char uri[256];

		o.dataset = d;
		snprintf(uri, sizeof(uri), "%s%s", cases[i].before,
			 cases[i].folder ? folder : "");
		capture_start(&said); /* direct may say that it cannot */
		cr_assert_eq(stores_open(uri, &o, &b), 0, "%s", uri);
		capture_stop(&said);
		cr_expect_str_eq(b->ops->scheme, cases[i].scheme, "%s", uri);
		backend_close(b);
		if (o.backend.mem_fd >= 0)
			close(o.backend.mem_fd);
	}
	dataset_free(d);
	scratch_remove(folder);
}

Test(stores, an_unknown_scheme_is_told_which_there_are)
{
	static const struct {
		const char *uri, *said;
	} cases[] = {
		{ "nfs://host/x", "nfs://host: " },
		{ "fil://x", "fil://x: " },
		{ "files://x", "files://x: " },
		{ "MEM://x", "MEM://x: " },
		{ "://x", "://x: " },
		{ "https://me:hush@host/c?sig=hush", "https://host: " },
	};
	static const char *const schemes[] = { "synth", "file", "direct",
					       "mem" };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stores_options o = nothing();
		struct capture said;
		struct backend *b;

		capture_start(&said);
		cr_expect_eq(stores_open(cases[i].uri, &o, &b), -EINVAL, "%s",
			     cases[i].uri);
		capture_stop(&said);
		cr_expect_not_null(strstr(said.text, cases[i].said), "%s",
				   said.text);
		cr_expect_null(strstr(said.text, "hush"), "%s", said.text);
		for (size_t k = 0; k < ARRAY_SIZE(schemes); k++)
			cr_expect_not_null(strstr(said.text, schemes[k]), "%s",
					   said.text);
	}
}

Test(stores, what_is_wrong_with_a_uri_is_said_before_it_is_opened)
{
	static const struct {
		const char *uri, *says;
	} bad[] = {
		{ "ftp://x/y", "there are synth, file" },
		{ "S3://bucket/x", "there are synth, file" },
		{ "s3://", "want s3://BUCKET" },
		{ "s3://b//x", "without empty parts" },
		{ "az://account", "az://ACCOUNT/CONTAINER" },
		{ "s3:/bucket/x", "want s3://" },
		{ "s3:bucket", "want s3://" },
		{ "File:/x", "want file://" },
	};
	static const char *const good[] = {
		"data/x",     "/data",	 "./s3:x",	  "file://s3:x",
		"direct:///", "mem://x", "s3://bucket/x", "az://acc/cont/x",
		"synth://",   "s3",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct capture said;

		capture_start(&said);
		cr_expect_eq(stores_check(bad[i].uri), -EINVAL, "%s",
			     bad[i].uri);
		capture_stop(&said);
		cr_expect(strstr(said.text, bad[i].says), "%s said: %s",
			  bad[i].uri, said.text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		cr_expect_eq(stores_check(good[i]), 0, "%s", good[i]);
}

Test(stores, memory_is_kept_and_shared_by_those_that_come_later)
{
	struct stores_options o = nothing();
	struct backend *b;
	int fd;

	cr_assert_eq(stores_open("mem://a", &o, &b), 0);
	fd = o.backend.mem_fd;
	cr_assert_geq(fd, 0);
	cr_expect_neq(fd, mem_fd(b), "the store closes its own");
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	contract_put(b, "b/c", 3, 1000);
	backend_close(b);

	/* Nobody has it open now. */
	cr_assert_eq(stores_open("mem://a/b", &o, &b), 0);
	cr_expect_eq(o.backend.mem_fd, fd);
	contract_expect(b, "c", 3, 1000);
	backend_close(b);
	cr_expect_eq(close(fd), 0);
}

Test(stores, other_stores_leave_no_descriptor)
{
	char *folder = scratch_new();
	struct stores_options o = nothing();
	struct backend *b;

	cr_assert_eq(stores_open(folder, &o, &b), 0);
	cr_expect_eq(o.backend.mem_fd, -1);
	backend_close(b);
	scratch_remove(folder);
}

Test(stores, synth_needs_to_know_the_dataset)
{
	struct stores_options o = nothing();
	struct dataset *d = small();
	struct capture said;
	struct backend *b;

	capture_start(&said);
	cr_expect_eq(stores_open("synth://", &o, &b), -EINVAL);
	cr_expect_not_null(strstr(capture_stop(&said), "configuration"));
	o.dataset = d;
	cr_assert_eq(stores_open("synth://", &o, &b), 0);
	cr_expect_eq(backend_stat(b, "train/img_1_of_2.npz",
				  &(struct object_info){ 0 }),
		     0);
	backend_close(b);
	dataset_free(d);
}

Test(stores, what_passes_is_recorded_if_there_is_a_recorder)
{
	struct stores_options with = nothing(), without = nothing();
	struct backend *recorded, *plain;

	cr_assert_eq(recorder_new(-1, &with.recorder), 0);
	cr_assert_eq(stores_open("mem://a", &with, &recorded), 0);
	contract_put(recorded, "x", 1, 5000);
	contract_expect(recorded, "x", 1, 5000);
	cr_expect_eq(recorder_bytes(with.recorder, REC_STORE, REC_READ), 5000);
	cr_expect_eq(recorder_bytes(with.recorder, REC_STORE, REC_WRITE), 5000);

	without.backend.mem_fd = with.backend.mem_fd;
	cr_assert_eq(stores_open("mem://a", &without, &plain), 0);
	cr_expect_eq(plain->ops, &mem_ops, "nothing is in between");
	contract_expect(plain, "x", 1, 5000);
	cr_expect_eq(recorder_bytes(with.recorder, REC_STORE, REC_READ), 5000);
	backend_close(plain);
	backend_close(recorded);
	close(with.backend.mem_fd);
	recorder_free(with.recorder);
}

Test(stores, only_file_stores_have_a_path)
{
	static const struct {
		const char *uri, *path;
		bool synth;
	} cases[] = {
		{ "data/x", "data/x", false },
		{ "/data", "/data", false },
		{ "file:///data", "/data", false },
		{ "file://data", "data", false },
		{ "direct:///data", NULL, false },
		{ "mem://x", NULL, false },
		{ "synth://", NULL, true },
		{ "synth", "synth", false },
		{ "synths://", NULL, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *path = stores_path(cases[i].uri);

		cr_expect_eq(stores_is_synth(cases[i].uri), cases[i].synth,
			     "%s", cases[i].uri);
		if (cases[i].path)
			cr_expect(path && !strcmp(path, cases[i].path), "%s",
				  cases[i].uri);
		else
			cr_expect_null(path, "%s", cases[i].uri);
	}
}
