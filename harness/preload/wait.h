/* SPDX-License-Identifier: MIT */
/*
 * A blocking call of the program that more than the implementation may end: a
 * deadline on any clock, a cancellation, a signal handler (of sem_wait).
 *
 * The implementation gets END_OF_WAIT as its deadline, waits as it likes, and
 * asks through the two doors that it has: the futex and the clock. Both are
 * ours (ld --wrap). To the one who is to go, futex says that the time is up
 * and the clock that it is past the end of days; the implementation then leaves
 * its queues in order, as after any timeout, and says whether a wake-up or a
 * permit was quicker. So a cancelled waiter eats none, and no stack is unwound
 * while a queue points at it.
 *
 * errno in this library is a variable of its own (also by --wrap): the
 * program's is not disturbed by a lock.
 */
#ifndef WAIT_H
#define WAIT_H

#include <pthread.h>
#include <sys/select.h> /* sigset_t, and not the name signal */

#include "../../primitives/sync.h"

#define END_OF_WAIT (DEADLINE_NEVER - 1)

struct wait {
	/* by the caller */
	clockid_t clock;
	const struct timespec *until; /* NULL: for ever */
	bool interruptible;	      /* by a signal handler */
	bool spins;		      /* never sleeps: see interrupt.h */

	bool interrupted;
	_Atomic bool cancelled;
	/* what it sleeps on, for the one who cancels; NULL: it does not */
	_Atomic(const _Atomic uint32_t *) asleep_on;

	struct wait *outer; /* that a signal handler has come into */
	pthread_t thread;
	int state, type; /* of cancellation, before */
	sigset_t mask;	 /* of signals, before; if it spins */
	struct wait *next, **link;
};

/* EINVAL of a clock or a time that makes no sense. */
int wait_check_clock(clockid_t clock);
int wait_check_time(const struct timespec *until);

/* Is it time to go? */
bool wait_over(const struct wait *w);

/* Around the implementation's call. */
void wait_begin(struct wait *w);
void wait_end(struct wait *w);

/*
 * The same as a cancellation point: acts on a request that is pending. If the
 * wait was cancelled and the implementation has timed out, call
 * pthread_testcancel() after wait_end_cancellable.
 */
void wait_begin_cancellable(struct wait *w);
void wait_end_cancellable(struct wait *w);

/* The thread ends in between, or its stack is unwound: nobody finds the wait.
 */
void wait_abandon(void *wait);

/* Do nothing for a while: no cancellation point, as nanosleep would be. */
void wait_a_moment(long ns);

/* An implementation whose waiters cannot leave: try again now and then, until
 * attempt answers 0, or ETIMEDOUT. */
int wait_poll(const struct wait *w, int (*attempt)(void *object), void *object);

/* Sets the program's errno; -1. */
int fail_with(int error);

/* Around what is part of the call but has no deadline: taking a mutex again. */
struct wait *wait_pause(void);
void wait_resume(struct wait *w);

/* pthread_cancel. */
int wait_cancel(pthread_t thread);

/* In the child of a fork: nobody waits but us. */
void wait_forget_others(void);

#endif
