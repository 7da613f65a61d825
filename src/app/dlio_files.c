#include "app/dlio_files.h"

#include "base/log.h"
#include "config/dump.h"
#include "config/hydra.h"
#include "train/savefile.h"

#include <errno.h>
#include <string.h>

static int fill(void *arg, FILE *stream)
{
	dump_tree(arg, stream);
	return 0;
}

static int save(const char *folder, const char *name, struct node *tree)
{
	int rc = savefile_write(folder, name, fill, tree);

	node_free(tree);
	return rc;
}

static int save_all(const struct compose *c, const char *folder)
{
	struct node *tree;
	int rc = savefile_make_folder(folder);

	if (!rc)
		rc = hydra_document(c, HYDRA_JOB, &tree);
	if (!rc)
		rc = save(folder, "config.yaml", tree);
	if (!rc)
		rc = hydra_overrides(c, false, &tree);
	if (!rc)
		rc = save(folder, "overrides.yaml", tree);
	if (!rc)
		rc = hydra_document(c, HYDRA_OWN, &tree);
	return rc ? rc : save(folder, "hydra.yaml", tree);
}

/* The text of a setting of hydra's, to be freed; NULL where it is null, or was
 * taken out. */
static int text_of(const struct compose *c, const struct interpolate_env *env,
		   const char *path, char **out)
{
	struct node *n = NULL;
	int rc = interpolate_value(env, c->root, path, &n);

	*out = NULL;
	if (rc && rc != -ENOENT)
		return rc;
	if (n && n->kind >= NODE_LIST)
		rc = log_invalid("%s: expected a text, found %s", path,
				 NODE_SAY(n));
	else if (n && n->kind != NODE_NULL)
		rc = (*out = strdup(n->text)) ? 0 : -ENOMEM;
	else
		rc = 0;
	node_free(n);
	return rc;
}

/* "./a/b" from here is /here/a/b. */
static int make_absolute(const char *path, char **out)
{
	AUTO_FREE char *cwd = NULL;

	while (path[0] == '.' && path[1] == '/')
		path += 2 + strspn(path + 2, "/");
	cwd = *path == '/' ? strdup("") : getcwd(NULL, 0);
	if (!cwd)
		return log_fail(-errno, "current directory");
	if (asprintf(out, "%s%s%s", cwd, *path == '/' ? "" : "/", path) < 0)
		return log_fail(-ENOMEM, "%s", path);
	return 0;
}

int dlio_files_write(struct compose *c, const struct interpolate_env *env,
		     char **folder)
{
	AUTO_FREE char *dir = NULL, *subdir = NULL, *absolute = NULL,
		       *below = NULL;
	int rc = text_of(c, env, "hydra.run.dir", &dir);

	if (!rc && !dir)
		rc = log_invalid("hydra.run.dir: no folder for results");
	if (!rc && dir)
		rc = make_absolute(dir, &absolute);
	if (!rc)
		rc = savefile_make_folder(absolute);
	if (!rc)
		rc = hydra_started(c, absolute);
	if (!rc)
		rc = text_of(c, env, "hydra.output_subdir", &subdir);
	if (!rc && subdir && asprintf(&below, "%s/%s", absolute, subdir) < 0)
		rc = log_fail(-ENOMEM, "%s", subdir);
	if (!rc && below)
		rc = save_all(c, below);
	if (!rc)
		*folder = TAKE(absolute);
	return rc;
}
