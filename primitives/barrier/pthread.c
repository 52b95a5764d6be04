/* SPDX-License-Identifier: MIT */
/*
 * A barrier from a POSIX mutex and condition, as CPython's Barrier.
 *
 * Source: the textbook monitor. Not pthread_barrier_t: it can neither be broken
 * nor does its wait take a deadline.
 *
 * State  round    how many rounds are complete; unlike CPython's, a new round
 *                 may start while threads are on their way out of the last
 *        arrived  waiters of this round, those of a broken one until they have
 *                 left: its number stays until then, so nobody is misled
 *        broken   by abort, timeout or reset
 *        restore  reset has come: the last waiter out takes broken away; until
 *                 then newcomers wait. Only with broken and arrived > 0.
 *        inside   threads in wait, for destroy; the last one says so
 *        All under the mutex, which also makes the edges.
 *
 * Progress: parks at once. Costs: a mutex pair an arrival, and another one on
 * the way out, for which all waiters of a round queue: it loses with many.
 */
#include "../barrier.h"
#include "../posix.h"

struct barrier {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	uint64_t round;
	unsigned parties;
	unsigned arrived;
	unsigned inside;
	bool broken;
	bool restore;
	bool destroying;
};

static int init(void *barrier, unsigned parties)
{
	struct barrier *b = barrier;

	if (parties == 0)
		return SYNC_INVALID;
	b->round = 0;
	b->parties = parties;
	b->arrived = b->inside = 0;
	b->broken = b->restore = b->destroying = false;
	pthread_cond_init(&b->changed, NULL);
	return pthread_mutex_init(&b->mutex, NULL);
}

static void destroy(void *barrier)
{
	struct barrier *b = barrier;

	pthread_mutex_lock(&b->mutex);
	b->destroying = true;
	while (b->inside)
		pthread_cond_wait(&b->changed, &b->mutex);
	pthread_mutex_unlock(&b->mutex);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->mutex);
}

static void break_it(struct barrier *b, bool restore)
{
	b->broken = true;
	b->restore = restore;
	pthread_cond_broadcast(&b->changed);
}

/* Wait until the broken waiters are out. */
static int drain(struct barrier *b, uint64_t deadline)
{
	int result = SYNC_OK;

	while (b->restore && result == SYNC_OK)
		result = posix_cond_timedwait(&b->changed, &b->mutex, deadline);
	if (!b->restore)
		return b->broken ? SYNC_BROKEN : SYNC_OK;
	break_it(b, false);
	return result;
}

/* Wait for the others of the round; the caller has arrived. */
static int join(struct barrier *b, uint64_t deadline)
{
	uint64_t round = b->round;
	int result = SYNC_OK;

	while (b->round == round && !b->broken && result == SYNC_OK)
		result = posix_cond_timedwait(&b->changed, &b->mutex, deadline);
	if (b->round != round)
		return SYNC_OK;
	b->arrived--;
	if (!b->broken) {
		break_it(b, false);
		return SYNC_TIMEOUT;
	}
	if (b->restore && b->arrived == 0) {
		b->broken = b->restore = false;
		pthread_cond_broadcast(&b->changed);
	}
	return SYNC_BROKEN;
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	struct barrier *b = barrier;
	unsigned left = 0;
	int result;

	pthread_mutex_lock(&b->mutex);
	b->inside++;
	result = drain(b, deadline);
	if (result == SYNC_OK) {
		left = b->parties - ++b->arrived;
		if (left) {
			result = join(b, deadline);
		} else {
			b->arrived = 0;
			b->round++;
			pthread_cond_broadcast(&b->changed);
		}
	}
	if (--b->inside == 0 && b->destroying)
		pthread_cond_broadcast(&b->changed);
	pthread_mutex_unlock(&b->mutex);
	if (index && result == SYNC_OK)
		*index = left;
	return result;
}

static void abort_(void *barrier)
{
	struct barrier *b = barrier;

	pthread_mutex_lock(&b->mutex);
	break_it(b, false);
	pthread_mutex_unlock(&b->mutex);
}

static void reset(void *barrier)
{
	struct barrier *b = barrier;

	pthread_mutex_lock(&b->mutex);
	if (b->arrived)
		break_it(b, true);
	else
		b->broken = false;
	pthread_mutex_unlock(&b->mutex);
}

static unsigned waiting(void *barrier)
{
	struct barrier *b = barrier;
	unsigned n;

	pthread_mutex_lock(&b->mutex);
	n = b->broken ? 0 : b->arrived;
	pthread_mutex_unlock(&b->mutex);
	return n;
}

static bool broken(void *barrier)
{
	struct barrier *b = barrier;
	bool result;

	pthread_mutex_lock(&b->mutex);
	result = b->broken && !b->restore;
	pthread_mutex_unlock(&b->mutex);
	return result;
}

REGISTER_BARRIER(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "mutex and condition (pthread_barrier_t cannot break)",
		.source = "the textbook monitor; POSIX.1-2017",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE | IMPL_DESTROY_WAITS,
		.size = sizeof(struct barrier),
	},
	.init = init,
	.destroy = destroy,
	.wait = wait,
	.abort = abort_,
	.reset = reset,
	.waiting = waiting,
	.broken = broken);
