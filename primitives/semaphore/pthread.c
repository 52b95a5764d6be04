/* SPDX-License-Identifier: MIT */
/*
 * A semaphore from a POSIX mutex and condition, as CPython's Semaphore.
 *
 * Source: the textbook monitor. Not sem_t: it has neither a bound nor a release
 * of n permits at once, and a loop of sem_post cannot be all or nothing.
 *
 * State  count    permits
 *        bound    how many there may be, 0 for SEMAPHORE_MAX; constant
 *        waiting  threads inside the wait; exact
 *        All under the mutex, which also makes the edges.
 *
 * The signals are sent before the mutex is unlocked, and every acquire takes
 * the mutex: its return means that release is past its last use of the object.
 *
 * Progress: barging, parks at once. Costs: two mutex pairs, uncontended. Loses
 * to sem_t where neither a bound nor release(n) is needed.
 */
#include "../posix.h"
#include "../semaphore.h"

struct semaphore {
	pthread_mutex_t mutex;
	pthread_cond_t given;
	uint32_t count;
	uint32_t bound;
	uint32_t waiting;
};

static int init(void *semaphore, unsigned initial, unsigned bound)
{
	struct semaphore *s = semaphore;

	if (initial > SEMAPHORE_MAX || (bound && initial > bound))
		return SYNC_INVALID;
	s->count = initial;
	s->bound = bound < SEMAPHORE_MAX ? bound : SEMAPHORE_MAX;
	s->waiting = 0;
	pthread_cond_init(&s->given, NULL);
	return pthread_mutex_init(&s->mutex, NULL);
}

static void destroy(void *semaphore)
{
	struct semaphore *s = semaphore;

	pthread_cond_destroy(&s->given);
	pthread_mutex_destroy(&s->mutex);
}

static int timedacquire(void *semaphore, uint64_t deadline)
{
	struct semaphore *s = semaphore;
	int result = SYNC_OK;

	pthread_mutex_lock(&s->mutex);
	while (s->count == 0 && result == SYNC_OK) {
		s->waiting++;
		result = posix_cond_timedwait(&s->given, &s->mutex, deadline);
		s->waiting--;
	}
	/* Take it even after a timeout: the signal may have been for us. */
	if (s->count) {
		s->count--;
		result = SYNC_OK;
	}
	pthread_mutex_unlock(&s->mutex);
	return result;
}

static void acquire(void *semaphore)
{
	timedacquire(semaphore, DEADLINE_NEVER);
}

static int tryacquire(void *semaphore)
{
	struct semaphore *s = semaphore;
	bool taken;

	pthread_mutex_lock(&s->mutex);
	taken = s->count > 0;
	s->count -= taken;
	pthread_mutex_unlock(&s->mutex);
	return taken ? SYNC_OK : SYNC_BUSY;
}

static int release(void *semaphore, unsigned n)
{
	struct semaphore *s = semaphore;
	uint32_t most = s->bound ? s->bound : SEMAPHORE_MAX;

	pthread_mutex_lock(&s->mutex);
	if (n > most - s->count) {
		pthread_mutex_unlock(&s->mutex);
		return SYNC_OVERFLOW;
	}
	s->count += n;
	if (n < s->waiting)
		for (unsigned i = 0; i < n; i++)
			pthread_cond_signal(&s->given);
	else if (n && s->waiting)
		pthread_cond_broadcast(&s->given);
	pthread_mutex_unlock(&s->mutex);
	return SYNC_OK;
}

static unsigned value(void *semaphore)
{
	struct semaphore *s = semaphore;
	unsigned count;

	pthread_mutex_lock(&s->mutex);
	count = s->count;
	pthread_mutex_unlock(&s->mutex);
	return count;
}

REGISTER_SEMAPHORE(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "mutex, condition and a count (sem_t has no bound)",
		.source = "the textbook monitor; POSIX.1-2017",
		.flags = IMPL_LARGE,
		.size = sizeof(struct semaphore),
	},
	.init = init,
	.destroy = destroy,
	.acquire = acquire,
	.tryacquire = tryacquire,
	.timedacquire = timedacquire,
	.release = release,
	.value = value);
