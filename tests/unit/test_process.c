#include "base/util.h"
#include "fuse/process.h"

#include <criterion/criterion.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void *whose(void *arg)
{
	int64_t *out = arg;

	out[0] = syscall(SYS_gettid);
	out[1] = process_of_thread((pid_t)out[0]);
	return NULL;
}

Test(process, a_thread_belongs_to_its_process)
{
	pthread_t thread;
	int64_t got[2];
	pid_t child;

	cr_expect_eq(process_of_thread(getpid()), getpid());
	pthread_create(&thread, NULL, whose, got);
	pthread_join(thread, NULL);
	cr_expect_neq(got[0], getpid());
	cr_expect_eq(got[1], getpid());

	child = fork();
	if (child == 0)
		_exit(process_of_thread(getpid()) == getpid() ? 0 : 1);
	cr_expect_eq(process_of_thread(child), child);
	waitpid(child, NULL, 0);
	cr_expect_eq(process_of_thread(child), child, "gone: itself");
}
