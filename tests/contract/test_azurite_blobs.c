/* What is particular to Azure's blobs, with a server and clients that others
 * wrote.
 * servers: azurite */
#include "backends/azure.h"

#include "backends/azure_list.h"
#include "backends/azure_store.h"
#include "lib/capture.h"
#include "lib/servers.h"

#include <errno.h>
#include <string.h>

static struct backend *open_store(void **state)
{
	return servers_store(servers_find("azurite", &azure_ops), false, state);
}

/* ---- What others see ---------------------------------------------------- */

Test(azurite_blobs, are_called_by_others_as_by_us)
{
	static const char *const names[] = {
		"a b/+%&?#~'()!@$^*[]{}=;:,",
		"gr\xc3\xbc\xc3\x9f/\xe6\x97\xa5\xe6\x9c\xac",
		"a%2Fb%20c",
		"<\"|>`",
	};
	struct backend *b;
	void *state;

	b = open_store(&state);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_FREE char *said = NULL, *want = NULL;

		contract_put(b, names[i], i, 10 + i);
		said = servers_ask(state, "list");
		cr_assert_gt(asprintf(&want, "/%s %u\n", names[i], 10 + i), 0);
		cr_expect(strstr(said, want), "no '%s' in: %s", want, said);
		cr_expect_eq(backend_remove(b, names[i]), 0);
	}
	backend_close(b);
	servers_drop(state);
}

Test(azurite_blobs, are_there_for_others_once_they_are_committed)
{
	static const uint64_t sizes[] = { 0, 8 * MIB, 8 * MIB + 1, 21 * MIB };
	struct backend *b;
	void *state;

	b = open_store(&state);
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTO_FREE char *said = NULL, *pending = NULL, *want = NULL;

		contract_put(b, "name", i, sizes[i]);
		said = servers_ask(state, "list");
		cr_assert_gt(asprintf(&want, "/name %lu\n",
				      (unsigned long)sizes[i]),
			     0);
		cr_expect(strstr(said, want), "no '%s' in: %s", want, said);
		pending = servers_ask(state, "pending");
		cr_expect_str_empty(pending);
		contract_expect(b, "name", i, sizes[i]);
	}
	backend_close(b);
	servers_drop(state);
}

/* ---- What is left behind ------------------------------------------------ */

/* There is no request that drops blocks: they wait for a week, or until a blob
 * of that name is written, and are no part of any until then. */
Test(azurite_blobs, leave_only_blocks_that_nobody_can_read)
{
	AUTO_FREE char *bytes = malloc(20 * MIB);
	AUTO_FREE char *pending = NULL, *again = NULL, *listed = NULL;
	struct object_info info;
	struct backend *b;
	struct object *o;
	void *state;

	contract_fill(bytes, 20 * MIB, 1, 0);
	b = open_store(&state);
	cr_assert_eq(object_create(b, "name", &o), 0);
	cr_assert_eq(object_append(o, bytes, 20 * MIB), 0);
	object_close(o);

	cr_expect_eq(backend_stat(b, "name", &info), -ENOENT);
	listed = servers_ask(state, "list");
	cr_expect_str_empty(listed);
	pending = servers_ask(state, "pending");
	cr_expect(!*pending || strstr(pending, "/name\n"), "%s", pending);

	contract_put(b, "name", 2, 20 * MIB);
	again = servers_ask(state, "pending");
	cr_expect_str_empty(again);
	contract_expect(b, "name", 2, 20 * MIB);
	backend_close(b);
	servers_drop(state);
}

/* What azure_upload.h says of two who write at the same time. */
Test(azurite_blobs, in_blocks_are_written_by_one_at_a_time)
{
	AUTO_FREE char *bytes = malloc(20 * MIB);
	struct object *one, *two;
	struct backend *b;
	struct capture c;
	void *state;
	int rc;

	b = open_store(&state);
	cr_assert_eq(object_create(b, "name", &one), 0);
	cr_assert_eq(object_create(b, "name", &two), 0);
	contract_fill(bytes, 20 * MIB, 1, 0);
	cr_assert_eq(object_append(one, bytes, 20 * MIB), 0);
	contract_fill(bytes, 20 * MIB, 2, 0);
	cr_assert_eq(object_append(two, bytes, 20 * MIB), 0);
	cr_expect_eq(object_commit(one, 0), 0);
	contract_expect(b, "name", 1, 20 * MIB);
	capture_start(&c);
	rc = object_commit(two, 0);
	capture_stop(&c);
	/* Never a mix. */
	cr_expect(rc == 0 || rc == -EBUSY, "%d", rc);
	contract_expect(b, "name", rc == 0 ? 2 : 1, 20 * MIB);
	object_close(one);
	object_close(two);
	backend_close(b);
	servers_drop(state);
}

/* ---- What changes beneath a reader -------------------------------------- */

Test(azurite_blobs, that_are_replaced_are_estale)
{
	static const uint64_t sizes[] = { 3000, 2999, 3001, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		for (int sized = 0; sized < 2; sized++) {
			const uint64_t size = 3000;
			struct backend *b;
			struct object *o;
			void *state;
			char buf[100];

			b = open_store(&state);
			contract_put(b, "name", 1, size);
			cr_assert_eq(object_open_sized(b, "name",
						       sized ? &size : NULL,
						       &o),
				     0);
			cr_expect_eq(object_pread(o, buf, 100, 0), 100);
			contract_put(b, "name", 2, sizes[i]);
			cr_expect_eq(object_pread(o, buf, 100, 100), -ESTALE);
			cr_expect_eq(object_pread(o, buf, 100, 2950), -ESTALE);
			object_close(o);
			backend_close(b);
			servers_drop(state);
		}
}

Test(azurite_blobs, that_are_removed_are_estale)
{
	struct backend *b;
	struct object *o;
	void *state;
	char c;

	b = open_store(&state);
	contract_put(b, "name", 1, 3000);
	cr_assert_eq(object_open(b, "name", &o), 0);
	cr_assert_eq(backend_remove(b, "name"), 0);
	cr_expect_eq(object_pread(o, &c, 1, 0), -ESTALE);
	object_close(o);
	backend_close(b);
	servers_drop(state);
}

/* ---- Names and listings ------------------------------------------------- */

Test(azurite_blobs, have_names_of_1024_characters)
{
	struct server *server = servers_find("azurite", &azure_ops);
	struct remote_options remote = servers_options(server, false);
	const struct backend_options options = { .mem_fd = -1,
						 .remote = &remote };
	char name[BACKEND_NAME_MAX + 1], uri[256];
	AUTO_FREE char *listed = NULL;
	struct backend *b;

	snprintf(uri, sizeof(uri), "az://%s/%s", server->user, server->bucket);
	cr_assert_eq(backend_open(&azure_ops, uri, &options, &b), 0);
	memset(name, 'n', BACKEND_NAME_MAX);
	name[BACKEND_NAME_MAX] = '\0';
	name[500] = '/';
	contract_put(b, name, 1, 100);
	contract_expect(b, name, 1, 100);
	listed = contract_names(b, "nnn", BACKEND_DEEP);
	cr_expect_str_eq(listed, name);
	cr_expect_eq(backend_remove(b, name), 0);
	backend_close(b);
	free(server);
}

/* As azure_list() does, but with pages of three. */
static char *list_by_threes(struct backend *b, enum backend_depth depth)
{
	struct azure_store *s = azure_store_of(b);
	char marker[8193] = "", *names;
	struct azure_list_entry e;
	struct azure_list *page;
	unsigned pages = 0;
	size_t size;
	FILE *f = open_memstream(&names, &size);

	cr_assert_eq(azure_list_new(&page), 0);
	do {
		const struct azure_page three = { s->address.prefix, marker,
						  depth, 3 };
		struct rest_call call = { 0 };
		unsigned n = 0;

		cr_assert_eq(azure_store_page(s, &three, &call, page), 0);
		for (; azure_list_next(page, &e); n++)
			fprintf(f, "%s ", e.name + strlen(s->address.prefix));
		cr_expect_leq(n, 3);
		cr_assert_lt(++pages, 20);
		snprintf(marker, sizeof(marker), "%s", azure_list_marker(page));
	} while (*marker);
	cr_expect_gt(pages, 2);
	azure_list_free(page);
	fclose(f);
	return names;
}

/* Azurite tells of the folders in a page before the blobs. */
static void expect_each_once(const char *listed, const char *const *names,
			     size_t n)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		cr_expect(strstr(listed, names[i]), "no '%s' in: %s", names[i],
			  listed);
		len += strlen(names[i]);
	}
	cr_expect_eq(strlen(listed), len, "%s", listed);
}

Test(azurite_blobs, are_listed_over_many_pages)
{
	static const char *const names[] = { "a+b",   "a/1",  "a/2",
					     "b&c/3", "c%25", "d/4",
					     "e",     "f",    "\xc3\xbc" };
	static const char *const deep[] = { "a+b ",   "a/1 ",  "a/2 ",
					    "b&c/3 ", "c%25 ", "d/4 ",
					    "e ",     "f ",    "\xc3\xbc " };
	static const char *const shallow[] = { "a+b ",	"a/ ",	    "b&c/ ",
					       "c%25 ", "d/ ",	    "e ",
					       "f ",	"\xc3\xbc " };
	AUTO_FREE char *all = NULL, *top = NULL;
	struct backend *b;
	void *state;

	b = open_store(&state);
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		contract_put(b, names[i], i, i);
	all = list_by_threes(b, BACKEND_DEEP);
	expect_each_once(all, deep, ARRAY_SIZE(deep));
	top = list_by_threes(b, BACKEND_SHALLOW);
	expect_each_once(top, shallow, ARRAY_SIZE(shallow));
	backend_close(b);
	servers_drop(state);
}
