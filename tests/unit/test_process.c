#include "base/util.h"
#include "fuse/process.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/prctl.h>
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

static pid_t pausing_child(void)
{
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_NAME, "a) 4 4 (4", 0, 0, 0);
		for (;;)
			pause();
	}
	return child;
}

Test(process, a_process_is_dying_from_its_death_on)
{
	pid_t child = pausing_child();
	siginfo_t info;

	cr_expect_not(process_is_dying(getpid()));
	cr_expect_not(process_is_dying(child));
	kill(child, SIGSTOP);
	waitid(P_PID, (id_t)child, &info, WSTOPPED | WNOWAIT);
	cr_expect_not(process_is_dying(child), "stopped is not dead");
	kill(child, SIGKILL);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
	cr_expect(process_is_dying(child), "not yet buried");
	waitpid(child, NULL, 0);
	cr_expect_not(process_is_dying(child), "nobody");
}
