#include "lib/s3_scripted.h"

#include "backends/s3.h"

#include <criterion/criterion.h>

static char no_metadata[] = "AWS_EC2_METADATA_DISABLED=true";
static char no_home[] = "HOME=/nonexistent";
static char *const environment[] = { no_metadata, no_home, NULL };

struct fault_server *s3_scripted_serve(const struct fault_rule *rules, size_t n)
{
	const struct fault_server_options o = { .rules = rules, .n_rules = n };
	struct fault_server *s;

	cr_assert_eq(fault_server_new(&o, &s), 0);
	return s;
}

struct remote_options s3_scripted_options(const struct fault_server *s)
{
	return (struct remote_options){ .endpoint = fault_server_url(s),
					.region = "us-east-1",
					.key_id = "AKID",
					.secret = "hush",
					.attempts = 3,
					.part_bytes = 5 * MIB,
					.ca_file = fault_server_ca(s),
					.environment = environment };
}

struct backend *s3_scripted_open(const struct fault_server *s)
{
	const struct remote_options remote = s3_scripted_options(s);
	const struct backend_options o = { .mem_fd = -1, .remote = &remote };
	struct backend *b;

	cr_assert_eq(backend_open(&s3_ops, "s3://bucket/pre", &o, &b), 0);
	return b;
}
