/* SPDX-License-Identifier: MIT */
/*
 * A monitor with one state for the round that fills and the one that drains:
 * who breaks the barrier while a complete round is still on its way out breaks
 * that round for those who have not looked yet.
 *
 * The repaired one keeps the break until the last of them is out.
 *
 * Bug:       barrier-drain-breaks
 * Source:    CPython, Lib/threading.py, Barrier._break, as it is in 3.11
 * Scenario:  two threads, one round; the first one out aborts
 * Violation: SYNC_BROKEN from a round that was complete
 * Caught by: laws, stress, faults, perturb, preempt, tsan-gcc, tsan-clang, asan
 * Explored by: completed_stays_so (assertion)
 */
#include "../../../../primitives/barrier.h"
#include "../../../../primitives/posix.h"
#include "../canary.h"

enum { FILLING, DRAINING, RESETTING, BROKEN_STATE };

struct barrier {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	unsigned parties, count, state;
	bool breaks; /* as soon as it has drained */
};

static int init(void *barrier, unsigned parties)
{
	if (parties == 0)
		return SYNC_INVALID;
	*(struct barrier *)barrier = (struct barrier){
		.mutex = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
		.parties = parties,
	};
	return SYNC_OK;
}

static void destroy(void *barrier)
{
	struct barrier *b = barrier;

	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->mutex);
}

static void change(struct barrier *b, unsigned state)
{
	b->state = state;
	pthread_cond_broadcast(&b->changed);
}

static void break_it(struct barrier *b)
{
#if !BROKEN
	if (b->state == DRAINING) {
		b->breaks = true;
		return;
	}
#endif
	change(b, BROKEN_STATE);
}

/* Let the round pass, or wait until somebody does. */
static int pass(struct barrier *b, uint64_t deadline, unsigned place)
{
	if (place == 0)
		change(b, DRAINING);
	while (b->state == FILLING)
		if (posix_cond_timedwait(&b->changed, &b->mutex, deadline) ==
			    SYNC_TIMEOUT &&
		    b->state == FILLING) {
			break_it(b);
			return SYNC_TIMEOUT;
		}
	return b->state == DRAINING ? SYNC_OK : SYNC_BROKEN;
}

/* The last one out prepares the next round. */
static void leave(struct barrier *b)
{
	if (--b->count || b->state == BROKEN_STATE)
		return;
	change(b, b->breaks ? BROKEN_STATE : FILLING);
	b->breaks = false;
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	int result = SYNC_BROKEN;

	pthread_mutex_lock(&b->mutex);
	while (b->state == DRAINING || b->state == RESETTING)
		pthread_cond_wait(&b->changed, &b->mutex);
	if (b->state == FILLING) {
		unsigned place = b->parties - 1 - b->count++;

		result = pass(b, deadline, place);
		if (index)
			*index = place;
		leave(b);
	}
	pthread_mutex_unlock(&b->mutex);
	return result;
}

static void abort_it(void *barrier)
{
	struct barrier *b = barrier;

	pthread_mutex_lock(&b->mutex);
	break_it(b);
	pthread_mutex_unlock(&b->mutex);
}

static void reset(void *barrier)
{
	struct barrier *b = barrier;

	pthread_mutex_lock(&b->mutex);
	b->breaks = false;
	if (b->count == 0)
		change(b, FILLING);
	else if (b->state != DRAINING)
		change(b, RESETTING);
	pthread_mutex_unlock(&b->mutex);
}

static unsigned waiting(void *barrier)
{
	struct barrier *b = barrier;
	unsigned n;

	pthread_mutex_lock(&b->mutex);
	n = b->state == FILLING ? b->count : 0;
	pthread_mutex_unlock(&b->mutex);
	return n;
}

static bool broken(void *barrier)
{
	struct barrier *b = barrier;
	bool is;

	pthread_mutex_lock(&b->mutex);
	is = b->state == BROKEN_STATE || b->breaks;
	pthread_mutex_unlock(&b->mutex);
	return is;
}

REGISTER_BARRIER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("abort breaks the round that drains"),
		.source = "CPython 3.11, threading.Barrier",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE,
		.size = sizeof(struct barrier),
	},
	.init = init,
	.destroy = destroy,
	.wait = wait,
	.abort = abort_it,
	.reset = reset,
	.waiting = waiting,
	.broken = broken);
