/* SPDX-License-Identifier: MIT */
#include "parent.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

/* What people and service managers send. */
static const int forwarded[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
				 SIGUSR1, SIGUSR2, SIGALRM, SIGCONT };
enum { FORWARDED = sizeof(forwarded) / sizeof(forwarded[0]) };

static volatile sig_atomic_t child;

/* What the terminal sends has reached the program by itself. */
static void forward(int signal, siginfo_t *info, void *context)
{
	int error = errno;

	(void)context;
	if (info->si_code <= 0)
		kill(child, signal);
	errno = error;
}

/* After the fork: the program has what we were started with. */
static void set_handlers(void)
{
	struct sigaction new = { .sa_flags = SA_SIGINFO | SA_RESTART,
				 .sa_sigaction = forward };

	sigemptyset(&new.sa_mask);
	for (int i = 0; i < FORWARDED; i++)
		sigaction(forwarded[i], &new, NULL);
}

static void set_of_forwarded(sigset_t *set)
{
	sigemptyset(set);
	for (int i = 0; i < FORWARDED; i++)
		sigaddset(set, forwarded[i]);
}

static int wait_for_child(void)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

int parent_run(char **program)
{
	pid_t self = getpid(), pid;
	sigset_t held, before;

	/* none arrives while there is nobody to have it */
	set_of_forwarded(&held);
	sigprocmask(SIG_BLOCK, &held, &before);
	pid = fork();
	if (pid == 0) {
		/* who kills us without a word means the program */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != self)
			_exit(EXIT_CANNOT_RUN);
		sigprocmask(SIG_SETMASK, &before, NULL);
		_exit(target_become(program));
	}
	child = pid;
	if (pid > 0)
		set_handlers();
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid < 0 ? -1 : wait_for_child();
}

int parent_end(int status)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t set;

	if (!WIFSIGNALED(status))
		return WEXITSTATUS(status);
	/* its core is there; ours would be written over it */
	setrlimit(RLIMIT_CORE, &no_core);
	signal(WTERMSIG(status), SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, WTERMSIG(status));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);
}
