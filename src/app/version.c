#include "app/version.h"

#include "fuse/mount.h"

static const struct {
	const char *name;
	bool present;
	const char *note;
} features[] = {
	{ "fuse", true, "I/O mode: every byte goes through us" },
	{ "uring", false, "I/O mode over io_uring; not in this version" },
	{ "passthrough", false,
	  "I/O mode past us, by the kernel; not in this version" },
	{ "file, direct, mem, synth", true, "stores" },
	{ "s3, az", true, "stores on a network" },
	{ "npz, npy", true, "formats" },
	{ "HDF5", false, "format; not in this version" },
	{ "MPI", false, "several ranks; not in this version" },
};

void version_print(FILE *out)
{
	fprintf(out,
		"dliofs " DLIOFS_VERSION "\nlibfuse %s (" DLIOFS_LIBFUSE
		")\n\n",
		mount_library());
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		fprintf(out, "%-26s %-3s  %s\n", features[i].name,
			features[i].present ? "yes" : "no", features[i].note);
}
