/* SPDX-License-Identifier: MIT */
/*
 * A futex mutex with a queue of sleepers, whose unlock chooses: let go and wake
 * the longest waiter, who competes with all comers (barging), or hand the mutex
 * over to it. The files that include this differ in that choice alone: each
 * gives unlock_slow its `due`. Nobody spins, so that nothing else matters.
 *
 * Source: own; the choice as in WebKit's WTF::Lock (F. Pizlo, "Locking in
 * WebKit", 2016) and parking_lot, with the queue in the mutex.
 *
 * State  word    HELD    held
 *                QUEUED  head is not NULL; exact while LATCH is clear
 *                LATCH   somebody works on the queue; only while HELD is set,
 *                        by whoever latched it if nobody held it. The holder's
 *                        unlock needs the latch, so the word stands still.
 *        queue   head, tail and the waiters' next, in the order of arrival;
 *                guarded by the latch
 *        waiter  WAITING  it sleeps, or is about to
 *                WOKEN    it is awake and will try; only the head. Nobody else
 *                         is woken meanwhile.
 *                GRANTED  the mutex is its own, and it is out of the queue
 *                Changed under the latch, so that it and the word agree.
 *
 * Edges  [A] acquire of the compare-exchange that takes or latches the word
 *            pairs with [B]
 *        [B] release of the store or compare-exchange that lets the word go
 *            pairs with [A], for the guarded data as well as for the queue
 *        [C] acquire of the load that finds oneself GRANTED pairs with [D]
 *        [D] release store of GRANTED pairs with [C]
 *        [E] acquire of the compare-exchange in unlock pairs with [B]: who
 *            handed the mutex over lets the latch go after [D], and has to be
 *            done with the mutex before its new holder may destroy it
 */
#ifndef FAIR_H
#define FAIR_H

#include "../mutex.h"

enum { HELD = 1, QUEUED = 2, LATCH = 4 };

enum { WAITING, WOKEN, GRANTED };

struct waiter {
	struct waiter *next;
	uint64_t since; /* when it came */
	_Atomic uint32_t state;
};

struct fair {
	_Atomic uint32_t word;
	uint32_t releases; /* with waiters; guarded by the latch */
	struct waiter *head, *tail;
};

static ALWAYS_INLINE bool replace(struct fair *m, uint32_t *word, uint32_t by,
				  memory_order order)
{
	/* the failure order is relaxed: nothing was acquired */
	return atomic_compare_exchange_strong_explicit(
		&m->word, word, by, order, memory_order_relaxed);
}

static ALWAYS_INLINE bool take(struct fair *m)
{
	uint32_t word = 0;

	do /* [A] */
		if (likely(replace(m, &word, word | HELD,
				   memory_order_acquire)))
			return true;
	while (!(word & HELD));
	return false;
}

/* Latch the queue; true if that has taken the mutex too, since it was free. */
static bool latch(struct fair *m)
{
	struct spinner s = { 0 };
	uint32_t word;

	for (;;) {
		word = atomic_load_explicit(&m->word, memory_order_relaxed);
		if (word & LATCH)
			spin_once(&s, DEADLINE_NEVER);
		else if (replace(m, &word, word | LATCH | HELD, /* [A] */
				 memory_order_acquire))
			return !(word & HELD);
	}
}

/* held: HELD, or 0 to let go of the mutex as well. */
static void unlatch(struct fair *m, uint32_t held)
{
	/* [B] */
	atomic_store_explicit(&m->word, held | (m->head ? QUEUED : 0),
			      memory_order_release);
}

static void append(struct fair *m, struct waiter *w)
{
	if (m->head)
		m->tail->next = w;
	else
		m->head = w;
	m->tail = w;
}

static void withdraw(struct fair *m, struct waiter *gone)
{
	struct waiter *before = NULL;

	for (struct waiter *w = m->head; w != gone; w = w->next)
		before = w;
	if (before)
		before->next = gone->next;
	else
		m->head = gone->next;
	if (m->tail == gone)
		m->tail = before;
}

static ALWAYS_INLINE void set_state(struct waiter *w, uint32_t state)
{
	/* [D] */
	atomic_store_explicit(&w->state, state, memory_order_release);
}

static ALWAYS_INLINE bool granted(struct waiter *w)
{
	/* [C] */
	return atomic_load_explicit(&w->state, memory_order_acquire) == GRANTED;
}

/* Awake and in the queue: take the mutex, leave if late, or sleep on. */
static bool try_again(struct fair *m, struct waiter *self, bool late)
{
	bool taken = latch(m), mine = taken || granted(self);

	if (taken || (late && !mine))
		withdraw(m, self);
	else if (!mine)
		set_state(self, WAITING);
	unlatch(m, HELD);
	return mine;
}

static COLD int lock_slow(struct fair *m, uint64_t deadline)
{
	struct waiter self = { .since = now_ns() };
	bool taken = latch(m), late = false;

	if (!taken)
		append(m, &self);
	unlatch(m, HELD);
	while (!taken && !late) {
		late = futex_wait(&self.state, WAITING, deadline) == ETIMEDOUT;
		taken = granted(&self) || try_again(m, &self, late);
	}
	return taken ? SYNC_OK : SYNC_TIMEOUT;
}

/* Somebody waits or is about to. due, under the latch: is it time to hand the
 * mutex to the head of the queue, or may all compete? */
static COLD void unlock_slow(struct fair *m, bool (*due)(struct fair *m))
{
	struct waiter *first;
	bool asleep;

	latch(m);
	first = m->head;
	if (!first) {
		unlatch(m, 0);
		return;
	}
	/* relaxed: changed under the latch alone */
	asleep = atomic_load_explicit(&first->state, memory_order_relaxed) ==
		 WAITING;
	if (due(m)) {
		withdraw(m, first);
		set_state(first, GRANTED);
		unlatch(m, HELD);
	} else {
		set_state(first, WOKEN);
		unlatch(m, 0);
	}
	/* first may be gone: its address is but a key */
	if (asleep)
		futex_wake(&first->state, 1);
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

static ALWAYS_INLINE void unlock_fair(struct fair *m,
				      bool (*due)(struct fair *m))
{
	uint32_t word = HELD;

	/* [B] [E] */
	if (unlikely(!replace(m, &word, 0, memory_order_acq_rel)))
		unlock_slow(m, due);
}

static void age(void *mutex, uint32_t left)
{
	struct fair *m = mutex;

	m->releases = -left;
}

/* due_ is the file's function; the rest goes into .id. */
#define REGISTER_FAIR(due_, ...)                                               \
	static inline void unlock(void *mutex, void *node)                     \
	{                                                                      \
		(void)node;                                                    \
		unlock_fair(mutex, due_);                                      \
	}                                                                      \
	REGISTER_MUTEX(.id = { .name = FILE_STEM,                              \
			       .family = OTHER,                                \
			       .size = sizeof(struct fair),                    \
			       .age = age,                                     \
			       __VA_ARGS__ },                                  \
		       .lock = lock, .trylock = trylock,                       \
		       .timedlock = timedlock, .unlock = unlock)

#endif
