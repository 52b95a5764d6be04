/* SPDX-License-Identifier: MIT */
/*
 * The C library's condition with a mutex of its own, so that it works with any.
 *
 * Source: POSIX.1-2017, pthread_cond_wait; the second mutex as in C++'s
 * condition_variable_any.
 *
 * State  mutex    held from before the guard is released until the waiter is in
 *                 pthread_cond_wait, and by signallers: no signal falls between
 *        waiters  threads inside timedwait that still need the object
 *        leaving  destroy waits for them
 *
 * Progress: as the C library has it: any waiter may be woken. Waiters park at
 * once. A waiter that times out takes no signal along, in so far as the C
 * library keeps POSIX's word (glibc 2.26 to 2.40 can lose a wake-up, rarely:
 * its bug 25847).
 * Costs: a mutex pair and a call for each signal, even if nobody waits; a
 * waiter takes two mutexes one after the other on its way out.
 */
#include "../cond.h"
#include "../posix.h"

struct cond {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	unsigned waiters;
	bool leaving;
};

static int init(void *cond)
{
	struct cond *c = cond;
	int r = pthread_mutex_init(&c->mutex, NULL);

	if (r)
		return r;
	r = pthread_cond_init(&c->cond, NULL);
	if (r)
		pthread_mutex_destroy(&c->mutex);
	c->waiters = 0;
	c->leaving = false;
	return r;
}

static void destroy(void *cond)
{
	struct cond *c = cond;

	/* those who were woken still need the mutex to get out */
	pthread_mutex_lock(&c->mutex);
	c->leaving = true;
	while (c->waiters)
		pthread_cond_wait(&c->cond, &c->mutex);
	pthread_mutex_unlock(&c->mutex);
	pthread_cond_destroy(&c->cond);
	pthread_mutex_destroy(&c->mutex);
}

static int timedwait(void *cond, const struct guard *g, uint64_t deadline)
{
	struct cond *c = cond;

	pthread_mutex_lock(&c->mutex);
	c->waiters++;

	unsigned depth = guard_release(g);
	int result = posix_cond_timedwait(&c->cond, &c->mutex, deadline);

	if (--c->waiters == 0 && c->leaving)
		pthread_cond_broadcast(&c->cond);
	pthread_mutex_unlock(&c->mutex);
	/* not with c->mutex held: its holder may be waiting for that one */
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

	pthread_mutex_lock(&c->mutex);
	if (n >= c->waiters)
		pthread_cond_broadcast(&c->cond);
	else
		while (n--)
			pthread_cond_signal(&c->cond);
	pthread_mutex_unlock(&c->mutex);
}

static void broadcast(void *cond)
{
	signal(cond, UINT_MAX);
}

REGISTER_COND(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "pthread_cond_t and a pthread_mutex_t of its own",
		.source = "POSIX.1-2017",
		.flags = IMPL_LARGE,
		.size = sizeof(struct cond),
	},
	.init = init,
	.destroy = destroy,
	.wait = wait,
	.timedwait = timedwait,
	.signal = signal,
	.broadcast = broadcast);
