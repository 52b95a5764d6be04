/* SPDX-License-Identifier: MIT */
/*
 * pthread_cond_*, by the chosen implementation, with any mutex: ours, or one
 * that the C library keeps.
 *
 * The waits are cancellation points: the implementation's wait times out
 * (wait.h), which takes the mutex again, and the request is acted on then, as
 * POSIX has it. If a signal was quicker the wait returns, and the request stays
 * pending: the signal is not eaten.
 *
 * Source: POSIX.1-2017, pthread_cond_timedwait, and 2.9.5 (cancellation); where
 * POSIX leaves it open, as glibc 2.36 does.
 */
#include "kinds.h"

#include <string.h>

#include "chosen.h"
#include "counts.h"
#include "fork.h"
#include "mutex.h"
#include "own.h"
#include "place.h"
#include "wait.h"

static struct place place;

static ALWAYS_INLINE struct own_cond *own(pthread_cond_t *c)
{
	return (struct own_cond *)c;
}

static ALWAYS_INLINE bool is_libc(pthread_cond_t *c)
{
	return unlikely(own(c)->flags & COND_SHARED);
}

static void renew(void *cond)
{
	place_clear(&place, cond);
}

static ALWAYS_INLINE void *object(pthread_cond_t *c)
{
	if (is_stale(&own(c)->generation))
		fork_renew(&own(c)->generation, renew, c);
	return place_object(&place, c);
}

/* ---- the mutex, as the implementation sees it ---- */

struct held {
	pthread_mutex_t *mutex;
	struct wait *wait;
	int error; /* of unlock: the mutex was never released; or of lock */
	bool failed;
};

/* Not released, hence nothing to wait for: the wait is over at once. */
static void let_go(void *held, void *node)
{
	struct held *h = held;

	(void)node;
	h->error = below.pthread_mutex_unlock(h->mutex);
	h->failed = h->error != 0;
	if (h->failed) /* relaxed: only we read it */
		atomic_store_explicit(&h->wait->cancelled, true,
				      memory_order_relaxed);
}

static void take_again(void *held, void *node)
{
	struct held *h = held;
	struct wait *w = wait_pause();

	(void)node;
	if (!h->failed) /* 0, or EOWNERDEAD and the like of the C library */
		h->error = below.pthread_mutex_lock(h->mutex);
	wait_resume(w);
}

static const struct mutex_impl as_mutex = {
	.lock = take_again,
	.unlock = let_go,
};

/* ---- waiting ---- */

static int wait_own(pthread_cond_t *c, struct held *h, struct wait *w)
{
	const struct guard g = { .mutex = &as_mutex, .object = h };
	int r;

	count_thread(COUNT_waiters);
	wait_begin_cancellable(w);
	pthread_cleanup_push(wait_abandon, w);
	r = chosen.cond->timedwait(object(c), &g, END_OF_WAIT);
	pthread_cleanup_pop(0);
	wait_end_cancellable(w);
	if (h->error)
		return h->error;
	if (r && !h->failed &&
	    atomic_load_explicit(&w->cancelled, memory_order_seq_cst)) {
		pthread_testcancel();
		return 0; /* not reached, unless it was taken back */
	}
	return r;
}

/*
 * A condition that the C library keeps, with a mutex that it does not: it could
 * not release that. Waits without a signal are allowed, so let the others do
 * something, and return.
 */
static COLD int wait_mixed(struct held *h, const struct wait *w)
{
	bool over;

	count(COUNT_mixed);
	pthread_testcancel();
	below.pthread_mutex_unlock(h->mutex);
	wait_a_moment(500000);
	over = wait_over(w);
	below.pthread_mutex_lock(h->mutex);
	pthread_testcancel();
	return over ? ETIMEDOUT : 0;
}

/* until NULL: for ever */
static int wait_until(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock,
		      const struct timespec *until)
{
	struct wait w = { .clock = clock, .until = until };
	struct held h = { .mutex = m, .wait = &w };

	if (until && wait_check_time(until))
		return EINVAL;
	if (mutex_check_held(m))
		return EPERM;
	return is_libc(c) ? wait_mixed(&h, &w) : wait_own(c, &h, &w);
}

static bool both_libc(pthread_cond_t *c, pthread_mutex_t *m)
{
	return is_libc(c) && mutex_is_libc(m);
}

/* ---- the calls ---- */

static int wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	if (both_libc(c, m))
		return libc.pthread_cond_wait(c, m);
	return wait_until(c, m, CLOCK_REALTIME, NULL);
}

static int timedwait(pthread_cond_t *c, pthread_mutex_t *m,
		     const struct timespec *until)
{
	if (both_libc(c, m))
		return libc.pthread_cond_timedwait(c, m, until);
	return wait_until(c, m,
			  own(c)->flags & COND_MONOTONIC ? CLOCK_MONOTONIC
							 : CLOCK_REALTIME,
			  until);
}

static int clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock,
		     const struct timespec *until)
{
	if (both_libc(c, m))
		return libc.pthread_cond_clockwait(c, m, clock, until);
	if (wait_check_clock(clock))
		return EINVAL;
	return wait_until(c, m, clock, until);
}

static int signal(pthread_cond_t *c)
{
	if (is_libc(c))
		return libc.pthread_cond_signal(c);
	chosen.cond->signal(object(c), 1);
	return 0;
}

static int broadcast(pthread_cond_t *c)
{
	if (is_libc(c))
		return libc.pthread_cond_broadcast(c);
	chosen.cond->broadcast(object(c));
	return 0;
}

/* The C library judges the attributes and writes the flags. */
static int init(pthread_cond_t *c, const pthread_condattr_t *attributes)
{
	int r = libc.pthread_cond_init(c, attributes);
	uint32_t flags = own(c)->flags;

	if (r)
		return r;
	if (is_libc(c)) {
		count(COUNT_conds_shared);
		return 0;
	}
	memset(c, 0, sizeof(*c));
	own(c)->flags = flags;
	/* relaxed: who uses it has to learn of it first */
	atomic_store_explicit(&own(c)->generation, generation,
			      memory_order_relaxed);
	count(COUNT_conds);
	return 0;
}

static int destroy(pthread_cond_t *c)
{
	if (is_libc(c))
		return libc.pthread_cond_destroy(c);
	object(c); /* in order */
	place_destroy(&place, c);
	return 0;
}

void cond_answer(struct calls *table)
{
	const struct cond_impl *i = chosen.cond;

	if (!i)
		return;
	place_settle(&place, &i->id, i->init, i->destroy,
		     sizeof(((struct own_cond *)0)->object));
	table->pthread_cond_init = init;
	table->pthread_cond_destroy = destroy;
	table->pthread_cond_wait = wait;
	table->pthread_cond_timedwait = timedwait;
	table->pthread_cond_clockwait = clockwait;
	table->pthread_cond_signal = signal;
	table->pthread_cond_broadcast = broadcast;
}
