/* SPDX-License-Identifier: MIT */
/*
 * DSM-Synch: an MCS queue whose head runs the sections of those behind it, up
 * to one that wants to hold the mutex itself.
 *
 * Source: P. Fatourou and N. Kallimanis, "Revisiting the combining
 * synchronization technique" (PPoPP 2012), DSM-Synch. Changed: a node is given
 * back only when its successor is known, so that one node a thread will do
 * where the paper has two; ordinary holders queue up with a request without a
 * section; a waiter sleeps on a futex in its node.
 *
 * State  tail   the last request of the queue, NULL if the mutex is free
 *        next   of a request: the one behind it; NULL may be stale, while the
 *               one behind it is between its exchange and its link
 *        state  of a request: WAITING, ASLEEP (its owner may sleep), HEAD (its
 *               owner holds the mutex) or DONE (its section has been run)
 *
 * Edges  [A] acquire of the exchange or compare-exchange that takes an empty
 *            queue pairs with [B]; its release makes a node's fields ready for
 *            [C] by the next one's acquire
 *        [B] release of the compare-exchange that empties the queue pairs with
 *            [A]
 *        [C] release store of next, the link, pairs with [D]
 *        [D] acquire load of next pairs with [C]: the request is complete
 *        [E] release of the exchange that makes a request HEAD or DONE pairs
 *            with [F]
 *        [F] acquire load of state pairs with [E]
 *
 * Progress: FIFO, ordinary holders and sections alike. A waiter yields for
 * about 10 us, then sleeps. A combiner works for a bounded number of others.
 * Costs: one exchange and one compare-exchange alone; an exchange each by the
 * waiter and by the combiner for a section that is delegated, and a FUTEX_WAKE
 * if its owner sleeps. Loses when ordinary holders find more threads than
 * cores: the next in line may sleep while others that run could have it.
 */
#include "../mutex.h"

enum { WAITING, ASLEEP, HEAD, DONE };

struct request {
	struct request *_Atomic next;
	section_function *section; /* NULL: wants to hold the mutex */
	void *argument;
	_Atomic uint32_t state;
};

struct dsm_synch {
	struct request *_Atomic tail;
};

/* How many others a combiner works for, at most: a bound on how late it
 * returns. The hand-over that ends it is shared among so many sections. */
enum { SERVED_MAX = 64 };

static ALWAYS_INLINE uint32_t state_of(struct request *r)
{
	/* [F] */
	return atomic_load_explicit(&r->state, memory_order_acquire);
}

/* Until we are HEAD or DONE; which of the two. */
static COLD uint32_t await(struct request *r)
{
	struct backoff b = { 0 };
	uint32_t waiting = WAITING;

	while (state_of(r) == WAITING)
		if (!backoff_or_yield(&b))
			break;
	/* relaxed: it asks for a wake and publishes nothing */
	atomic_compare_exchange_strong_explicit(&r->state, &waiting, ASLEEP,
						memory_order_relaxed,
						memory_order_relaxed);
	while (state_of(r) == ASLEEP)
		futex_wait(&r->state, ASLEEP, DEADLINE_NEVER);
	return state_of(r);
}

/* The node may be its owner's again: a wake on its address is no touch. */
static ALWAYS_INLINE void settle(struct request *r, uint32_t as)
{
	/* [E] */
	if (atomic_exchange_explicit(&r->state, as, memory_order_release) ==
	    ASLEEP)
		futex_wake(&r->state, 1);
}

static ALWAYS_INLINE void prepare(struct request *r, section_function *section,
				  void *argument)
{
	r->section = section;
	r->argument = argument;
	/* relaxed: the exchange of tail publishes them */
	atomic_store_explicit(&r->next, NULL, memory_order_relaxed);
	atomic_store_explicit(&r->state, WAITING, memory_order_relaxed);
}

/* Queue up and wait. HEAD or DONE. */
static ALWAYS_INLINE uint32_t enter(struct dsm_synch *m, struct request *r)
{
	/* [A]; release, so that what is done to the request by the one behind
	 * it and by its combiner comes after our preparing it */
	struct request *before =
		atomic_exchange_explicit(&m->tail, r, memory_order_acq_rel);

	if (likely(!before))
		return HEAD;
	/* [C] */
	atomic_store_explicit(&before->next, r, memory_order_release);
	return await(r);
}

static ALWAYS_INLINE struct request *linked(struct request *r)
{
	/* [D] */
	return atomic_load_explicit(&r->next, memory_order_acquire);
}

/* Who is behind r; NULL if nobody is, and then the mutex is free. */
static ALWAYS_INLINE struct request *successor(struct dsm_synch *m,
					       struct request *r)
{
	struct request *next = linked(r), *last = r;
	struct spinner s = { 0 };

	if (next)
		return next;
	/* [B]; the failure order is relaxed: nothing was acquired */
	if (likely(atomic_compare_exchange_strong_explicit(
		    &m->tail, &last, NULL, memory_order_release,
		    memory_order_relaxed)))
		return NULL;
	while (!(next = linked(r)))
		spin_once(&s, DEADLINE_NEVER);
	return next;
}

static inline void lock(void *mutex, void *node)
{
	prepare(node, NULL, NULL);
	enter(mutex, node);
}

static inline int trylock(void *mutex, void *node)
{
	struct dsm_synch *m = mutex;
	struct request *nobody = NULL;

	prepare(node, NULL, NULL);
	/* [A]; release: as in enter. The failure order is relaxed: nothing was
	 * acquired */
	return atomic_compare_exchange_strong_explicit(&m->tail, &nobody, node,
						       memory_order_acq_rel,
						       memory_order_relaxed)
		       ? SYNC_OK
		       : SYNC_BUSY;
}

static inline void unlock(void *mutex, void *node)
{
	struct request *next = successor(mutex, node);

	if (unlikely(next))
		settle(next, HEAD);
}

/* Run the sections of those behind us, and make the first that is left HEAD. */
static COLD void combine(struct dsm_synch *m, struct request *next)
{
	for (int served = 0; next; served++) {
		struct request *r = next;

		if (served == SERVED_MAX || !r->section) {
			settle(r, HEAD);
			return;
		}
		r->section(r->argument);
		next = successor(m, r); /* while r is not its owner's yet */
		settle(r, DONE);
	}
}

static inline void call(void *mutex, void *node, section_function *section,
			void *argument)
{
	struct request *next;

	prepare(node, section, argument);
	if (enter(mutex, node) == DONE)
		return;
	section(argument);
	next = successor(mutex, node);
	if (unlikely(next))
		combine(mutex, next);
}

REGISTER_MUTEX(
	.id = {
		.name = FILE_STEM,
		.family = OTHER,
		.brief = "queue whose head runs sections of others; FIFO, futex",
		.source = "Fatourou and Kallimanis, PPoPP 2012",
		.unsupported = "a waiter cannot leave the queue",
		.flags = IMPL_FIFO,
		.size = sizeof(struct dsm_synch),
		.node_size = sizeof(struct request),
	},
	.lock = lock,
	.trylock = trylock,
	.unlock = unlock,
	.call = call);
