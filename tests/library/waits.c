/* SPDX-License-Identifier: MIT */
/* Laws of what is waited for: conditions, events, semaphores, barriers, onces.
 */
#include <sched.h>
#include <stdatomic.h>

#include "laws.h"

/* ---- condition ---- */

/* Over one of the two. */
static sl_mutex *mutex;
static sl_recursive_mutex *recursive;
static unsigned flag; /* guarded by it */

enum { DEPTH = 3 };

static int lock(void)
{
	int r = 0;

	if (mutex)
		return sl_mutex_lock(mutex, SL_FOREVER);
	for (int i = 0; i < DEPTH && !r; i++)
		r = sl_recursive_mutex_lock(recursive, SL_FOREVER);
	return r;
}

static int unlock(void)
{
	int r = 0;

	if (mutex)
		return sl_mutex_unlock(mutex);
	if (sl_recursive_mutex_depth(recursive) != DEPTH)
		return -1;
	for (int i = 0; i < DEPTH && !r; i++)
		r = sl_recursive_mutex_unlock(recursive);
	return r;
}

static int wait_for_flag(void *cond, uint64_t timeout)
{
	int r = lock();

	while (!r && !flag)
		r = sl_cond_wait(cond, timeout);
	if (!r)
		flag--;
	return unlock() ? -1 : r;
}

static int create_cond(const char *name, void **out)
{
	if (!mutex && sl_mutex_create(NULL, &mutex))
		return -1;
	return sl_cond_create(name, mutex, (sl_cond **)out);
}

static int destroy_cond(void *cond)
{
	return sl_cond_destroy(cond);
}

static void cond_owner(sl_cond *c)
{
	IS(SL_NOT_OWNER, sl_cond_wait(c, SL_TRY));
	IS(SL_NOT_OWNER, sl_cond_signal(c, 1));
	IS(SL_NOT_OWNER, sl_cond_signal(c, SL_ALL));
	IS(0, sl_cond_signal_any(c, 1));
	IS(0, lock());
	IS(SL_NOT_OWNER, elsewhere(OPERATION(sl_cond_wait), c, SL_FOREVER));
	IS(SL_NOT_OWNER, elsewhere(OPERATION(sl_cond_signal), c, 1));
	IS(SL_TIMEOUT, sl_cond_wait(c, MS));
	IS(SL_TIMEOUT, sl_cond_wait(c, SL_TRY));
	IS(0, sl_cond_signal(c, 0));
	IS(0, sl_cond_waiting(c));
	IS(0, unlock());
}

enum { WAITERS = 3 };

static void await_waiters(sl_cond *c, unsigned n)
{
	while (sl_cond_waiting(c) != n)
		sched_yield();
}

static void cond_signals(sl_cond *c)
{
	struct call *w[WAITERS];

	for (int i = 0; i < WAITERS; i++)
		w[i] = begin(wait_for_flag, c, SL_FOREVER);
	await_waiters(c, WAITERS);
	IS(SL_BUSY, sl_cond_destroy(c));
	IS(SL_BUSY, mutex ? sl_mutex_destroy(mutex)
			  : sl_recursive_mutex_destroy(recursive));
	IS(0, lock());
	flag = 1;
	IS(0, sl_cond_signal(c, 1));
	IS(0, unlock());
	await_waiters(c, WAITERS - 1);
	IS(0, lock());
	flag = WAITERS - 1;
	IS(0, sl_cond_signal(c, SL_ALL));
	IS(0, unlock());
	for (int i = 0; i < WAITERS; i++)
		IS(0, end(w[i]));
	IS(0, flag);
	IS(SL_TIMEOUT, elsewhere(wait_for_flag, c, MS));
}

static void cond_over(const char *name, int (*create)(const char *, sl_cond **))
{
	sl_cond *c = NULL;

	IS(0, create(name, &c));
	cond_owner(c);
	cond_signals(c);
	IS(0, sl_cond_destroy(c));
}

static int over_mutex(const char *name, sl_cond **out)
{
	return sl_cond_create(name, mutex, out);
}

static int over_recursive(const char *name, sl_cond **out)
{
	return sl_cond_create_recursive(name, recursive, out);
}

static void laws_of_cond(const char *name)
{
	const char *lock_name;
	sl_cond *c = NULL;

	IS(0, sl_mutex_destroy(mutex)); /* create_cond's */
	for (size_t i = 0; (lock_name = sl_implementation("mutex", i)); i++) {
		IS(0, sl_mutex_create(lock_name, &mutex));
		cond_over(name, over_mutex);
		IS(0, sl_mutex_destroy(mutex));
	}
	mutex = NULL;
	for (size_t i = 0;
	     (lock_name = sl_implementation("recursive_mutex", i)); i++) {
		IS(0, sl_recursive_mutex_create(lock_name, &recursive));
		cond_over(name, over_recursive);
		IS(0, sl_recursive_mutex_destroy(recursive));
	}
	IS(SL_INVALID, sl_cond_create(name, NULL, &c));
	IS(SL_INVALID, sl_cond_create_recursive(name, NULL, &c));
	IS(SL_INVALID, sl_cond_wait(NULL, SL_TRY));
	IS(SL_INVALID, sl_cond_signal(NULL, 1));
	IS(SL_INVALID, sl_cond_signal_any(NULL, 1));
}

const struct kind law_cond = { "cond", create_cond, destroy_cond,
			       laws_of_cond };

/* ---- event ---- */

static int create_event(const char *name, void **out)
{
	return sl_event_create(name, (sl_event **)out);
}

static int destroy_event(void *event)
{
	return sl_event_destroy(event);
}

static void laws_of_event(const char *name)
{
	operation *wait = OPERATION(sl_event_wait);
	sl_event *e = NULL;
	struct call *c;

	IS(0, sl_event_create(name, &e));
	IS(0, sl_event_is_set(e));
	IS(SL_BUSY, sl_event_wait(e, SL_TRY));
	IS(SL_TIMEOUT, sl_event_wait(e, MS));
	c = begin_and_wait(wait, e, SL_FOREVER);
	IS(SL_BUSY, sl_event_destroy(e));
	IS(0, sl_event_set(e));
	IS(0, sl_event_clear(e));
	IS(0, end(c));
	IS(0, sl_event_set(e));
	IS(1, sl_event_is_set(e));
	IS(0, sl_event_wait(e, SL_TRY));
	IS(0, sl_event_wait(e, MS));
	IS(0, sl_event_destroy(e));
	IS(SL_INVALID, sl_event_set(NULL));
	IS(SL_INVALID, sl_event_clear(NULL));
	IS(SL_INVALID, sl_event_wait(NULL, SL_TRY));
	IS(0, sl_event_is_set(NULL));
}

const struct kind law_event = { "event", create_event, destroy_event,
				laws_of_event };

/* ---- semaphore ---- */

static int create_semaphore(const char *name, void **out)
{
	return sl_semaphore_create(name, 0, 0, (sl_semaphore **)out);
}

static int destroy_semaphore(void *semaphore)
{
	return sl_semaphore_destroy(semaphore);
}

static void laws_of_semaphore(const char *name)
{
	sl_semaphore *s = NULL;
	struct call *c;

	IS(SL_INVALID, sl_semaphore_create(name, 3, 2, &s));
	IS(SL_INVALID, sl_semaphore_create(name, SL_SEMAPHORE_MAX + 1, 0, &s));
	IS(0, sl_semaphore_create(name, SL_SEMAPHORE_MAX, 0, &s));
	IS(SL_OVERFLOW, sl_semaphore_release(s, 1));
	IS(0, sl_semaphore_destroy(s));
	IS(0, sl_semaphore_create(name, 1, 2, &s));
	IS(1, sl_semaphore_value(s));
	IS(SL_OVERFLOW, sl_semaphore_release(s, 2));
	IS(SL_INVALID, sl_semaphore_release(s, 0));
	IS(1, sl_semaphore_value(s));
	IS(0, sl_semaphore_acquire(s, SL_FOREVER));
	IS(SL_BUSY, sl_semaphore_acquire(s, SL_TRY));
	IS(SL_TIMEOUT, sl_semaphore_acquire(s, MS));
	c = begin_and_wait(OPERATION(sl_semaphore_acquire), s, SL_FOREVER);
	IS(SL_BUSY, sl_semaphore_destroy(s));
	IS(0, sl_semaphore_release(s, 2));
	IS(0, end(c));
	IS(0, sl_semaphore_acquire(s, MS));
	IS(0, sl_semaphore_destroy(s));
	IS(SL_INVALID, sl_semaphore_acquire(NULL, SL_TRY));
	IS(SL_INVALID, sl_semaphore_release(NULL, 1));
	IS(0, sl_semaphore_value(NULL));
}

const struct kind law_semaphore = { "semaphore", create_semaphore,
				    destroy_semaphore, laws_of_semaphore };

/* ---- barrier ---- */

static int create_barrier(const char *name, void **out)
{
	return sl_barrier_create(name, 2, NULL, NULL, (sl_barrier **)out);
}

static int destroy_barrier(void *barrier)
{
	return sl_barrier_destroy(barrier);
}

/* What the action did and shall answer. */
static struct {
	sl_barrier *barrier;
	unsigned runs;
	int answer, inner;
} acted;

static int action(void *argument)
{
	HOLDS(argument == &acted);
	acted.runs++;
	HOLDS(acted.barrier && sl_barrier_waiting(acted.barrier) == 2);
	acted.inner = sl_barrier_wait(acted.barrier, SL_FOREVER, NULL);
	return acted.answer;
}

static int index_of_wait(void *barrier, uint64_t timeout)
{
	unsigned index = 1000;
	int r = sl_barrier_wait(barrier, timeout, &index);

	return r ? -r : (int)index;
}

static struct call *one_waits(sl_barrier *b)
{
	struct call *c = begin(index_of_wait, b, SL_FOREVER);

	while (sl_barrier_waiting(b) != 1)
		sched_yield();
	return c;
}

static void barrier_breaks(sl_barrier *b)
{
	struct call *c;

	IS(SL_TIMEOUT, sl_barrier_wait(b, MS, NULL));
	IS(1, sl_barrier_broken(b));
	IS(SL_BROKEN, sl_barrier_wait(b, SL_FOREVER, NULL));
	IS(0, sl_barrier_reset(b));
	IS(0, sl_barrier_broken(b));
	IS(SL_TIMEOUT, sl_barrier_wait(b, SL_TRY, NULL));
	IS(0, sl_barrier_reset(b));
	c = one_waits(b);
	IS(SL_BUSY, sl_barrier_destroy(b));
	IS(0, sl_barrier_abort(b));
	IS(-SL_BROKEN, end(c));
	IS(1, sl_barrier_broken(b));
	IS(0, sl_barrier_reset(b));
	c = one_waits(b);
	IS(0, sl_barrier_reset(b));
	IS(-SL_BROKEN, end(c));
	IS(0, sl_barrier_broken(b));
}

static void barrier_rounds(sl_barrier *b)
{
	for (int i = 0; i < 100; i++) {
		struct call *c = begin(index_of_wait, b, SL_FOREVER);
		int index = index_of_wait(b, SL_FOREVER);

		IS(1, index + end(c));
		HOLDS(index == 0 || index == 1);
	}
}

static void barrier_acts(sl_barrier *b)
{
	struct call *c;

	acted.runs = 0;
	acted.answer = 0;
	barrier_rounds(b);
	IS(100, acted.runs);
	IS(SL_DEADLOCK, acted.inner);
	acted.answer = 77;
	c = one_waits(b);
	IS(77, sl_barrier_wait(b, SL_FOREVER, NULL));
	IS(-SL_BROKEN, end(c));
	IS(1, sl_barrier_broken(b));
	IS(0, sl_barrier_reset(b));
	acted.answer = 0;
}

static void laws_of_barrier(const char *name)
{
	sl_barrier *b = NULL;

	IS(SL_INVALID, sl_barrier_create(name, 0, NULL, NULL, &b));
	IS(SL_INVALID, sl_barrier_create(name, 0, action, NULL, &b));
	IS(0, sl_barrier_create(name, 2, NULL, NULL, &b));
	IS(2, sl_barrier_parties(b));
	barrier_rounds(b);
	barrier_breaks(b);
	barrier_rounds(b);
	IS(0, sl_barrier_destroy(b));

	IS(0, sl_barrier_create(name, 2, action, &acted, &acted.barrier));
	b = acted.barrier;
	barrier_acts(b);
	barrier_breaks(b);
	barrier_acts(b);
	IS(0, sl_barrier_destroy(b));
	IS(SL_INVALID, sl_barrier_wait(NULL, SL_TRY, NULL));
	IS(SL_INVALID, sl_barrier_abort(NULL));
	IS(SL_INVALID, sl_barrier_reset(NULL));
	IS(0, sl_barrier_waiting(NULL) + sl_barrier_parties(NULL));
	IS(0, sl_barrier_broken(NULL));
}

const struct kind law_barrier = { "barrier", create_barrier, destroy_barrier,
				  laws_of_barrier };

/* ---- once ---- */

static sl_once *once;
static atomic_int runs;

static int create_once(const char *name, void **out)
{
	return sl_once_create(name, (sl_once **)out);
}

static int destroy_once(void *o)
{
	return sl_once_destroy(o);
}

static void function(void *argument)
{
	runs++;
	IS(SL_BUSY, sl_once_destroy(once));
	IS(SL_DEADLOCK, sl_once_call(once, function, argument));
}

static int answer(void *argument)
{
	runs++;
	IS(SL_BUSY, sl_once_destroy(once));
	IS(SL_DEADLOCK, sl_once_attempt(once, answer, argument));
	return *(int *)argument;
}

static int call_it(void *o, uint64_t unused)
{
	(void)unused;
	return sl_once_call(o, function, NULL);
}

static void laws_of_once(const char *name)
{
	bool can = !sl_unsupported("once", name);
	int fails = 99, succeeds = 0;
	struct call *c;

	IS(0, sl_once_create(name, &once));
	c = begin(call_it, once, 0);
	IS(0, call_it(once, 0));
	IS(1, sl_once_done(once));
	IS(0, end(c));
	IS(1, runs);
	IS(can ? 0 : SL_UNSUPPORTED, sl_once_attempt(once, answer, &fails));
	IS(0, sl_once_destroy(once));
	runs = 0;
	IS(0, sl_once_create(name, &once));
	IS(can ? 99 : SL_UNSUPPORTED, sl_once_attempt(once, answer, &fails));
	IS(0, sl_once_done(once));
	IS(can ? 0 : SL_UNSUPPORTED, sl_once_attempt(once, answer, &succeeds));
	IS(can, sl_once_done(once));
	IS(can ? 2 : 0, runs);
	IS(0, sl_once_destroy(once));
	IS(SL_INVALID, sl_once_call(NULL, function, NULL));
	IS(SL_INVALID, sl_once_attempt(NULL, answer, NULL));
	IS(0, sl_once_done(NULL));
}

const struct kind law_once = { "once", create_once, destroy_once,
			       laws_of_once };
