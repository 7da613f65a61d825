#include "data/naming.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MAX_FILE_NAME 255 /* Linux's NAME_MAX */
#define INDEX "index/"

static const char *const split_folder[DATASET_SPLITS] = {
	[DATASET_TRAIN] = "train/",
	[DATASET_EVAL] = "valid/",
};

static int digits(uint64_t n)
{
	int count = 1;

	while (n >= 10) {
		n /= 10;
		count++;
	}
	return count;
}

uint64_t naming_files(const struct naming *n)
{
	return n->files[DATASET_TRAIN] + n->files[DATASET_EVAL];
}

uint64_t naming_first(const struct naming *n, enum dataset_split split)
{
	return split == DATASET_TRAIN ? 0 : n->files[DATASET_TRAIN];
}

const char *naming_column(const struct naming *n)
{
	return *n->partition.column ? n->partition.column : NULL;
}

/* ---- Giving names ---- */

/* The set that a file belongs to; *i becomes its number in there. */
static enum dataset_split split_of(const struct naming *n, uint64_t *i)
{
	if (*i < n->files[DATASET_TRAIN])
		return DATASET_TRAIN;
	*i -= n->files[DATASET_TRAIN];
	return DATASET_EVAL;
}

/* What an object comes beside; NULL: it is a data file. */
static const struct format_side *side_of(const struct naming *n,
					 uint64_t object)
{
	uint64_t part = object / naming_files(n);

	return part ? &n->format->sides[part - 1] : NULL;
}

/* As DLIO numbers them, or after a column's values. */
static int put_subfolder(const struct naming *n, enum dataset_split split,
			 uint64_t sub, char buf[PARTITION_MAX_FOLDER])
{
	if (naming_column(n))
		return partition_folder(&n->partition, sub, buf);
	return snprintf(buf, PARTITION_MAX_FOLDER, "%0*" PRIu64 "/",
			digits(n->subfolders[split]), sub);
}

/* The folder of a file, or of its side in the index, which has no subfolders.
 * Its length. */
static int put_folder(const struct naming *n, const struct format_side *side,
		      enum dataset_split split, uint64_t sub,
		      char buf[DATASET_MAX_NAME])
{
	bool in_index = side && side->in_index;
	int len = snprintf(buf, DATASET_MAX_NAME, "%s%s", in_index ? INDEX : "",
			   split_folder[split]);

	if (n->subfolders[split] > 0 && !in_index)
		len += put_subfolder(n, split, sub, buf + len);
	return len;
}

/* Numbers are padded with zeros to the digits of their count. */
void naming_name(const struct naming *n, uint64_t object,
		 char buf[DATASET_MAX_NAME])
{
	const struct format_side *side = side_of(n, object);
	uint64_t i = object % naming_files(n);
	enum dataset_split split = split_of(n, &i);
	uint64_t files = n->files[split];
	int len = put_folder(n, side, split, i % MAX(n->subfolders[split], 1),
			     buf);

	snprintf(buf + len, (size_t)(DATASET_MAX_NAME - len),
		 "%s_%0*" PRIu64 "_of_%" PRIu64 ".%s%s", n->prefix,
		 digits(files), i, files, n->format->name,
		 side ? side->suffix : "");
}

/* ---- Finding them ---- */

/* A number, if there is one; at most 19 digits, so it fits. */
static bool take_number(const char **at, uint64_t *out)
{
	const char *start = *at;

	for (*out = 0; **at >= '0' && **at <= '9' && *at - start < 19; ++*at)
		*out = *out * 10 + (uint64_t)(**at - '0');
	return *at > start;
}

static bool take(const char **at, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*at, text, len) != 0)
		return false;
	*at += len;
	return true;
}

static bool skip_folder(const char **at)
{
	const char *slash = strchr(*at, '/');

	if (slash)
		*at = slash + 1;
	return slash;
}

/* The number of a file is read where it must stand. */
static bool read_number(const struct naming *n, enum dataset_split split,
			const char *name, uint64_t *file)
{
	const char *at = name;
	bool in_index = take(&at, INDEX);

	if (!take(&at, split_folder[split]))
		return false;
	if (n->subfolders[split] > 0 && !in_index && !skip_folder(&at))
		return false;
	if (!take(&at, n->prefix) || !take(&at, "_") ||
	    !take_number(&at, file) || *file >= n->files[split])
		return false;
	*file += naming_first(n, split);
	return true;
}

/* Only the name of one of that file's very objects is right. */
static bool is_name(const struct naming *n, uint64_t file, const char *name,
		    uint64_t *object)
{
	for (uint64_t part = 0; part <= n->format->n_sides; part++) {
		char right[DATASET_MAX_NAME];

		*object = part * naming_files(n) + file;
		naming_name(n, *object, right);
		if (!strcmp(name, right))
			return true;
	}
	return false;
}

int naming_find(const struct naming *n, const char *name, uint64_t *object)
{
	uint64_t file;

	for (int split = 0; split < DATASET_SPLITS; split++)
		if (read_number(n, (enum dataset_split)split, name, &file) &&
		    is_name(n, file, name, object))
			return 0;
	return -ENOENT;
}

/* ---- Folders ---- */

/* Files go round the folders, so there may be fewer with anything in them. */
static uint64_t used_folders(const struct naming *n, enum dataset_split split,
			     bool in_index)
{
	uint64_t most = in_index ? 1 : MAX(n->subfolders[split], 1);

	return MIN(most, n->files[split]);
}

/* Row i of the kinds of folders: of files first, then of the index, if any. */
static bool folder_kind(const struct naming *n, unsigned i,
			const struct format_side **side,
			enum dataset_split *split)
{
	unsigned part = i / DATASET_SPLITS;

	*split = (enum dataset_split)(i % DATASET_SPLITS);
	if (part > n->format->n_sides)
		return false;
	*side = part ? &n->format->sides[part - 1] : NULL;
	return true;
}

/* Side files beside their data files have no folder of their own. */
static uint64_t folders_of_kind(const struct naming *n,
				const struct format_side *side,
				enum dataset_split split)
{
	if (side && !side->in_index)
		return 0;
	return used_folders(n, split, side != NULL);
}

uint64_t naming_folders(const struct naming *n)
{
	const struct format_side *side;
	enum dataset_split split;
	uint64_t count = 0;

	for (unsigned i = 0; folder_kind(n, i, &side, &split); i++)
		count += folders_of_kind(n, side, split);
	return count;
}

void naming_folder(const struct naming *n, uint64_t folder,
		   char buf[DATASET_MAX_NAME])
{
	const struct format_side *side;
	enum dataset_split split;

	for (unsigned i = 0; folder_kind(n, i, &side, &split); i++) {
		uint64_t count = folders_of_kind(n, side, split);

		if (folder < count) {
			put_folder(n, side, split, folder, buf);
			return;
		}
		folder -= count;
	}
	buf[0] = '\0';
}

/* ---- Making ---- */

static size_t longest_suffix(const struct format *t)
{
	size_t longest = 0;

	for (unsigned i = 0; i < t->n_sides; i++)
		longest = MAX(longest, strlen(t->sides[i].suffix));
	return longest;
}

static int check_prefix(const struct naming *n, const char *prefix)
{
	uint64_t most = MAX(n->files[DATASET_TRAIN], n->files[DATASET_EVAL]);
	size_t longest = strlen(prefix) + strlen("__of_.") +
			 2 * (size_t)digits(most) + strlen(n->format->name) +
			 longest_suffix(n->format);

	if (strpbrk(prefix, "/\t\n"))
		return log_invalid("file_prefix: %s: no slashes, tabs or line "
				   "ends",
				   prefix);
	if (longest > MAX_FILE_NAME)
		return log_invalid("file_prefix: %s: too long", prefix);
	return 0;
}

static int check_values(const struct naming *n, uint64_t folders)
{
	if (!folders || folders <= partition_values(&n->partition))
		return 0;
	return log_invalid("num_subfolders: %" PRIu64 " folders: %s, to "
			   "partition by, has %" PRIu64 " values",
			   folders, n->partition.column,
			   partition_values(&n->partition));
}

/* Each value has a folder: as many as are asked for, else all that there can
 * be. */
static int set_partition(struct naming *n, const struct dataset_options *o)
{
	int rc = partition_init(&n->partition, &o->layout.parquet.columns,
				o->layout.parquet.partition_by);

	if (rc || !naming_column(n))
		return rc;
	for (int split = 0; split < DATASET_SPLITS && !rc; split++) {
		rc = check_values(n, o->subfolders[split]);
		n->subfolders[split] =
			o->subfolders[split] ?
				o->subfolders[split] :
				MIN(partition_values(&n->partition),
				    MAX(n->files[split], 1));
	}
	return rc;
}

int naming_init(struct naming *n, const struct format *t,
		const struct dataset_options *o)
{
	int rc;

	*n = (struct naming){ .format = t };
	for (int split = 0; split < DATASET_SPLITS; split++) {
		if (o->files[split] > DATASET_MAX_FILES)
			return log_invalid("%" PRIu64 " files are too many",
					   o->files[split]);
		n->files[split] = o->files[split];
		/* One subfolder is none, as DLIO generates it. */
		if (o->subfolders[split] > 1)
			n->subfolders[split] = o->subfolders[split];
	}
	rc = check_prefix(n, o->file_prefix);
	if (!rc && t->partitions)
		rc = set_partition(n, o);
	if (rc)
		return rc;
	n->prefix = strdup(o->file_prefix);
	return n->prefix ? 0 : log_fail(-ENOMEM, "names of a dataset");
}

void naming_clear(struct naming *n)
{
	free(n->prefix);
	n->prefix = NULL;
}
