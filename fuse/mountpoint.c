#include "fuse/mountpoint.h"

#include "base/log.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#define OUR_TYPE "fuse.dliofs"
#define PROBE_MS 2000

/* ---- What is mounted ---------------------------------------------------- */

/* The path as the kernel writes it.  What is mounted at its end is not asked
 * about, since that could fail (dead) or wait. */
static int canonical(const char *path, char out[PATH_MAX])
{
	AUTO_FREE char *copy = NULL;
	char parent[PATH_MAX];
	char *slash;
	int len;

	if (realpath(path, out))
		return 0;
	if (errno != ENOTCONN && errno != ECONNABORTED)
		return -errno;

	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	while ((slash = strrchr(copy, '/')) && slash != copy && !slash[1])
		*slash = '\0';
	if (slash)
		*slash = '\0';
	if (!realpath(!slash ? "." : slash == copy ? "/" : copy, parent))
		return -errno;
	len = snprintf(out, PATH_MAX, "%s/%s",
		       strcmp(parent, "/") == 0 ? "" : parent,
		       slash ? slash + 1 : copy);
	return len < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Spaces and the like are written as \040. */
static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && is_octal(s[1]) && is_octal(s[2]) &&
		    is_octal(s[3])) {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
					(s[3] - '0'));
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

static bool parse_device(const char *text, struct mountpoint_info *out)
{
	uint64_t major, minor;

	if (text_take_uint(&text, &major) < 0 || *text++ != ':' ||
	    text_take_uint(&text, &minor) < 0 || *text)
		return false;
	out->major = (unsigned)major;
	out->minor = (unsigned)minor;
	return true;
}

/* From a mount's options: "rw,user_id=1000,...".  Root, if it does not say. */
static uid_t parse_user(const char *options)
{
	const char *key = ",user_id=";
	const char *at = options ? strstr(options, key) : NULL;
	uint64_t user;

	if (!at)
		return 0;
	at += strlen(key);
	return text_take_uint(&at, &user) < 0 ? 0 : (uid_t)user;
}

/* One line of mountinfo: "36 35 0:45 / /mnt rw,… - fuse.dliofs source rw,…".
 * See proc(5). */
static bool parse_line(char *line, const char **target,
		       struct mountpoint_info *out)
{
	enum { ID, PARENT, DEVICE, ROOT, TARGET, FIELDS };
	char *field[FIELDS], *type, *source, *rest = strstr(line, " - ");

	if (!rest)
		return false;
	rest += strlen(" - ");
	for (size_t i = 0; i < FIELDS; i++) {
		field[i] = strsep(&line, " ");
		if (!field[i])
			return false;
	}
	type = strsep(&rest, " ");
	source = strsep(&rest, " ");
	unescape(field[TARGET]);
	if (!source || !parse_device(field[DEVICE], out))
		return false;
	unescape(source);
	*target = field[TARGET];
	snprintf(out->source, sizeof(out->source), "%s", source);
	out->user = parse_user(rest);
	out->ours = strcmp(type, OUR_TYPE) == 0;
	return true;
}

int mountpoint_info(const char *path, struct mountpoint_info *out)
{
	AUTO_FCLOSE FILE *f = NULL;
	AUTO_FREE char *line = NULL;
	struct mountpoint_info info;
	char wanted[PATH_MAX];
	const char *target;
	size_t size = 0;
	int rc = canonical(path, wanted);

	*out = (struct mountpoint_info){ 0 };
	if (rc < 0)
		return rc;
	f = fopen("/proc/self/mountinfo", "re");
	if (!f)
		return -errno;
	rc = -ENOENT;
	while (getline(&line, &size, f) >= 0)
		if (parse_line(line, &target, &info) &&
		    strcmp(target, wanted) == 0) {
			*out = info;
			rc = 0; /* the last is the uppermost */
		}
	return rc;
}

void mountpoint_each(void (*show)(void *arg, const char *path), void *arg)
{
	AUTO_FCLOSE FILE *f = fopen("/proc/self/mountinfo", "re");
	AUTO_FREE char *line = NULL;
	struct mountpoint_info info;
	const char *target;
	size_t size = 0;

	while (f && getline(&line, &size, f) >= 0)
		if (parse_line(line, &target, &info) && info.ours)
			show(arg, target);
}

/* Attributes may still be in the kernel's cache; statfs(2) always asks. */
static bool ask_server(const char *path)
{
	struct statfs st;

	return statfs(path, &st) < 0 &&
	       (errno == ENOTCONN || errno == ECONNABORTED);
}

/* In a child, because a server that is stuck holds whoever asks until he is
 * killed.  When the child ends, so does the pipe. */
bool mountpoint_is_dead(const char *path)
{
	AUTO_CLOSE int ours = -1;
	int ends[2], status;
	struct pollfd fd;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return ask_server(path);
	ours = ends[0];
	pid = fork();
	if (pid == 0)
		_exit(ask_server(path));
	close(ends[1]);
	if (pid < 0)
		return ask_server(path);
	fd = (struct pollfd){ .fd = ours, .events = POLLIN };
	if (poll(&fd, 1, PROBE_MS) <= 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

/* ---- Unmounting --------------------------------------------------------- */

/* libfuse finds it where it was installed, PATH or not. */
static int spawn_fusermount(char *const *argv, const posix_spawnattr_t *attr,
			    pid_t *pid)
{
	int rc = posix_spawnp(pid, argv[0], NULL, attr, argv, environ);

	if (rc == ENOENT)
		rc = posix_spawn(pid, "/usr/bin/fusermount3", NULL, attr, argv,
				 environ);
	return rc;
}

/* fusermount3 unmounts what its user has mounted.  It says why it does not in
 * words only. */
static int run_fusermount(const char *path, bool lazy)
{
	const char *const argv[] = { "fusermount3", lazy ? "-uz" : "-u",
				     "-q",	    "--",
				     path,	    NULL };
	posix_spawnattr_t attr;
	sigset_t none;
	int status;
	pid_t pid;
	int rc;

	/* Ours may be blocked, and would stay so in the child. */
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	rc = spawn_fusermount((char *const *)(uintptr_t)argv, &attr, &pid);
	posix_spawnattr_destroy(&attr);
	if (rc != 0)
		return rc == ENOENT ? -EPERM : -rc;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EBUSY;
}

int mountpoint_unmount(const char *path, bool lazy)
{
	struct mountpoint_info info;
	char target[PATH_MAX];
	int rc = mountpoint_info(path, &info);

	if (rc)
		return rc;
	rc = canonical(path, target);
	if (rc)
		return rc;
	if (umount2(target, UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) == 0)
		return 0;
	if (errno != EPERM)
		return -errno;
	return info.user == getuid() ? run_fusermount(target, lazy) : -EPERM;
}

/* ---- Before mounting ---------------------------------------------------- */

int mountpoint_clear(const char *path)
{
	int rc;

	if (!mountpoint_is_dead(path))
		return 0;
	rc = mountpoint_unmount(path, true);
	if (rc < 0)
		return log_fail(rc,
				"clear %s, where a mount's server has died; "
				"try 'umount -l' as root",
				path);
	log_info("cleared %s, where a mount's server had died", path);
	return 0;
}

static int check_empty(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	int rc = 0;

	if (!dir)
		return log_fail(-errno, "mount on %s", path);
	while (rc == 0 && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			rc = -EBUSY;
	closedir(dir);
	if (rc < 0)
		log_error("mount on %s: the folder is not empty", path);
	return rc;
}

int mountpoint_check(const char *path, const char *source)
{
	struct mountpoint_info info = { 0 };
	int rc = mountpoint_clear(path);

	if (rc < 0)
		return rc;
	rc = mountpoint_info(path, &info);
	if (rc == -ENOENT && access(path, F_OK) == 0)
		return check_empty(path);
	if (rc == -ENOENT)
		return log_fail(rc, "mount on %s (make the folder first)",
				path);
	if (rc < 0)
		return log_fail(rc, "mount on %s", path);
	if (!info.ours)
		return check_empty(path);
	if (strncmp(info.source, source, sizeof(info.source) - 1) == 0) {
		log_error("%s is mounted on %s already", source, path);
		return -EALREADY;
	}
	log_error("mount on %s: %s is mounted there; 'dliofs umount %s' first",
		  path, info.source, path);
	return -EBUSY;
}
