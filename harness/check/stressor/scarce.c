/* SPDX-License-Identifier: MIT */
/*
 * Something of which the system refuses one.
 */
#include <stdatomic.h>

#include "../../../primitives/sync.h"
#include "faults.h"

unsigned scarce_arm(struct scarce *s, unsigned n)
{
	unsigned calls;

	/* relaxed: threads that are to meet the fault are started later, or
	 * told so by the law */
	atomic_store_explicit(&s->fails_at, 0, memory_order_relaxed);
	calls = atomic_exchange_explicit(&s->calls, 0, memory_order_relaxed);
	atomic_store_explicit(&s->fails_at, n, memory_order_relaxed);
	return calls;
}

bool scarce_refuses(struct scarce *s)
{
	unsigned n = atomic_load_explicit(&s->fails_at, memory_order_relaxed);

	return unlikely(n) &&
	       atomic_fetch_add_explicit(&s->calls, 1, memory_order_relaxed) +
			       1 ==
		       n;
}
