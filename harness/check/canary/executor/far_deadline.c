/* SPDX-License-Identifier: MIT */
/*
 * A result that computes how long to wait, in signed nanoseconds: a deadline
 * beyond their range lies in the past.
 *
 * Bug:       held-future-far-deadline
 * Source:    llvm/llvm-project issue 59268 (2022), "std::future<T>::wait_for
 *            does not wait and returns timeout for large timeout_durations"
 * Scenario:  result with a deadline in 300 years
 * Violation: wrong result: a timeout before the deadline
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang
 * Explored by: none: to the explorer each deadline but DEADLINE_NEVER may pass
 */
#define OWN_RESULT
#include "_pool.h"

static bool passed(uint64_t deadline)
{
#if BROKEN
	return deadline != DEADLINE_NEVER &&
	       (int64_t)(deadline - now_ns()) <= 0;
#else
	return deadline_passed(deadline);
#endif
}

static int result(void *future, uint64_t deadline, void **value)
{
	struct future *f = future;
	int r = SYNC_OK;

	acquire();
	while (f->state < DONE && !passed(deadline))
		posix_cond_timedwait(&changed, &mutex, deadline);
	if (f->state < DONE)
		r = SYNC_TIMEOUT;
	else if (f->state == CANCELED)
		r = SYNC_CANCELED;
	else if (value)
		*value = f->value;
	release();
	return r;
}

#include "_plain.h"

REGISTER_POOL("a far deadline overflows", "llvm/llvm-project issue 59268");
