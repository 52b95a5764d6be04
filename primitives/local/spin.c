/* SPDX-License-Identifier: MIT */
/*
 * Thread-local values in a table per thread; ids under a spinlock.
 *
 * Source: the two-level scheme of C libraries' pthread keys (sequence numbers
 * as in glibc's nptl), with the table found through a _Thread_local pointer as
 * in CPython's and Rust's fast paths. Table, registry and the reason for the
 * pthread key: _table.h.
 *
 * State  0 free, 1 held: the registry's lock
 *
 * Edges  [A] acquire of the exchange that takes the lock pairs with [B]
 *        [B] release store that frees it pairs with [A]
 *        get and set have none: a thread sees its own values only
 *
 * Progress: get is wait-free; set too but for the table's growth (malloc).
 * init, destroy and the end of a thread with values take the lock.
 * Costs: get a bounds check, a compare and a load; set the check and a store of
 * 16 bytes. Differs from futex only when many threads end or locals are made at
 * a time.
 */
#include "_table.h"

static _Atomic uint32_t registry_held;

static void registry_lock(void)
{
	struct spinner s = { 0 };

	/* [A] */
	while (atomic_exchange_explicit(&registry_held, 1,
					memory_order_acquire))
		/* load before the exchange: spinning keeps the line shared */
		while (atomic_load_explicit(&registry_held,
					    memory_order_relaxed))
			spin_once(&s, DEADLINE_NEVER);
}

static void registry_unlock(void)
{
	/* [B] */
	atomic_store_explicit(&registry_held, 0, memory_order_release);
}

REGISTER_LOCAL(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "table per thread, generations; ids under a spinlock",
		.source = "the scheme of nptl's pthread keys",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct local),
	},
	.init = init,
	.destroy = destroy,
	.get = get,
	.set = set);
