/* SPDX-License-Identifier: MIT */
/*
 * Atomics here are relaxed as far as the threads of the law are concerned: an
 * edge from one of them to another would hide a race from a sanitizer.
 */
#include "stillness.h"

#include <unistd.h>

#include "../../../primitives/sync.h"
#include "../../perturb/perturb.h"
#include "threads_proc.h"
#include "watchdog.h"

/* Who is what. A thread that finds no place stays an ordinary one: then there
 * may be no stillness, but never a false one. */
enum { PLACES = 256 };

static struct poller {
	_Atomic pid_t tid;	/* 0: free */
	_Atomic uint32_t bouts; /* that have ended */
	_Atomic uint32_t turns;
} pollers[PLACES];

static _Atomic pid_t exempt[PLACES];

static _Thread_local struct poller *own;

static struct poller *poller_new(void)
{
	for (int i = 0; i < PLACES; i++) {
		pid_t free = 0;

		if (atomic_compare_exchange_strong_explicit(
			    &pollers[i].tid, &free, gettid(),
			    memory_order_relaxed, memory_order_relaxed))
			return &pollers[i];
	}
	return NULL;
}

void watchdog_poll(bool polls)
{
	if (polls && (own || (own = poller_new()))) {
		/* [A] pairs with [B]: the turn before this one is over */
		atomic_fetch_add_explicit(&own->turns, 1, memory_order_release);
	} else if (!polls && own) {
		atomic_fetch_add_explicit(&own->bouts, 1, memory_order_relaxed);
		/* [C] pairs with [D]: who sees the next bout sees the count */
		atomic_store_explicit(&own->tid, 0, memory_order_release);
		own = NULL;
	}
}

static const struct poller *poller_of(pid_t tid)
{
	for (int i = 0; i < PLACES; i++)
		if (atomic_load_explicit(&pollers[i].tid, /* [D] */
					 memory_order_acquire) == tid)
			return &pollers[i];
	return NULL;
}

static void exempt_add(pid_t tid)
{
	for (int i = 0; i < PLACES; i++) {
		pid_t free = 0;

		if (atomic_compare_exchange_strong_explicit(
			    &exempt[i], &free, tid, memory_order_relaxed,
			    memory_order_relaxed))
			return;
	}
}

void watchdog_exempt(void)
{
	if (perturb_available())
		perturb_exempt();
	if (!thread_is_exempt(gettid()))
		exempt_add(gettid());
}

void exempt_present(void)
{
	pid_t tids[SIGHT_THREADS];
	int n = threads_of(getpid(), tids, SIGHT_THREADS);

	for (int i = 0; i < n; i++)
		if (tids[i] != getpid())
			exempt_add(tids[i]);
}

bool thread_is_exempt(pid_t tid)
{
	for (int i = 0; i < PLACES; i++)
		if (atomic_load_explicit(&exempt[i], memory_order_relaxed) ==
		    tid)
			return true;
	return false;
}

bool thread_polls(pid_t tid)
{
	return poller_of(tid) != NULL;
}

static bool see(pid_t tid, struct seen *seen)
{
	const struct poller *p = poller_of(tid);
	struct thread_look look;

	*seen = (struct seen){ .tid = tid, .polls = p != NULL };
	if (p) { /* [B] pairs with [A] */
		seen->turns =
			atomic_load_explicit(&p->turns, memory_order_acquire);
		seen->bouts =
			atomic_load_explicit(&p->bouts, memory_order_relaxed);
		return true;
	}
	if (!thread_look(getpid(), tid, &look))
		return false;
	seen->switches = look.switches;
	if (thread_futex(&look) >= 0)
		seen->word = look.arguments[0];
	return thread_sleeps_for_ever(getpid(), &look);
}

bool sight_take(struct sight *s)
{
	pid_t tids[SIGHT_THREADS], self = gettid();
	int n = threads_of(getpid(), tids, SIGHT_THREADS);

	s->n = 0;
	for (int i = 0; i < n; i++)
		if (tids[i] != self && !thread_is_exempt(tids[i]) &&
		    !see(tids[i], &s->threads[s->n++]))
			return false;
	return n > 0;
}

bool sight_alike(const struct sight *before, const struct sight *after)
{
	if (before->n != after->n)
		return false;
	for (int i = 0; i < before->n; i++) {
		const struct seen *a = &before->threads[i];
		const struct seen *b = &after->threads[i];

		if (a->tid != b->tid || a->polls != b->polls ||
		    a->word != b->word || a->bouts != b->bouts)
			return false;
	}
	return true;
}

bool sight_same(const struct sight *before, const struct sight *after)
{
	if (!sight_alike(before, after))
		return false;
	for (int i = 0; i < before->n; i++)
		if (before->threads[i].switches != after->threads[i].switches)
			return false;
	return true;
}

bool sight_asked(const struct sight *before, const struct sight *after)
{
	/* the turn that was on may have asked too early; one more has ended */
	for (int i = 0; i < before->n; i++)
		if (before->threads[i].polls &&
		    after->threads[i].turns - before->threads[i].turns < 2)
			return false;
	return true;
}

bool watchdog_still(void)
{
	struct sight first, second;

	return sight_take(&first) && sight_take(&second) &&
	       sight_same(&first, &second);
}
