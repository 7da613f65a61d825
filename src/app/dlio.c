#include "app/dlio.h"

#include "app/dlio_files.h"
#include "app/dlio_show.h"
#include "app/lifecycle.h"
#include "app/ranks.h"
#include "app/stop.h"
#include "app/version.h"
#include "base/clock.h"
#include "base/log.h"
#include "config/hydra.h"
#include "train/savefile.h"

#include <errno.h>
#include <string.h>
#include <time.h>

enum status { DONE, FAILED, BAD_FLAG, TOO_MANY_STEPS = 255 };

#define NAME "dlio_benchmark"
#define QUERY "dlio_benchmark_query"

static const char *last_part(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

bool dlio_is_called(const char *name)
{
	return !strcmp(last_part(name), NAME) ||
	       !strcmp(last_part(name), QUERY);
}

/* ---- The run ---- */

/* What is under `workload`, with everything put in, and without a mount. */
static int make_config(const struct compose *c,
		       const struct interpolate_env *env, struct config **out)
{
	const struct scalar no = { .kind = NODE_BOOL };
	const struct node_mark mark = { .source = NAME };
	struct node *workload, *n;
	int rc = interpolate_value(env, c->root, "workload", &workload);

	if (rc == -ENOENT)
		log_invalid("there is no workload; choose one with "
			    "workload=NAME");
	if (rc)
		return rc;

	/* For query() alone, which looks it up where it was. */
	node_free(node_take_path(workload, "workflow.query"));
	rc = node_new_scalar(&no, "false", mark, &n);
	if (!rc)
		rc = node_put_path(workload, "dliofs.mount.enabled", n);
	if (!rc)
		rc = config_from_tree(workload, 0, out);
	node_free(workload);
	return rc;
}

static int change_folder(const struct compose *c, const char *folder)
{
	const struct node *n = node_find(c->root, "hydra.job.chdir");

	if (!n || n->kind != NODE_BOOL || !n->scalar.boolean)
		return 0;
	return chdir(folder) ? log_fail(-errno, "enter %s", folder) : 0;
}

static int run_config(struct config *config, struct ranks *ranks,
		      const char *folder)
{
	const struct cli cli = {
		.program = "dliofs",
		.results = config->output.folder ? NULL : folder,
		.ready_fd = -1,
		.recorder_fd = -1,
		.mem_fd = -1,
		.settings_fd = -1,
	};
	struct run r = { 0 };
	int rc;

	rc = run_open_as_dlio(&cli, ranks, config, &r);
	if (!rc)
		rc = lifecycle_run(&r);
	run_close(&r);
	return rc;
}

/* A line of its own for what workflow.query names. */
static int query(const struct compose *c, struct config *config)
{
	const struct node *n = node_find(c->root, "workload.workflow.query");
	int rc;

	if (n && n->kind < NODE_LIST && n->kind != NODE_NULL)
		rc = config_print_one(config, n->text, stdout);
	else
		rc = config_print_one(config, "", stdout);
	config_free(config);
	return rc;
}

/* Hydra's files are rank 0's to write, and the folder is all ranks'. */
static int make_folder(struct compose *c, const struct interpolate_env *env,
		       struct ranks *ranks, char path[4096])
{
	AUTO_FREE char *folder = NULL;
	int rc = 0;

	*path = '\0';
	if (ranks->rank == 0)
		rc = dlio_files_write(c, env, &folder);
	if (!rc && folder && snprintf(path, 4096, "%s", folder) >= 4096)
		rc = log_fail(-ENAMETOOLONG, "%s", folder);
	rc = ranks_agree(ranks, rc);
	if (!rc)
		rc = ranks_tell(ranks, path, 4096);
	if (!rc && ranks->rank)
		rc = savefile_make_folder(path);
	if (!rc && ranks->rank)
		rc = hydra_started(c, path);
	return rc;
}

static int run_on(struct compose *c, struct ranks *ranks, bool queried)
{
	struct interpolate_env env;
	time_t now = time(NULL);
	struct config *config;
	char folder[4096];
	int rc = ranks_tell(ranks, &now, sizeof(now));

	env = interpolate_here(now);
	if (!rc)
		rc = make_folder(c, &env, ranks, folder);
	if (!rc)
		rc = change_folder(c, folder);
	if (!rc)
		rc = make_config(c, &env, &config);
	if (rc)
		return rc;
	return queried ? query(c, config) : run_config(config, ranks, folder);
}

static enum status run(struct compose *c, bool queried)
{
	struct ranks *ranks = NULL;
	int rc;

	stop_catch();
	rc = ranks_open(&ranks);
	if (!rc)
		rc = run_on(c, ranks, queried);
	rc = ranks_close(ranks, rc); /* the same on all of them */
	if (rc == -EDOM)
		return TOO_MANY_STEPS;
	return rc ? FAILED : DONE;
}

/* ---- The command line ---- */

static int check_flags(const struct dlio_flags *f)
{
	if (f->multirun)
		return log_invalid("--multirun: there is one run; give each "
				   "its own command");
	if (f->shell_completion || f->rerun)
		return log_invalid("--%s is not supported",
				   f->rerun ? "experimental-rerun" :
					      "shell-completion");
	if (f->resolve && !f->cfg && !f->help)
		return log_invalid("--resolve goes with --cfg or --help only");
	if (!!f->cfg + !!f->info + f->run > 1)
		return log_invalid("Only one of --run, --cfg and --info can "
				   "be given");
	return 0;
}

static int compose(const struct dlio_flags *f, struct compose **out)
{
	const struct compose_options options = {
		.main_folder = f->config_path,
		.own_folder = f->config_dir,
		.name = f->config_name,
		.overrides = f->overrides,
		.n = f->n,
	};
	AUTO_FREE char *cwd = getcwd(NULL, 0);
	int rc;

	if (!cwd) {
		log_fail(-errno, "current directory");
		return -ENOENT;
	}
	rc = compose_new(&options, out);
	if (rc)
		return rc;
	rc = hydra_describe(*out, f->config_name, cwd);
	if (rc)
		compose_free(*out);
	return rc;
}

static enum status act(const struct dlio_flags *f, bool queried)
{
	struct compose *c;
	enum status status;

	if (check_flags(f) || compose(f, &c))
		return FAILED;
	if (f->help)
		status = dlio_show_help(c) ? FAILED : DONE;
	else if (f->cfg)
		status = dlio_show_cfg(c, f) ? FAILED : DONE;
	else if (f->info)
		status = dlio_show_info(c, f) ? FAILED : DONE;
	else
		status = run(c, queried);
	compose_free(c);
	return status;
}

int dlio_main(int argc, char **argv)
{
	AUTO_FREE const char **overrides = NULL;
	struct dlio_flags f;
	int rc = dlio_flags_parse(argc, argv, &f);

	overrides = f.overrides;
	if (rc)
		return BAD_FLAG;
	if (f.version) {
		version_print(stdout);
		return DONE;
	}
	if (f.hydra_help) {
		dlio_flags_print(stdout);
		return DONE;
	}
	(void)overrides;
	return (int)act(&f, !strcmp(last_part(argv[0]), QUERY));
}
