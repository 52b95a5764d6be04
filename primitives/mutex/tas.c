/* SPDX-License-Identifier: MIT */
/*
 * Test-and-set spinlock: a waiter exchanges until it wins. Never yields.
 *
 * Source: T. Anderson, "The performance of spin lock alternatives for
 * shared-memory multiprocessors" (IEEE TPDS 1990), section III, "spin on
 * test-and-set".
 *
 * State and edges: see _test_and_set.h.
 *
 * Progress: barging, no bypass bound: the core that has the line wins again and
 * again, and with more threads than cores those on a core keep the lock for
 * whole time slices. Hence the fine throughput and the poor fairness there.
 * Costs: one atomic read-modify-write and one store uncontended. Each turn of
 * each waiter takes the line away from the holder.
 * Loses to ttas with every waiter more; to locks that sleep when sections are
 * long or the holder loses its core: all waiters burn their time slices.
 */
#include "_test_and_set.h"

static ALWAYS_INLINE int acquire(struct test_and_set *m, uint64_t deadline)
{
	while (unlikely(!take(m))) {
		if (deadline_passed(deadline))
			return SYNC_TIMEOUT;
		cpu_relax();
	}
	return SYNC_OK;
}

REGISTER_TEST_AND_SET(.brief = "test-and-set, never yields",
		      .source = "Anderson, IEEE TPDS 1990, section III");
