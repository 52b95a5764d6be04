/* SPDX-License-Identifier: MIT */
/*
 * Test-and-test-and-set spinlock: a waiter loads until the lock looks free, and
 * only then exchanges. Never yields.
 *
 * Source: L. Rudolph and Z. Segall, "Dynamic decentralized cache schemes for
 * MIMD parallel processors" (ISCA 1984); T. Anderson, "The performance of spin
 * lock alternatives for shared-memory multiprocessors" (IEEE TPDS 1990),
 * section III, "spin on read".
 *
 * State and edges: see _test_and_set.h.
 *
 * Progress: barging, no bypass bound, as tas.
 * Costs: one atomic read-modify-write and one store uncontended. Waiters share
 * the line while it is held; the release sets them all loose at once, each with
 * an exchange.
 * Loses to queue locks with many cores, for that reason; to locks that sleep
 * when sections are long or the holder loses its core. spin.c is this lock with
 * a yield.
 */
#include "_test_and_set.h"

static ALWAYS_INLINE int acquire(struct test_and_set *m, uint64_t deadline)
{
	while (unlikely(!take(m))) {
		do {
			if (deadline_passed(deadline))
				return SYNC_TIMEOUT;
			cpu_relax();
			/* relaxed: the exchange acquires */
		} while (atomic_load_explicit(&m->held, memory_order_relaxed));
	}
	return SYNC_OK;
}

REGISTER_TEST_AND_SET(.brief = "test-and-test-and-set, never yields",
		      .source = "Rudolph and Segall, ISCA 1984");
