#include "config/config.h"

#include "base/log.h"
#include "config/check.h"
#include "config/help.h"
#include "config/interpolate.h"
#include "config/keys.h"
#include "config/names.h"
#include "config/override.h"
#include "config/print.h"
#include "config/read.h"
#include "config/uri.h"
#include "config/yaml.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* Hydra writes composed files under a root key `workload`; nothing at all is
 * the defaults. */
static int unwrap(struct node **root)
{
	struct node *inner;

	if ((*root)->kind == NODE_NULL) {
		struct node_mark mark = (*root)->mark;

		node_free(*root);
		*root = NULL;
		return node_new(NODE_MAP, mark, root);
	}
	if ((*root)->kind != NODE_MAP)
		return log_invalid("%s: expected a map of sections, found %s",
				   NODE_WHERE((*root)->mark), NODE_SAY(*root));
	inner = node_get(*root, "workload");
	if (!inner || inner->kind != NODE_MAP || (*root)->n > 1)
		return 0;
	inner = node_take(*root, "workload");
	node_free(*root);
	*root = inner;
	return 0;
}

static void strip_slashes(char *path)
{
	const char *scheme = strstr(path, "://");
	char *least = path + (scheme ? scheme + 3 - path : 1);
	char *end = path + strlen(path);

	while (end > least && end[-1] == '/')
		*--end = '\0';
}

static int replace(char **field, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return log_fail(-ENOMEM, "configuration");
	free(*field);
	*field = copy;
	return 0;
}

/* DLIO leaves both unset and then fails where it needs them. */
static void choose_loader(struct config *c)
{
	if (c->reader.data_loader == CONFIG_LOADER_UNSET)
		c->reader.data_loader = c->framework == CONFIG_PYTORCH ?
						CONFIG_LOADER_PYTORCH :
						CONFIG_LOADER_TENSORFLOW;
	if (c->reader.data_loader_sampler == CONFIG_SAMPLER_UNSET)
		c->reader.data_loader_sampler =
			c->reader.data_loader == CONFIG_LOADER_TENSORFLOW ?
				CONFIG_SAMPLER_ITERATIVE :
				CONFIG_SAMPLER_INDEX;
}

/* What follows from other settings, so that everyone sees one truth. */
static int derive(struct config *c)
{
	bool image = !strcmp(c->dataset.format, "jpeg") ||
		     !strcmp(c->dataset.format, "png");
	int rc = 0;

	strip_slashes(c->dataset.data_folder);
	strip_slashes(c->checkpoint.checkpoint_folder);
	choose_loader(c);
	if (!strcmp(c->storage.storage_type, "parallel_fs")) {
		log_warn("storage.storage_type: parallel_fs is a file system "
			 "like any other here: local_fs");
		rc = replace(&c->storage.storage_type, "local_fs");
	}
	if (!rc && image && strcmp(c->dataset.record_element_type, "uint8")) {
		log_warn("Image format %s requires record_element_type to be "
			 "np.uint8, but given %s. Re-setting to np.uint8.",
			 c->dataset.format, c->dataset.record_element_type);
		rc = replace(&c->dataset.record_element_type, "uint8");
	}
	return rc;
}

static int build(const struct node *root, unsigned flags, struct config **out)
{
	struct config *c = calloc(1, sizeof(*c));
	int unknown, rc;

	if (!c)
		return log_fail(-ENOMEM, "configuration");
	unknown = names_check(root, flags & CONFIG_STRICT);
	rc = read_settings(root, c);
	if (!rc)
		rc = unknown;
	if (!rc)
		rc = derive(c);
	if (!rc)
		rc = check_config(c, root);
	if (rc) {
		config_free(c);
		return rc;
	}
	*out = c;
	return 0;
}

int config_from_tree(struct node *root, unsigned flags, struct config **out)
{
	int rc;

	if (root->kind != NODE_MAP)
		return log_invalid("%s: expected a map of sections, found %s",
				   NODE_WHERE(root->mark), NODE_SAY(root));
	rc = names_modernize(root);
	return rc ? rc : build(root, flags, out);
}

/* What ${…} stands for; paths begin with `workload`, as DLIO's do. */
static int put_in(struct node **root)
{
	const struct interpolate_env env = interpolate_here(time(NULL));
	struct node *whole, *made;
	int rc = node_new(NODE_MAP, (*root)->mark, &whole);

	if (rc)
		return rc;
	rc = node_put(whole, "workload", TAKE(*root));
	if (!rc)
		rc = interpolate_value(&env, whole, "workload", &made);
	if (!rc)
		*root = made;
	node_free(whole);
	return rc;
}

int config_parse(const char *name, const char *text, size_t len,
		 const char *const *overrides, size_t n, unsigned flags,
		 struct config **out)
{
	struct node *root = NULL;
	int rc = yaml_parse(name, text, len, &root);

	if (!rc)
		rc = unwrap(&root);
	for (size_t i = 0; i < n && !rc; i++)
		rc = override_apply(root, overrides[i]);
	if (!rc)
		rc = put_in(&root);
	if (!rc)
		rc = config_from_tree(root, flags, out);
	node_free(root);
	return rc;
}

int config_load(const char *path, const char *const *overrides, size_t n,
		unsigned flags, struct config **out)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	int rc;

	if (!path)
		return config_parse("defaults", "", 0, overrides, n, flags,
				    out);
	rc = yaml_read_file(path, &text, &len);
	if (rc)
		return rc;
	return config_parse(path, text, len, overrides, n, flags, out);
}

void config_free(struct config *c)
{
	if (!c)
		return;
	read_free(c);
	free(c);
}

int config_data_uri(const struct config *c, char **out)
{
	return uri_of_data(c, out);
}

int config_checkpoint_uri(const struct config *c, char **out)
{
	*out = strdup(c->checkpoint.checkpoint_folder);
	return *out ? 0 : log_fail(-ENOMEM, "configuration");
}

bool config_given(const struct config *c, const char *path)
{
	return c->given[keys_find(path) - keys_table];
}

int config_print(const struct config *c, FILE *out)
{
	return print_settings(c, out);
}

int config_print_one(const struct config *c, const char *path, FILE *out)
{
	return print_one(c, path, out);
}

size_t config_print_unused(const struct config *c, FILE *out)
{
	return print_unused(c, out);
}

void config_print_help(FILE *out, bool markdown)
{
	help_print(out, markdown);
}
