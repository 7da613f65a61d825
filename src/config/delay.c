#include "config/delay.h"

#include "base/json.h"
#include "base/log.h"

#include <math.h>
#include <string.h>

static const struct distribution {
	const char *name;
	enum config_time_type type;
	const char *a, *b;
	bool signed_a, signed_b;
} distributions[] = {
	{ "normal", CONFIG_TIME_NORMAL, "mean", "stdev", true, false },
	{ "uniform", CONFIG_TIME_UNIFORM, "min", "max", true, true },
	{ "gamma", CONFIG_TIME_GAMMA, "shape", "scale", false, false },
	{ "exponential", CONFIG_TIME_EXPONENTIAL, "scale", NULL, false, false },
	{ "poisson", CONFIG_TIME_POISSON, "lam", NULL, false, false },
};

static bool is_number(const struct node *n, double *out)
{
	if (n->kind == NODE_INT)
		*out = (double)n->scalar.integer;
	else if (n->kind == NODE_FLOAT)
		*out = n->scalar.number;
	else
		return false;
	return isfinite(*out);
}

static int read_parameter(const char *path, const struct node *map,
			  const char *name, bool is_signed, double *out)
{
	const struct node *n = node_get(map, name);

	if (!n)
		return log_invalid("%s: %s: '%s' is missing",
				   NODE_WHERE(map->mark), path, name);
	if (!is_number(n, out) || (!is_signed && *out < 0))
		return log_invalid("%s: %s.%s: expected a number%s, found %s",
				   NODE_WHERE(n->mark), path, name,
				   is_signed ? "" : ", 0 or more", NODE_SAY(n));
	return 0;
}

static const struct distribution *find(const struct node *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(distributions); i++)
		if (type->kind == NODE_STRING &&
		    !strcmp(distributions[i].name, type->text))
			return &distributions[i];
	return NULL;
}

static int read_map(const char *path, const struct node *map,
		    struct config_time *out)
{
	const struct node *type = node_get(map, "type");
	const struct distribution *d;
	int rc;

	if (!type) {
		double stdev = 0;

		rc = read_parameter(path, map, "mean", true, &out->a);
		if (!rc && node_get(map, "stdev"))
			rc = read_parameter(path, map, "stdev", false, &stdev);
		out->type = CONFIG_TIME_CONSTANT;
		delay_add_stdev(out, stdev);
		return rc;
	}
	d = find(type);
	if (!d)
		return log_invalid("%s: %s.type: expected one of normal, "
				   "uniform, gamma, exponential, poisson, "
				   "found %s",
				   NODE_WHERE(type->mark), path,
				   NODE_SAY(type));
	out->type = d->type;
	rc = read_parameter(path, map, d->a, d->signed_a, &out->a);
	if (!rc && d->b)
		rc = read_parameter(path, map, d->b, d->signed_b, &out->b);
	return rc;
}

int delay_read(const char *path, const struct node *n, struct config_time *out)
{
	struct config_time t = { 0 };
	int rc = 0;

	if (is_number(n, &t.a))
		t.type = CONFIG_TIME_CONSTANT;
	else if (n->kind != NODE_MAP)
		rc = log_invalid("%s: %s: expected seconds or a map, found %s",
				 NODE_WHERE(n->mark), path, NODE_SAY(n));
	else if (n->n)
		rc = read_map(path, n, &t);
	*out = t;
	return rc;
}

void delay_add_stdev(struct config_time *t, double stdev)
{
	if (t->type == CONFIG_TIME_CONSTANT && stdev > 0)
		t->type = CONFIG_TIME_NORMAL;
	if (t->type == CONFIG_TIME_NORMAL)
		t->b = stdev;
}

const char *delay_text(const struct config_time *t, char out[DELAY_SIZE])
{
	char a[JSON_DOUBLE_SIZE], b[JSON_DOUBLE_SIZE];

	json_double(t->a, a);
	json_double(t->b, b);
	snprintf(out, DELAY_SIZE, "%s",
		 t->type == CONFIG_TIME_NONE ? "null" : a);
	for (size_t i = 0; i < ARRAY_SIZE(distributions); i++) {
		const struct distribution *d = &distributions[i];

		if (d->type != t->type)
			continue;
		if (d->b)
			snprintf(out, DELAY_SIZE, "{type: %s, %s: %s, %s: %s}",
				 d->name, d->a, a, d->b, b);
		else
			snprintf(out, DELAY_SIZE, "{type: %s, %s: %s}", d->name,
				 d->a, a);
	}
	return out;
}
