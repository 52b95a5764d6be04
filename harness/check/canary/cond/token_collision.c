/* SPDX-License-Identifier: MIT */
/*
 * A condition whose futex word holds the token of who came last, a waiter or a
 * signaller. Two waiters' tokens are equal: a later one hides from the first
 * one, still on its way to sleep, that it was signalled in between.
 *
 * Repaired, no token is used twice (within 2^32), and a waiter that was
 * overtaken by any other returns for no reason.
 *
 * Bug:       pub-cond-token-collision
 * Source:    SBCL 1.0.37.34, "Fix lost wakeup bug between CONDITION-WAIT and
 *            CONDITION-NOTIFY"
 * Scenario:  A stores its token; a signal; B stores the same token; A sleeps
 * Violation: lost wake-up
 * Caught by: perturb, preempt, asan
 * Explored by: latecomer_takes_no_signal (deadlock)
 */
#include "../../../../primitives/cond.h"
#include "../canary.h"

enum role { WAITER = 1, SIGNALLER };

struct cond {
	_Atomic uint32_t token;
	_Atomic uint32_t used;	 /* tokens, so far */
	_Atomic uint32_t inside; /* threads that will touch it again */
};

static uint32_t draw(struct cond *c, enum role role)
{
#if BROKEN
	(void)c;
	return role;
#else
	(void)role;
	return atomic_fetch_add_explicit(&c->used, 1, memory_order_relaxed) + 1;
#endif
}

/* relaxed: the guard orders it, or the caller does not mind */
static uint32_t leave_token(struct cond *c, enum role role)
{
	uint32_t token = draw(c, role);

	atomic_store_explicit(&c->token, token, memory_order_relaxed);
	return token;
}

static int timedwait(void *cond, const struct guard *g, uint64_t deadline)
{
	struct cond *c = cond;
	uint32_t token;
	int r;

	atomic_fetch_add_explicit(&c->inside, 1, memory_order_relaxed);
	token = leave_token(c, WAITER);

	unsigned depth = guard_release(g);

	r = futex_wait(&c->token, token, deadline);
	/* release: destroy comes after our last access */
	atomic_fetch_sub_explicit(&c->inside, 1, memory_order_release);
	guard_acquire(g, depth);
	return r == ETIMEDOUT ? SYNC_TIMEOUT : SYNC_OK;
}

static void wait(void *cond, const struct guard *g)
{
	timedwait(cond, g, DEADLINE_NEVER);
}

static void signal(void *cond, unsigned n)
{
	struct cond *c = cond;

	if (n == 0)
		return;
	leave_token(c, SIGNALLER);
	futex_wake(&c->token, n < INT_MAX ? (int)n : INT_MAX);
}

static void broadcast(void *cond)
{
	signal(cond, UINT_MAX);
}

/* Who was woken may still be on its way out. */
static void destroy(void *cond)
{
	struct cond *c = cond;

	while (atomic_load_explicit(&c->inside, memory_order_acquire))
		sched_yield();
}

REGISTER_COND(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("waiters have equal tokens"),
		.source = "SBCL 1.0.37.34",
		.size = sizeof(struct cond),
	},
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
