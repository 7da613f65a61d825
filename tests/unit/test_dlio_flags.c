#include "app/dlio_flags.h"

#include "lib/capture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#define MOST 8

/* What was understood, as text: "cfg=job help a=1". */
static void see(const struct dlio_flags *f, char *out, size_t size)
{
	const struct {
		const char *name, *value;
	} values[] = {
		{ "cfg", f->cfg },
		{ "info", f->info },
		{ "package", f->package },
		{ "config-path", f->config_path },
		{ "config-name", f->config_name },
		{ "config-dir", f->config_dir },
		{ "help", f->help ? "1" : NULL },
		{ "resolve", f->resolve ? "1" : NULL },
		{ "multirun", f->multirun ? "1" : NULL },
		{ "version", f->version ? "1" : NULL },
	};
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		if (values[i].value)
			len += (size_t)snprintf(out + len, size - len, "%s=%s ",
						values[i].name,
						values[i].value);
	for (size_t i = 0; i < f->n; i++)
		len += (size_t)snprintf(out + len, size - len, "[%s] ",
					f->overrides[i]);
}

static int parse(const char *const words[MOST], char *out, size_t size)
{
	char *argv[MOST + 1] = { (char[]){ "dlio_benchmark" } };
	struct dlio_flags f;
	int argc = 1, rc;

	while (argc <= MOST && words[argc - 1]) {
		argv[argc] = strdup(words[argc - 1]);
		argc++;
	}
	rc = dlio_flags_parse(argc, argv, &f);
	see(&f, out, size);
	while (argc > 1)
		free(argv[--argc]);
	free(f.overrides);
	return rc;
}

/* As argparse takes them from Hydra's table. */
Test(dlio_flags, are_found_anywhere_among_the_overrides)
{
	static const struct {
		const char *words[MOST], *want;
	} cases[] = {
		{ { NULL }, "" },
		{ { "a=1", "++b=2", "~c" }, "[a=1] [++b=2] [~c] " },
		{ { "a=1", "--cfg", "job", "b=2" }, "cfg=job [a=1] [b=2] " },
		{ { "--cfg=hydra" }, "cfg=hydra " },
		{ { "-c", "all", "--resolve" }, "cfg=all resolve=1 " },
		{ { "-p", "workload.model" }, "package=workload.model " },
		{ { "--config-dir", "/d", "--config-name=n", "-cp", "/p" },
		  "config-path=/p config-name=n config-dir=/d " },
		{ { "-cd", "/d", "-cn", "n" }, "config-name=n config-dir=/d " },
		{ { "--info" }, "info=all " },
		{ { "-i", "--", "a=1" }, "info=all [a=1] " },
		{ { "a=1", "--info", "--resolve" },
		  "info=all resolve=1 [a=1] " },
		{ { "-c=job", "-cd=/d" }, "cfg=job config-dir=/d " },
		{ { "-p", "-" }, "package=- " },
		{ { "--info", "searchpath" }, "info=searchpath " },
		{ { "--info=defaults" }, "info=defaults " },
		{ { "-h" }, "help=1 " },
		{ { "--vers" }, "version=1 " },
		{ { "--multirun" }, "multirun=1 " },
		{ { "--", "-c" }, "[-c] " },
		{ { "a=1", "-" }, "[a=1] [-] " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char got[512];

		cr_expect_eq(parse(cases[i].words, got, sizeof(got)), 0,
			     "case %zu", i);
		cr_expect_str_eq(got, cases[i].want, "case %zu", i);
	}
}

Test(dlio_flags, say_what_is_wrong_with_them)
{
	static const struct {
		const char *words[MOST], *want;
	} cases[] = {
		{ { "--nope" }, "unrecognized arguments: --nope" },
		{ { "-x" }, "unrecognized arguments: -x" },
		{ { "-c-" }, "unrecognized arguments: -c-" },
		{ { "--config" },
		  "ambiguous option: --config could match --config-path, "
		  "--config-name, --config-dir" },
		{ { "--c=job" }, "ambiguous option: --c could match --cfg, " },
		{ { "--=x" }, "unrecognized arguments: --=x" },
		{ { "--cfg" }, "--cfg: expected one argument" },
		{ { "--cfg", "nope" },
		  "--cfg: invalid choice: 'nope' (choose from job hydra all)" },
		{ { "--cfg", "--info" }, "--cfg: expected one argument" },
		{ { "-cd", "-c", "job" }, "--config-dir: expected one" },
		{ { "--info", "nope" }, "--info: invalid choice: 'nope'" },
		{ { "--info", "workload=dlrm" }, "--info: invalid choice" },
		{ { "-i", "-" }, "--info: invalid choice: '-'" },
		{ { "--info=nope" }, "--info: invalid choice: 'nope'" },
		{ { "--run=1" }, "--run takes no value" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct capture c;
		char got[512];

		capture_start(&c);
		cr_expect_eq(parse(cases[i].words, got, sizeof(got)), -EINVAL,
			     "case %zu", i);
		capture_stop(&c);
		cr_expect(strstr(c.text, cases[i].want), "case %zu: %s", i,
			  c.text);
	}
}
