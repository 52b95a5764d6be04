/* SPDX-License-Identifier: MIT */
/*
 * A wait on a condition ends a hold of its mutex and begins another one. The
 * conditions of ours use the mutex below the profile, those of the C library
 * directly; so that is told here, for both. What a woken thread waits for the
 * mutex is part of its wait for the condition.
 */
#include "kinds.h"
#include "lock.h"

struct cond_wait {
	pthread_cond_t *cond;
	pthread_mutex_t *mutex;
	const void *site;
	uint64_t from;
};

static struct cond_wait begin(pthread_cond_t *c, pthread_mutex_t *m,
			      const void *site)
{
	struct view *v;

	profile_mutex_let_go(m);
	v = view_of(c, PROFILE_COND, site);
	if (v)
		view_ask(v, site);
	return (struct cond_wait){ c, m, site, ticks() };
}

static int end(const struct cond_wait *w, int r)
{
	uint64_t lasted = ticks() - w->from;
	struct view *v;

	if (!is_taken(r) && r != ETIMEDOUT)
		return r; /* the mutex was never released */
	profile_mutex_have_again(w->mutex, w->site);
	v = view_of(w->cond, PROFILE_COND, w->site);
	if (!v)
		return r;
	view_count(v, TALLY_WRITES);
	if (r == ETIMEDOUT)
		view_failed(v);
	view_waited(v, lasted);
	return r;
}

static int init(pthread_cond_t *c, const pthread_condattr_t *attributes)
{
	INITIALISE(c, PROFILE_COND, below.pthread_cond_init(c, attributes));
}

static int wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	struct cond_wait w = begin(c, m, CALL_SITE);

	return end(&w, below.pthread_cond_wait(c, m));
}

static int timedwait(pthread_cond_t *c, pthread_mutex_t *m,
		     const struct timespec *until)
{
	struct cond_wait w = begin(c, m, CALL_SITE);

	return end(&w, below.pthread_cond_timedwait(c, m, until));
}

static int clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock,
		     const struct timespec *until)
{
	struct cond_wait w = begin(c, m, CALL_SITE);

	return end(&w, below.pthread_cond_clockwait(c, m, clock, until));
}

static void count_signal(pthread_cond_t *c, const void *site)
{
	struct view *v = view_of(c, PROFILE_COND, site);

	if (v)
		view_count(v, TALLY_OTHERS);
}

static int signal(pthread_cond_t *c)
{
	count_signal(c, CALL_SITE);
	return below.pthread_cond_signal(c);
}

static int broadcast(pthread_cond_t *c)
{
	count_signal(c, CALL_SITE);
	return below.pthread_cond_broadcast(c);
}

void profile_conds(struct calls *table)
{
	table->pthread_cond_init = init;
	table->pthread_cond_wait = wait;
	table->pthread_cond_timedwait = timedwait;
	table->pthread_cond_clockwait = clockwait;
	table->pthread_cond_signal = signal;
	table->pthread_cond_broadcast = broadcast;
}
