/* SPDX-License-Identifier: MIT */
/*
 * A spinner with a real-time priority never lets a holder of a lower one run on
 * its core: to the kernel sched_yield means "to my equals". Here, where the
 * program and not the lock was written first, it sleeps instead.
 *
 * Source: sched(7), "SCHED_FIFO"; sched_yield(2).
 */
#include <sched.h>

#include "rwlock_priority.h"
#include "wait.h"

int __real_sched_yield(void);
int __wrap_sched_yield(void);

/* To ask for the policy at each turn would cost as much as the turn. A sleep is
 * long beside what a patient spinner burns between two yields (0.1 ms), or a
 * few of them together would leave nothing to those below. */
enum { TURNS_BETWEEN = 64, SLEEP_NS = 1000000 };

int __wrap_sched_yield(void)
{
	static _Thread_local unsigned turns
		__attribute__((tls_model("initial-exec")));
	static _Thread_local bool is_urgent
		__attribute__((tls_model("initial-exec")));

	if (turns++ % TURNS_BETWEEN == 0)
		is_urgent = priority_of_self() != 0;
	if (is_urgent)
		wait_a_moment(SLEEP_NS);
	return __real_sched_yield();
}
