#include "base/log.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* Standard error goes to a socket that keeps the bounds of writes: one
 * message received is one write(2) made. */
struct capture {
	int socket, real_stderr;
	char text[4096];
};

static void start(struct capture *c)
{
	int pair[2];

	cr_assert_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	c->socket = pair[0];
	c->real_stderr = dup(STDERR_FILENO);
	dup2(pair[1], STDERR_FILENO);
	close(pair[1]);
}

static void stop(struct capture *c)
{
	dup2(c->real_stderr, STDERR_FILENO);
	close(c->real_stderr);
	close(c->socket);
}

/* The next write, "" if there was none. */
static const char *next(struct capture *c)
{
	ssize_t len =
		recv(c->socket, c->text, sizeof(c->text) - 1, MSG_DONTWAIT);

	c->text[MAX(len, 0)] = '\0';
	return c->text;
}

Test(log, a_message_says_who_speaks_and_how_bad_it_is)
{
	struct capture c;

	log_set_level(LOG_LEVEL_DEBUG);
	start(&c);
	log_error("%d is wrong", 7);
	cr_expect_str_eq(next(&c), "dliofs: error: 7 is wrong\n");
	log_warn("%s", "odd");
	cr_expect_str_eq(next(&c), "dliofs: warning: odd\n");
	log_info("done");
	cr_expect_str_eq(next(&c), "dliofs: done\n");
	log_debug("x=%#x", 255);
	cr_expect_str_eq(next(&c), "dliofs: debug: x=0xff\n");
	stop(&c);
}

Test(log, a_failure_is_said_with_its_errno_and_returned)
{
	struct capture c;

	start(&c);
	cr_expect_eq(log_fail(-ENOENT, "open %s", "/x"), -ENOENT);
	cr_expect_str_eq(next(&c),
			 "dliofs: error: open /x: No such file or directory\n");
	cr_expect_eq(log_fail(2, "child"), 2);
	cr_expect_str_eq(next(&c), "dliofs: error: child\n");
	cr_expect_eq(log_invalid("batch_size: %d", -1), -EINVAL);
	cr_expect_str_eq(next(&c), "dliofs: error: batch_size: -1\n");
	stop(&c);
}

Test(log, what_is_above_the_level_is_dropped)
{
	struct capture c;

	start(&c);
	log_debug("by default");
	cr_expect_str_eq(next(&c), "");
	log_set_level(LOG_LEVEL_ERROR);
	log_info("no");
	log_warn("no");
	cr_expect_str_eq(next(&c), "");
	cr_expect_eq(log_fail(-EIO, "yes"), -EIO);
	cr_expect_str_eq(next(&c), "dliofs: error: yes: Input/output error\n");
	stop(&c);
}

Test(log, lines_of_a_message_are_written_at_once_each_with_its_beginning)
{
	struct capture c;

	start(&c);
	log_set_prefix("mount 12: ");
	log_warn("one\ntwo\n");
	cr_expect_str_eq(next(&c), "dliofs: mount 12: warning: one\n"
				   "dliofs: mount 12: warning: two\n");
	cr_expect_eq(log_fail(-EPERM, "a\nb"), -EPERM);
	cr_expect_str_eq(next(&c), "dliofs: mount 12: error: a\n"
				   "dliofs: mount 12: error: b: "
				   "Operation not permitted\n");
	log_info("%s", "");
	cr_expect_str_eq(next(&c), "dliofs: mount 12: \n");
	stop(&c);
}

Test(log, long_messages_are_whole)
{
	char text[3000];
	struct capture c;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	start(&c);
	log_info("%s", text);
	cr_expect_eq(strlen(next(&c)), strlen("dliofs: \n") + strlen(text));
	stop(&c);
}

Test(log, errno_is_left_alone)
{
	struct capture c;

	start(&c);
	close(STDERR_FILENO);
	errno = EXDEV;
	log_info("to nobody");
	cr_expect_eq(errno, EXDEV);
	stop(&c);
}
