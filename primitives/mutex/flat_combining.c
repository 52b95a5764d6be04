/* SPDX-License-Identifier: MIT */
/*
 * Flat combining: whoever takes the lock runs the sections that others have
 * published meanwhile, and they wait for their result instead of the lock.
 *
 * Source: D. Hendler, I. Incze, N. Shavit and M. Tzafrir, "Flat combining and
 * the synchronization-parallelism tradeoff" (SPAA 2010). Changed: a request is
 * in the list for one call only, since it is the caller's node, and the
 * combiner takes the list as a whole, as in Y. Oyama, K. Taura and A. Yonezawa,
 * "Executing parallel programs with synchronization bottlenecks efficiently"
 * (PDSIA 1999).
 *
 * State  held       0 free, 1 held by an ordinary holder or a combiner
 *        published  requests that nobody has taken yet, the newest first
 *        done       of a request: its section has been run
 *
 * Edges  [A] acquire of the exchange that takes held pairs with [B]
 *        [B] release store of held in unlock pairs with [A]
 *        [C] release of the compare-exchange that publishes a request pairs
 *            with [D]; those after it continue its release sequence
 *        [D] acquire of the exchange that takes the list pairs with [C]
 *        [E] release store of done pairs with [F]
 *        [F] acquire load of done pairs with [E]
 *
 * Progress: barging, no bypass bound; never sleeps in the kernel but yields. A
 * combiner makes a bounded number of passes. Whose request is left over takes
 * the lock himself, as does one who waits for an ordinary holder.
 * Costs: one atomic exchange and two look-ups alone; one compare-exchange and a
 * line to and fro for a section that is delegated, while the data stay with the
 * combiner. Loses when there are hardly any waiters, or sections are so long
 * that the hand-over does not matter.
 */
#include "../mutex.h"

struct request {
	struct request *next;
	section_function *section;
	void *argument;
	_Atomic uint32_t done;
};

struct flat_combining {
	_Atomic uint32_t held;
	struct request *_Atomic published;
};

/*
 * Only a bound, so that a combiner returns however fast requests follow: the
 * first pass has served all who published before, the others save a hand-over
 * of the lock each.
 */
enum { PASSES = 8 };

static ALWAYS_INLINE bool take(struct flat_combining *m)
{
	/* [A] */
	return !atomic_exchange_explicit(&m->held, 1, memory_order_acquire);
}

/* load before the exchange: spinning keeps the line shared */
static ALWAYS_INLINE bool take_if_free(struct flat_combining *m)
{
	return !atomic_load_explicit(&m->held, memory_order_relaxed) && take(m);
}

static ALWAYS_INLINE void release(struct flat_combining *m)
{
	/* [B] */
	atomic_store_explicit(&m->held, 0, memory_order_release);
}

static COLD int lock_slow(struct flat_combining *m, uint64_t deadline)
{
	struct spinner s = { 0 };

	while (!take_if_free(m))
		if (!spin_once(&s, deadline))
			return SYNC_TIMEOUT;
	return SYNC_OK;
}

static inline void lock(void *mutex, void *node)
{
	(void)node;
	if (unlikely(!take(mutex)))
		lock_slow(mutex, DEADLINE_NEVER);
}

static inline int trylock(void *mutex, void *node)
{
	(void)node;
	return take(mutex) ? SYNC_OK : SYNC_BUSY;
}

static int timedlock(void *mutex, void *node, uint64_t deadline)
{
	(void)node;
	return take(mutex) ? SYNC_OK : lock_slow(mutex, deadline);
}

static inline void unlock(void *mutex, void *node)
{
	(void)node;
	release(mutex);
}

/* relaxed: a hint; who takes the list looks again */
static ALWAYS_INLINE bool any_published(struct flat_combining *m)
{
	return atomic_load_explicit(&m->published, memory_order_relaxed);
}

static void publish(struct flat_combining *m, struct request *r)
{
	atomic_store_explicit(&r->done, 0, memory_order_relaxed);
	r->next = atomic_load_explicit(&m->published, memory_order_relaxed);
	/* [C]; the failure order is relaxed: only the pointer is used */
	while (!atomic_compare_exchange_weak_explicit(&m->published, &r->next,
						      r, memory_order_release,
						      memory_order_relaxed))
		;
}

/* Run all that is published; we hold the lock. */
static COLD void combine(struct flat_combining *m)
{
	for (int pass = 0; pass < PASSES && any_published(m); pass++) {
		/* [D] */
		struct request *r = atomic_exchange_explicit(
			&m->published, NULL, memory_order_acquire);

		while (r) {
			struct request *next = r->next;

			r->section(r->argument);
			/* [E]: the node is its owner's again */
			atomic_store_explicit(&r->done, 1,
					      memory_order_release);
			r = next;
		}
	}
}

/* A combiner that has taken our request completes it before it releases the
 * lock: with the lock ours, it is done, or in the list that we run. */
static COLD void call_slow(struct flat_combining *m, struct request *r)
{
	struct spinner s = { 0 };

	publish(m, r);
	/* [F] */
	while (!atomic_load_explicit(&r->done, memory_order_acquire)) {
		if (take_if_free(m)) {
			combine(m);
			release(m);
			return;
		}
		spin_once(&s, DEADLINE_NEVER);
	}
}

static inline void call(void *mutex, void *node, section_function *section,
			void *argument)
{
	struct flat_combining *m = mutex;
	struct request *r = node;

	if (unlikely(!take(m))) {
		r->section = section;
		r->argument = argument;
		call_slow(m, r);
		return;
	}
	section(argument);
	if (unlikely(any_published(m)))
		combine(m);
	release(m);
}

REGISTER_MUTEX(
	.id = {
		.name = FILE_STEM,
		.family = OTHER,
		.brief = "the holder runs published sections of others; spins",
		.source = "Hendler, Incze, Shavit and Tzafrir, SPAA 2010",
		.size = sizeof(struct flat_combining),
		.node_size = sizeof(struct request),
	},
	.lock = lock,
	.trylock = trylock,
	.timedlock = timedlock,
	.unlock = unlock,
	.call = call);
