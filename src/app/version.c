#include "app/version.h"

#include "app/stores.h"
#include "data/format.h"
#include "fuse/mount.h"

static void print_formats(FILE *out)
{
	const struct format *f;

	fputs("formats  ", out);
	for (size_t i = 0; (f = format_at(i)); i++)
		fprintf(out, "%s%s", i ? ", " : "", f->name);
	fputc('\n', out);
}

void version_print(FILE *out)
{
	char schemes[STORES_SCHEMES_SIZE];

	stores_schemes(schemes);
	fprintf(out,
		"dliofs " DLIOFS_VERSION "\nlibfuse %s (" DLIOFS_LIBFUSE
		")\n\n",
		mount_library());
	fprintf(out, "stores   %s\n", schemes);
	print_formats(out);
	fprintf(out, "ranks    %s\n",
		DLIOFS_MPI ? "several, by Open MPI" :
			     "one: built where there was no Open MPI "
			     "(libopenmpi-dev)");
}
