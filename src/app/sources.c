#include "app/sources.h"

#include "app/native.h"
#include "base/log.h"
#include "train/source_posix.h"

#include <errno.h>

int sources_of_mount(const char *folder, const char *below,
		     struct sources_one *out)
{
	char path[4096];

	*out = (struct sources_one){ 0 };
	if (snprintf(path, sizeof(path), "%s/%s", folder, below) >=
	    (int)sizeof(path))
		return log_fail(-ENAMETOOLONG, "%s/%s", folder, below);
	return source_posix_new(access(path, X_OK) ? folder : path, false,
				&out->source);
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
	if (s->source)
		s->source->ops->free(s->source);
	backend_close(s->store);
	*s = (struct sources_one){ 0 };
}
