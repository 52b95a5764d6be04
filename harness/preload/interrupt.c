/* SPDX-License-Identifier: MIT */
/*
 * ppoll(2) with no descriptors and no time lets signals through and says in the
 * same call whether a handler has run. It does not say whose, hence it is given
 * a mask with holes for the pending ones alone, which were looked up before.
 */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What a fault raises cannot wait. */
static const int faults[] = {
	SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS
};

enum { KERNEL_SET_BYTES = 8 };

void interrupt_hold(sigset_t *before)
{
	sigset_t held;

	sigfillset(&held);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&held, faults[i]);
	pthread_sigmask(SIG_BLOCK, &held, before);
}

void interrupt_let_go(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static bool ends_waits(int signal)
{
	struct sigaction action;

	return !sigaction(signal, NULL, &action) &&
	       !(action.sa_flags & SA_RESTART);
}

bool interrupt_look(const sigset_t *before)
{
	const struct timespec no_time = { 0 };
	sigset_t pending, mask;
	bool ends = false;

	sigpending(&pending);
	if (sigisemptyset(&pending))
		return false;
	sigfillset(&mask);
	for (int s = 1; s < NSIG; s++) {
		if (!sigismember(&pending, s) || sigismember(before, s))
			continue;
		sigdelset(&mask, s);
		ends |= ends_waits(s);
	}
	/* -1: EINTR; what is ignored, or stops and goes on, gives 0 */
	return syscall(SYS_ppoll, NULL, 0, &no_time, &mask, KERNEL_SET_BYTES) <
		       0 &&
	       ends;
}
