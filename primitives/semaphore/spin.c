/* SPDX-License-Identifier: MIT */
/*
 * A count of permits; waiters spin, and yield when they wait long.
 *
 * Source: E. W. Dijkstra, "Cooperating sequential processes" (1965), by
 * compare-exchange.
 *
 * State and edges: see _permits.h. WAITED is never set.
 *
 * Progress: barging, no bypass bound, never sleeps in the kernel.
 * Costs: two compare-exchanges an uncontended pair. Loses when permits are held
 * long: every waiter burns a core or keeps the scheduler busy.
 */
#include "_permits.h"

static COLD int acquire_slow(struct permits *p, uint64_t deadline)
{
	struct spinner s = { 0 };
	uint32_t left;

	/* it only loads while there is none: spinning keeps the line shared */
	while (!permits_take(p, 0, &left))
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static inline int timedacquire(void *semaphore, uint64_t deadline)
{
	uint32_t left;

	if (likely(permits_take(semaphore, 0, &left)))
		return SYNC_OK;
	return acquire_slow(semaphore, deadline);
}

static inline void acquire(void *semaphore)
{
	timedacquire(semaphore, DEADLINE_NEVER);
}

static inline int release(void *semaphore, unsigned n)
{
	uint32_t old;

	return permits_give(semaphore, n, &old);
}

REGISTER_SEMAPHORE(
	.id = {
		.name = "spin",
		.family = SPIN,
		.brief = "compare-exchange on a count, yields when it waits long",
		.source = "Dijkstra, Cooperating sequential processes (1965)",
		.size = sizeof(struct permits),
	},
	.init = permits_init,
	.acquire = acquire,
	.tryacquire = permits_tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = permits_value);
