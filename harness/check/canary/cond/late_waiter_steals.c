/* SPDX-License-Identifier: MIT */
/*
 * A condition whose signals are counted, not given to anybody: a thread that
 * began to wait after a signal takes it from the one that it was sent for.
 *
 * Repaired, a waiter has a ticket and leaves once as many signals have been
 * sent; one that gives up lets all before it leave for no reason, so that no
 * signal falls on its ticket.
 *
 * Bug:       pub-cond-late-waiter-steals
 * Source:    glibc bugs 13165 and 12875; commit ed19993b5b (2016)
 * Scenario:  A waits; signal; B waits with a deadline that has passed; A must
 *            return
 * Violation: lost wake-up
 * Caught by: laws, stress, faults, tsan-gcc, tsan-clang, asan
 * Explored by: latecomer_takes_no_signal (deadlock)
 */
#include "../../../../primitives/cond.h"
#include "../canary.h"
#include "../small_lock.h"

/* All under the lock; modulo 2^32. */
struct cond {
	struct small_lock lock;
	uint32_t arrived;
	_Atomic uint32_t signals; /* ... sent; never above arrived */
	uint32_t consumed;	  /* ... of them, by waiters that left */
	uint32_t inside;	  /* threads that will touch it again */
};

static uint32_t signals(struct cond *c)
{
	return atomic_load_explicit(&c->signals, memory_order_relaxed);
}

/* Take a signal; ticket and first are those of the waiter's arrival. */
static bool take(struct cond *c, uint32_t ticket, uint32_t first, bool late)
{
	uint32_t sent = signals(c);

#if BROKEN
	(void)ticket;
	if (c->consumed == sent || (sent == first && !late))
		return false;
#else
	(void)first, (void)late;
	if ((int32_t)(sent - ticket) <= 0)
		return false;
#endif
	c->consumed++;
	return true;
}

static void send(struct cond *c, uint32_t n)
{
	atomic_fetch_add_explicit(&c->signals, n, memory_order_relaxed);
	futex_wake_all(&c->signals);
}

/* Without a signal: as if all up to this ticket had been sent one. */
static void give_up(struct cond *c, uint32_t ticket)
{
	int32_t before = (int32_t)(ticket + 1 - signals(c));

	if (before > 0) {
		send(c, (uint32_t)before);
		c->consumed++;
	}
}

/* Under the lock, but for the sleep. */
static int await_signal(struct cond *c, uint32_t ticket, uint32_t first,
			uint64_t deadline)
{
	bool late = false;

	while (!take(c, ticket, first, late)) {
		uint32_t seen = signals(c);

		if (late) {
			give_up(c, ticket);
			return SYNC_TIMEOUT;
		}
		small_unlock(&c->lock);
		late = futex_wait(&c->signals, seen, deadline) == ETIMEDOUT;
		small_lock(&c->lock);
	}
	return SYNC_OK;
}

static int timedwait(void *cond, const struct guard *g, uint64_t deadline)
{
	struct cond *c = cond;
	uint32_t ticket, first;
	int result;

	small_lock(&c->lock);
	c->inside++;
	ticket = c->arrived++;
	first = signals(c);
	small_unlock(&c->lock);

	unsigned depth = guard_release(g);

	small_lock(&c->lock);
	result = await_signal(c, ticket, first, deadline);
	c->inside--;
	small_unlock(&c->lock);
	guard_acquire(g, depth);
	return result;
}

static void wait(void *cond, const struct guard *g)
{
	timedwait(cond, g, DEADLINE_NEVER);
}

static void signal(void *cond, unsigned n)
{
	struct cond *c = cond;
	uint32_t waiting;

	small_lock(&c->lock);
	waiting = c->arrived - signals(c);
	send(c, n < waiting ? n : waiting);
	small_unlock(&c->lock);
}

static void broadcast(void *cond)
{
	signal(cond, UINT_MAX);
}

/* Who was woken may still be on its way out. */
static void destroy(void *cond)
{
	struct cond *c = cond;

	small_drain(&c->lock, &c->inside);
}

REGISTER_COND(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a latecomer takes an earlier signal"),
		.source = "glibc bug 13165",
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
