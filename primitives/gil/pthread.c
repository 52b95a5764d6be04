/* SPDX-License-Identifier: MIT */
/*
 * CPython's GIL as CPython has it: a flag, two mutexes, two conditions.
 *
 * Source: A. Pitrou, "Reworking the GIL" (python-dev, October 2009) and
 * CPython 3.2 to 3.12, ceval_gil. Differences: the forced switch waits in a
 * loop (CPython takes a spurious return for a switch); the request is read
 * before the lock is free (reading it afterwards touched a freed interpreter:
 * CPython issue 104341); threads have numbers of their own, since an address
 * comes back with the next thread.
 *
 * State  locked        guarded by mutex; `released` is signalled when it falls
 *        last_holder   written under both mutexes; `switched` is signalled when
 *                      it changes
 *        drop_request  atomic, written under mutex, read by the holder without.
 *                      While it is set, the waiter who set it waits: waiters
 *                      leave by taking, and every taker clears it.
 *
 * Edges: by the mutexes; the request carries no data.
 *
 * Progress: barging; see futex.c. Costs: acquire two pairs of mutex operations
 * and two signals, release one and one, yield one load. Release waits for the
 * taker if a drop was requested; destroy when all have returned.
 */
#include "../gil.h"
#include "../posix.h"

struct gil {
	pthread_mutex_t mutex, switch_mutex; /* in this order */
	pthread_cond_t released, switched;
	bool locked;
	_Atomic uint32_t drop_request;
	uint64_t last_holder;
	_Atomic uint64_t switches;
	_Atomic uint64_t interval_ns;
};

/* A number that no other thread ever has. */
static ALWAYS_INLINE uint64_t self(void)
{
	static _Atomic uint64_t threads;
	static _Thread_local uint64_t mine;

	/* relaxed: only that each gets its own number matters */
	if (unlikely(!mine))
		mine = 1 + atomic_fetch_add_explicit(&threads, 1,
						     memory_order_relaxed);
	return mine;
}

static ALWAYS_INLINE bool drop_requested(const struct gil *g)
{
	/* relaxed: the request is seen soon enough at one of the next yields */
	return atomic_load_explicit(&g->drop_request, memory_order_relaxed);
}

static inline void request_drop(struct gil *g, uint32_t wanted)
{
	/* relaxed: as above; writers are ordered by the mutex */
	atomic_store_explicit(&g->drop_request, wanted, memory_order_relaxed);
}

static uint64_t switches(void *gil)
{
	struct gil *g = gil;

	/* relaxed: a count */
	return atomic_load_explicit(&g->switches, memory_order_relaxed);
}

/* Under mutex, while it is held by another: one wait of an interval. */
static COLD void await_release(struct gil *g)
{
	uint64_t before = switches(g);
	/* relaxed: a setting, for waits that start afterwards */
	uint64_t interval =
		atomic_load_explicit(&g->interval_ns, memory_order_relaxed);
	int r = posix_cond_timedwait(&g->released, &g->mutex,
				     deadline_in(interval));

	if (r == SYNC_TIMEOUT && g->locked && switches(g) == before)
		request_drop(g, 1);
}

static void acquire(void *gil)
{
	struct gil *g = gil;
	uint64_t me = self();

	pthread_mutex_lock(&g->mutex);
	while (g->locked)
		await_release(g);
	pthread_mutex_lock(&g->switch_mutex);
	g->locked = true;
	if (g->last_holder != me) {
		/* relaxed: a count, written under the mutex only */
		if (g->last_holder)
			atomic_store_explicit(&g->switches, switches(g) + 1,
					      memory_order_relaxed);
		g->last_holder = me;
	}
	pthread_cond_signal(&g->switched);
	pthread_mutex_unlock(&g->switch_mutex);
	if (drop_requested(g))
		request_drop(g, 0);
	pthread_mutex_unlock(&g->mutex);
}

static void release(void *gil)
{
	struct gil *g = gil;
	uint64_t me = self();
	bool forced;

	pthread_mutex_lock(&g->mutex);
	forced = drop_requested(g);
	g->locked = false;
	pthread_cond_signal(&g->released);
	pthread_mutex_unlock(&g->mutex);
	if (likely(!forced))
		return;
	/* Its waiter is still there: somebody takes it, and not we. */
	pthread_mutex_lock(&g->switch_mutex);
	while (g->last_holder == me)
		pthread_cond_wait(&g->switched, &g->switch_mutex);
	pthread_mutex_unlock(&g->switch_mutex);
}

static COLD bool yield_slow(struct gil *g)
{
	release(g);
	acquire(g);
	return true;
}

static inline bool yield(void *gil)
{
	struct gil *g = gil;

	return unlikely(drop_requested(g)) && yield_slow(g);
}

static void set_interval(void *gil, uint64_t interval_ns)
{
	struct gil *g = gil;

	/* 0 would ask for a drop at once, and a holder would do nothing else */
	atomic_store_explicit(&g->interval_ns, interval_ns ? interval_ns : 1,
			      memory_order_relaxed);
}

static int init(void *gil, uint64_t interval_ns)
{
	struct gil *g = gil;

	if (!interval_ns)
		return SYNC_INVALID;
	*g = (struct gil){ .mutex = PTHREAD_MUTEX_INITIALIZER,
			   .switch_mutex = PTHREAD_MUTEX_INITIALIZER,
			   .released = PTHREAD_COND_INITIALIZER,
			   .switched = PTHREAD_COND_INITIALIZER,
			   .interval_ns = interval_ns };
	return SYNC_OK;
}

static void destroy(void *gil)
{
	struct gil *g = gil;

	pthread_cond_destroy(&g->released);
	pthread_mutex_destroy(&g->mutex);
	pthread_cond_destroy(&g->switched);
	pthread_mutex_destroy(&g->switch_mutex);
}

REGISTER_GIL(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "CPython's algorithm with its mutexes and conditions",
		.source = "Pitrou, Reworking the GIL (2009); CPython ceval_gil",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct gil),
	},
	.init = init,
	.destroy = destroy,
	.acquire = acquire,
	.release = release,
	.yield = yield,
	.set_interval = set_interval,
	.switches = switches);
