#include "app/sources.h"

#include "app/native.h"
#include "base/log.h"
#include "train/source_posix.h"

#include <errno.h>

int sources_folder_of_mount(const char *mount, const char *below,
			    char out[SOURCES_PATH_MAX])
{
	if (snprintf(out, SOURCES_PATH_MAX, "%s/%s", mount, below) >=
	    SOURCES_PATH_MAX)
		return log_fail(-ENAMETOOLONG, "%s/%s", mount, below);
	if (access(out, X_OK))
		snprintf(out, SOURCES_PATH_MAX, "%s", mount);
	return 0;
}

int sources_of_mount(const char *mount, const char *below, const char *uri,
		     struct sources_one *out)
{
	char path[SOURCES_PATH_MAX];
	int rc;

	*out = (struct sources_one){ 0 };
	rc = sources_folder_of_mount(mount, below, path);
	if (!rc)
		rc = source_posix_new(path, false, &out->source);
	if (!rc && uri)
		rc = source_set_place(out->source, uri);
	return rc;
}

int sources_native(struct workload *w, const char *uri, bool create,
		   struct sources_one *out)
{
	const char *path = stores_path(uri);
	int rc;

	*out = (struct sources_one){ 0 };
	if (path)
		return source_posix_new(path, create, &out->source);
	w->stores.backend.create = create;
	rc = stores_open(uri, &w->stores, &out->store);
	if (!rc)
		rc = native_source(out->store, "", &out->source);
	return rc;
}

void sources_close(struct sources_one *s)
{
	source_free(s->source);
	backend_close(s->store);
	*s = (struct sources_one){ 0 };
}
