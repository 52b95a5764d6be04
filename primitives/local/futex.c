/* SPDX-License-Identifier: MIT */
/*
 * Thread-local values in a table per thread; ids under a futex lock.
 *
 * Source: the two-level scheme of C libraries' pthread keys (sequence numbers
 * as in glibc's nptl), with the table found through a _Thread_local pointer as
 * in CPython's and Rust's fast paths; the lock is mutex2 of U. Drepper,
 * "Futexes Are Tricky" (2011). Table, registry and the reason for the pthread
 * key: _table.h.
 *
 * State  FREE, HELD, CONTENDED of the registry's lock: see mutex/futex.c
 *
 * Edges  [A] acquire of the operation that takes the lock pairs with [B]
 *        [B] release of the exchange that frees it pairs with [A]
 *        get and set have none: a thread sees its own values only
 *
 * Progress: get is wait-free; set too but for the table's growth (malloc).
 * init, destroy and the end of a thread with values take the lock.
 * Costs: get a bounds check, a compare and a load; set the check and a store of
 * 16 bytes. The table grows to the largest id its thread has set.
 */
#include "_table.h"

enum { FREE, HELD, CONTENDED };

static _Atomic uint32_t registry_word;

static void registry_lock(void)
{
	uint32_t expected = FREE;

	/* [A]; the failure order is relaxed: nothing was acquired */
	if (likely(atomic_compare_exchange_strong_explicit(
		    &registry_word, &expected, HELD, memory_order_acquire,
		    memory_order_relaxed)))
		return;
	/* [A] */
	while (atomic_exchange_explicit(&registry_word, CONTENDED,
					memory_order_acquire) != FREE)
		futex_wait(&registry_word, CONTENDED, DEADLINE_NEVER);
}

static void registry_unlock(void)
{
	/* [B] */
	if (unlikely(atomic_exchange_explicit(&registry_word, FREE,
					      memory_order_release) ==
		     CONTENDED))
		futex_wake(&registry_word, 1);
}

REGISTER_LOCAL(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "table per thread, generations; ids under a futex",
		.source = "the scheme of nptl's pthread keys",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct local),
	},
	.init = init,
	.destroy = destroy,
	.get = get,
	.set = set);
