#include "app/results.h"

#include "app/latency.h"
#include "app/picture.h"
#include "base/log.h"
#include "train/savefile.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define SUFFIX_SIZE 16

/* results/unet3d/2026-11-22-18-38-05, or that with "-2" if another run began
 * in the same second. */
static int default_folder(const struct config *c, char *out, size_t size)
{
	unsigned same = 1;
	time_t now = time(NULL);
	char stamp[32];
	struct tm tm;
	int len, rc;

	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d-%H-%M-%S", &tm);
	len = snprintf(out, size, "results/%s/%s", c->model.name, stamp);
	if (len + SUFFIX_SIZE > (int)size)
		return log_fail(-ENAMETOOLONG, "results/%s", c->model.name);
	rc = savefile_make_folder_of(out);
	while (!rc && mkdir(out, 0755) < 0) {
		if (errno != EEXIST)
			return log_fail(-errno, "make the folder %s", out);
		snprintf(out + len, SUFFIX_SIZE, "-%u", ++same);
	}
	return rc;
}

int results_folder(const struct cli *cli, const struct config *c, char **out)
{
	const char *asked = cli->results ? cli->results : c->output.folder;
	char path[4096];
	int rc;

	if (!asked) {
		rc = default_folder(c, path, sizeof(path));
		if (rc)
			return rc;
		asked = path;
	}
	rc = savefile_make_folder(asked);
	if (rc)
		return rc;
	*out = strdup(asked);
	return *out ? 0 : -ENOMEM;
}

static int fill_json(void *arg, FILE *out)
{
	const struct picture *p = arg;

	return latency_write(p->recorder, out);
}

static int fill_picture(void *arg, FILE *out)
{
	return picture_write(arg, out);
}

int results_write(const char *folder, const char *title, const char *subtitle,
		  const struct recorder *r)
{
	struct picture picture = { .title = title,
				   .subtitle = subtitle,
				   .recorder = r };
	struct latency_shares s;
	int rc;

	latency_shares(r, &s);
	picture.shares = (struct picture_shares){
		.kernel = s.kernel,
		.handler = s.handler,
		.store = s.store,
		.network = s.network,
		.total_ns = (uint64_t)(s.total_s * (double)NS_PER_SEC),
		.overlapped = s.overlapped,
	};
	rc = savefile_write(folder, "latency.json", fill_json, &picture);
	return rc ? rc :
		    savefile_write(folder, "latency.svg", fill_picture,
				   &picture);
}
