/* SPDX-License-Identifier: MIT */
/*
 * Calls that the explorer has no model of, each refused by name: a verdict that
 * left out what they do would be none. Plain input and output is let through.
 *
 * Every argument of theirs is an integer or a pointer and there are six at
 * most, so that on no fiber they are handed on without knowing their types.
 */
#include "call.h"

#include <aio.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* clang-format off */
#define UNSUPPORTED_CALLS(X)                                                   \
	/* processes */                                                        \
	X(fork) X(vfork) X(_Fork) X(system) X(popen) X(posix_spawn)            \
	X(posix_spawnp) X(wait) X(waitpid) X(waitid)                           \
	/* cancellation, and what a thread does at other times than its own */ \
	X(pthread_cancel) X(pthread_kill) X(pthread_sigqueue)                  \
	X(pthread_tryjoin_np) X(pthread_timedjoin_np) X(pthread_clockjoin_np)  \
	X(pthread_mutex_consistent) X(pthread_mutex_setprioceiling)            \
	/* signals */                                                          \
	X(kill) X(sigqueue) X(sigwait) X(sigwaitinfo) X(sigtimedwait)          \
	X(sigsuspend) X(pause) X(alarm) X(ualarm) X(setitimer)                 \
	X(timer_create)                                                        \
	/* waiting for what happens outside of memory */                       \
	X(poll) X(ppoll) X(select) X(pselect) X(epoll_wait) X(epoll_pwait)     \
	X(eventfd) X(eventfd_read) X(eventfd_write) X(timerfd_create)          \
	X(sem_open) X(mq_open) X(aio_read) X(aio_write) X(aio_suspend)
/* clang-format on */

#define REFUSE(name)                                                           \
	CALL long __wrap_##name(long a, long b, long c, long d, long e,        \
				long f)                                        \
	{                                                                      \
		if (running)                                                   \
			violation_raise(UNSUPPORTED,                           \
					__builtin_return_address(0), "%s",     \
					#name);                                \
		long (*volatile real)(long, long, long, long, long, long) =    \
			(void *)name;                                          \
		return real(a, b, c, d, e, f);                                 \
	}

UNSUPPORTED_CALLS(REFUSE)
