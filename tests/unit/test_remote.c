#include "app/remote.h"

#include <criterion/criterion.h>
#include <string.h>

static struct config *load(const char *const *overrides, size_t n)
{
	struct config *c;

	cr_assert_eq(config_load(NULL, overrides, n, CONFIG_STRICT, &c), 0);
	return c;
}

Test(remote, standards_are_left_to_the_store)
{
	struct config *c = load(NULL, 0);
	struct remote_options o = remote_options_of(c, "s3://bucket");

	cr_expect_null(o.endpoint);
	cr_expect_null(o.region);
	cr_expect_null(o.key_id);
	cr_expect_null(o.profile);
	cr_expect_not(o.anonymous);
	cr_expect_eq(o.addressing, REMOTE_ADDRESSING_AUTO);
	cr_expect_eq(o.concurrency, 16u);
	cr_expect_eq(o.part_bytes, 8 * MIB);
	cr_expect_eq(o.attempts, 10u);
	cr_expect_eq(o.connect_ms, 5000u);
	cr_expect_eq(o.first_byte_ms, 30000u);
	cr_expect_eq(o.stall_ms, 10000u);
	cr_expect_eq(o.deadline_ms, 120000u);
	config_free(c);
}

static const char *const all[] = {
	"storage.storage_options={access_key_id: id, secret_access_key: s, "
	"endpoint_url: \"http://h:1\", region: mars, s3_max_attempts: 3}",
	"++dliofs.s3={session_token: t, profile: p, addressing: virtual, "
	"anonymous: true}",
	"++dliofs.azure={endpoint: \"http://a:1/acc\", account_key: k, "
	"connection_string: c, sas: g}",
	"++dliofs.backend={threads: 5, part_size: 6000000, upload_memory: 7, "
	"attempts: 8, connect_timeout: 0.0001, first_byte_timeout: 2.5, "
	"stall_timeout: 3, deadline: 4, ca_file: f}",
};

Test(remote, settings_of_s3_reach_s3_and_no_other)
{
	struct config *c = load(all, ARRAY_SIZE(all));
	struct remote_options o = remote_options_of(c, "s3://bucket");

	cr_expect_str_eq(o.endpoint, "http://h:1");
	cr_expect_str_eq(o.region, "mars");
	cr_expect_str_eq(o.key_id, "id");
	cr_expect_str_eq(o.secret, "s");
	cr_expect_str_eq(o.token, "t");
	cr_expect_str_eq(o.profile, "p");
	cr_expect(o.anonymous);
	cr_expect_eq(o.addressing, REMOTE_ADDRESSING_VIRTUAL);
	cr_expect_eq(o.attempts, 3u, "DLIO's own setting comes first");
	cr_expect_null(o.account_key);
	cr_expect_null(o.sas);
	config_free(c);
}

Test(remote, settings_of_azure_reach_azure_and_no_other)
{
	struct config *c = load(all, ARRAY_SIZE(all));
	struct remote_options o = remote_options_of(c, "az://acc/con/pre");

	cr_expect_str_eq(o.endpoint, "http://a:1/acc");
	cr_expect_str_eq(o.account_key, "k");
	cr_expect_str_eq(o.connection_string, "c");
	cr_expect_str_eq(o.sas, "g");
	cr_expect_null(o.key_id);
	cr_expect_null(o.secret);
	cr_expect_null(o.token);
	cr_expect_eq(o.concurrency, 5u);
	cr_expect_eq(o.part_bytes, 6000000u);
	cr_expect_eq(o.upload_memory, 7u);
	cr_expect_eq(o.attempts, 8u);
	cr_expect_eq(o.connect_ms, 1u, "not 0, which is the standard");
	cr_expect_eq(o.first_byte_ms, 2500u);
	cr_expect_eq(o.stall_ms, 3000u);
	cr_expect_eq(o.deadline_ms, 4000u);
	cr_expect_str_eq(o.ca_file, "f");
	config_free(c);
}

Test(remote, path_style_may_be_asked_for_as_dlio_does)
{
	static const char *const way[] = {
		"storage.storage_options.s3_force_path_style=true"
	};
	struct config *c = load(way, 1);

	cr_expect_eq(remote_options_of(c, "s3://b").addressing,
		     REMOTE_ADDRESSING_PATH);
	config_free(c);
}
