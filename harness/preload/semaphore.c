/* SPDX-License-Identifier: MIT */
/*
 * sem_*, by the chosen implementation; those of sem_open and those shared by
 * processes are the C library's.
 *
 * The waits are cancellation points, and the only calls that a signal handler
 * ends (EINTR): wait.h. sem_post may be called by a handler, so it takes no
 * latch of ours.
 *
 * Source: POSIX.1-2017, sem_wait, sem_timedwait, sem_post.
 */
#include "kinds.h"

#include <string.h>

#include "chosen.h"
#include "counts.h"
#include "own.h"
#include "place.h"
#include "wait.h"

static struct place place;

static ALWAYS_INLINE bool is_libc(sem_t *s)
{
	return unlikely(((struct own_semaphore *)s)->shared);
}

static ALWAYS_INLINE void *object(sem_t *s)
{
	return place_object(&place, ((struct own_semaphore *)s)->object);
}

static int answer(int error)
{
	return error ? fail_with(error) : 0;
}

static COLD int wait_slow(sem_t *s, clockid_t clock,
			  const struct timespec *until)
{
	struct wait w = { .clock = clock,
			  .until = until,
			  .interruptible = true,
			  .spins = chosen.semaphore->id.family == SPIN };
	int r;

	if (until && wait_check_time(until))
		return fail_with(EINVAL);
	wait_begin_cancellable(&w);
	/* a handler may end the thread in the middle of it */
	pthread_cleanup_push(wait_abandon, &w);
	r = chosen.semaphore->timedacquire(object(s), END_OF_WAIT);
	pthread_cleanup_pop(0);
	wait_end_cancellable(&w);
	if (!r)
		return 0;
	if (atomic_load_explicit(&w.cancelled, memory_order_seq_cst))
		pthread_testcancel();
	return fail_with(w.interrupted || !until ? EINTR : ETIMEDOUT);
}

static ALWAYS_INLINE int wait_until(sem_t *s, clockid_t clock,
				    const struct timespec *until)
{
	pthread_testcancel();
	if (likely(!chosen.semaphore->tryacquire(object(s))))
		return 0;
	return wait_slow(s, clock, until);
}

/* ---- the calls ---- */

static int wait(sem_t *s)
{
	return is_libc(s) ? libc.sem_wait(s)
			  : wait_until(s, CLOCK_REALTIME, NULL);
}

static int timedwait(sem_t *s, const struct timespec *until)
{
	return is_libc(s) ? libc.sem_timedwait(s, until)
			  : wait_until(s, CLOCK_REALTIME, until);
}

static int clockwait(sem_t *s, clockid_t clock, const struct timespec *until)
{
	if (is_libc(s))
		return libc.sem_clockwait(s, clock, until);
	if (wait_check_clock(clock))
		return fail_with(EINVAL);
	return wait_until(s, clock, until);
}

static int trywait(sem_t *s)
{
	if (is_libc(s))
		return libc.sem_trywait(s);
	return chosen.semaphore->tryacquire(object(s)) ? fail_with(EAGAIN) : 0;
}

static int post(sem_t *s)
{
	if (is_libc(s))
		return libc.sem_post(s);
	return answer(chosen.semaphore->release(object(s), 1));
}

static int getvalue(sem_t *s, int *value)
{
	if (is_libc(s))
		return libc.sem_getvalue(s, value);
	*value = (int)chosen.semaphore->value(object(s));
	return 0;
}

static int init(sem_t *s, int shared, unsigned value)
{
	int r = libc.sem_init(s, shared, value);

	if (r)
		return r;
	if (is_libc(s)) {
		count(COUNT_semaphores_shared);
		return 0;
	}
	memset(s, 0, sizeof(*s));
	count(COUNT_semaphores);
	return answer(chosen.semaphore->release(object(s), value));
}

static int destroy(sem_t *s)
{
	if (is_libc(s))
		return libc.sem_destroy(s);
	place_destroy(&place, ((struct own_semaphore *)s)->object);
	return 0;
}

static int init_empty(void *semaphore)
{
	return chosen.semaphore->init(semaphore, 0, 0);
}

void semaphore_answer(struct calls *table)
{
	const struct semaphore_impl *i = chosen.semaphore;

	if (!i)
		return;
	place_settle(&place, &i->id, init_empty, i->destroy,
		     sizeof(((struct own_semaphore *)0)->object));
	table->sem_init = init;
	table->sem_destroy = destroy;
	table->sem_wait = wait;
	table->sem_trywait = trywait;
	table->sem_timedwait = timedwait;
	table->sem_clockwait = clockwait;
	table->sem_post = post;
	table->sem_getvalue = getvalue;
}
