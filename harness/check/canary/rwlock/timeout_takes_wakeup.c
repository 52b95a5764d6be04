/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer lock that prefers writers, with a queue beside its word: how
 * many wait of either kind, and a serial number for each to sleep on. Whoever
 * leaves the lock free calls a writer if one waits, else all readers. A writer
 * whose time is up counts itself out, and lets go on the readers that it held
 * back beside others; but if it was called meanwhile, nobody is left whom the
 * readers could wait for, and it tells them nothing.
 *
 * Bug:       rwlock-timeout-takes-wakeup
 * Source:    LLVM pull request 201937 (2026), "[libc][rwlock] fix timeout
 *            writer signal stealing problem"
 * Scenario:  a writer inside, a reader and a writer with a deadline wait; the
 *            writer inside leaves after the deadline, and before the other
 *            one has counted itself out
 * Violation: lost wake-up
 * Caught by: perturb
 * Rare:      a few instructions between the end of a wait and a lock
 * Explored by: late_writer_passes_on (deadlock)
 */
#include "../../../../primitives/rwlock.h"
#include "../canary.h"
#include "../small_lock.h"

/* Somebody of the kind waits; a writer is inside; how many readers are. */
enum { WRITERS = 1, READERS = 2, WRITER = 4, READER = 8 };

struct side {
	uint32_t waiting;
	_Atomic uint32_t serial; /* of the last call */
};

struct rwlock {
	_Atomic uint32_t word;
	struct small_lock lock; /* of what follows */
	struct side writers, readers;
};

static bool may_enter(uint32_t word, bool write)
{
	return write ? word < WRITER : !(word & (WRITER | WRITERS));
}

static uint32_t look(struct rwlock *l)
{
	return atomic_load_explicit(&l->word, memory_order_relaxed);
}

static bool enter(struct rwlock *l, bool write)
{
	uint32_t word = look(l);

	while (may_enter(word, write))
		if (atomic_compare_exchange_weak_explicit(
			    &l->word, &word, word + (write ? WRITER : READER),
			    memory_order_acquire, memory_order_relaxed))
			return true;
	return false;
}

/* What follows is done under the lock, up to the slow path. Wake n of a side.
 */
static void call(struct side *s, int n)
{
	atomic_fetch_add_explicit(&s->serial, 1, memory_order_relaxed);
	futex_wake(&s->serial, n);
}

static void call_next(struct rwlock *l)
{
	if (l->writers.waiting)
		call(&l->writers, 1);
	else if (l->readers.waiting)
		call(&l->readers, INT_MAX);
}

static void count_in(struct rwlock *l, struct side *s)
{
	s->waiting++;
	atomic_fetch_or_explicit(&l->word, s == &l->writers ? WRITERS : READERS,
				 memory_order_relaxed);
}

static void count_out(struct rwlock *l, struct side *s)
{
	if (--s->waiting == 0)
		atomic_fetch_and_explicit(
			&l->word, s == &l->writers ? ~WRITERS : ~READERS,
			memory_order_relaxed);
}

/* A writer has given up; called says that it was to be the next one. */
static void let_others_go_on(struct rwlock *l, bool called)
{
	/* readers may join those whom it waited for */
	if (!l->writers.waiting && l->readers.waiting && look(l) >= READER)
		call(&l->readers, INT_MAX);
#if !BROKEN
	if (called)
		call_next(l);
#endif
	(void)called;
}

static uint32_t serial_of(struct side *s)
{
	return atomic_load_explicit(&s->serial, memory_order_relaxed);
}

static int lock_slow(struct rwlock *l, bool write, uint64_t deadline)
{
	struct side *s = write ? &l->writers : &l->readers;
	bool late = false;
	uint32_t serial;

	small_lock(&l->lock);
	count_in(l, s);
	while (!late && !enter(l, write)) {
		serial = serial_of(s);
		small_unlock(&l->lock);
		late = futex_wait(&s->serial, serial, deadline) == ETIMEDOUT &&
		       !may_enter(look(l), write);
		small_lock(&l->lock);
	}
	count_out(l, s);
	if (late && write)
		let_others_go_on(l, serial_of(s) != serial);
	small_unlock(&l->lock);
	return late ? SYNC_TIMEOUT : SYNC_OK;
}

static int timedlock(struct rwlock *l, bool write, uint64_t deadline)
{
	return enter(l, write) ? SYNC_OK : lock_slow(l, write, deadline);
}

static void rdlock(void *rwlock, void *node)
{
	(void)node;
	timedlock(rwlock, false, DEADLINE_NEVER);
}

static void wrlock(void *rwlock, void *node)
{
	(void)node;
	timedlock(rwlock, true, DEADLINE_NEVER);
}

static int timedrdlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return timedlock(rwlock, false, deadline);
}

static int timedwrlock(void *rwlock, void *node, uint64_t deadline)
{
	(void)node;
	return timedlock(rwlock, true, deadline);
}

static int tryrdlock(void *rwlock, void *node)
{
	(void)node;
	return enter(rwlock, false) ? SYNC_OK : SYNC_BUSY;
}

static int trywrlock(void *rwlock, void *node)
{
	(void)node;
	return enter(rwlock, true) ? SYNC_OK : SYNC_BUSY;
}

/* Somebody waits: he does not return before we have released the lock, and
 * nobody destroys the rwlock before he has. */
static bool leave_and_call(struct rwlock *l, uint32_t inside)
{
	bool waits;

	small_lock(&l->lock);
	waits = l->writers.waiting || l->readers.waiting;
	if (waits &&
	    atomic_fetch_sub_explicit(&l->word, inside, memory_order_release) -
			    inside <
		    WRITER)
		call_next(l);
	small_unlock(&l->lock);
	return waits;
}

static void unlock(void *rwlock, void *node)
{
	struct rwlock *l = rwlock;
	uint32_t word = look(l), inside = word & WRITER ? WRITER : READER;

	(void)node;
	for (;;) {
		while (!(word & (WRITERS | READERS)))
			if (atomic_compare_exchange_weak_explicit(
				    &l->word, &word, word - inside,
				    memory_order_release, memory_order_relaxed))
				return;
		if (leave_and_call(l, inside))
			return;
		word = look(l);
	}
}

REGISTER_RWLOCK(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a writer called too late tells nobody"),
		.source = "LLVM pull request 201937",
		.size = sizeof(struct rwlock),
	},
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.timedrdlock = timedrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.timedwrlock = timedwrlock,
	.unlock = unlock);
