/* SPDX-License-Identifier: MIT */
/*
 * Condition variables of POSIX and C11.
 *
 * Source: POSIX.1-2017 pthread_cond_wait, _timedwait, _signal, _broadcast,
 * _destroy; C11 7.26.3; pthread_cond_clockwait(3).
 *
 * A condition is a queue of sleepers (call_queue.h). Waiting is: enter the
 * queue, release the mutex wholly, sleep, take the mutex again as often as it
 * was held. That is atomic with respect to the mutex as POSIX has it: who locks
 * it after the release finds the sleeper in the queue. A waiter whose deadline
 * passes leaves the queue unless it has been taken out: no signal is lost.
 *
 * Spurious returns are explored by --spurious only. Signalling never fails, and
 * destroying a condition on which somebody waits is lock misuse. POSIX allows
 * it as soon as all waiters have been woken, even if they have not returned.
 */
#include "call_queue.h"

#include <errno.h>
#include <pthread.h>
#include <threads.h>

static uintptr_t key_of(const struct call *c)
{
	return hidden_key(HIDDEN_SLEEPERS, (uintptr_t)c->object);
}

static int wait(const struct call *c, const void *mutex, uint64_t deadline)
{
	struct call m = { "unlock to wait", mutex, c->pc };
	enum queue_end end;
	unsigned depth;

	call_check(c, sizeof(pthread_cond_t));
	call_check(&m, sizeof(pthread_mutex_t));
	queue_enter(c, key_of(c), QUEUE_ANY_MASK, false);
	depth = mutex_release(&m);
	end = queue_sleep(c, key_of(c), deadline, false);
	m.what = "lock after wait";
	mutex_regain(&m, depth);
	return end == QUEUE_EXPIRED ? ETIMEDOUT : 0;
}

static int timedwait(const struct call *c, const void *mutex,
		     const struct timespec *t)
{
	uint64_t deadline;

	if (!time_deadline(t, &deadline))
		return EINVAL;
	return wait(c, mutex, deadline);
}

static int wake(const struct call *c, unsigned n)
{
	call_check(c, sizeof(pthread_cond_t));
	queue_wake(c, key_of(c), n, QUEUE_ANY_MASK);
	return 0;
}

static int finish(const struct call *c)
{
	call_check(c, sizeof(pthread_cond_t));
	if (!queue_destroy(c, key_of(c)))
		violation_raise(LOCK_MISUSE, c->pc, "%s while a thread waits",
				c->what);
	return 0;
}

static void initialise(const struct call *c)
{
	call_check(c, sizeof(pthread_cond_t));
	call_write(c, key_of(c), __ATOMIC_RELEASE, 0);
}

CALL int __wrap_pthread_cond_init(pthread_cond_t *v,
				  const pthread_condattr_t *attributes)
{
	struct call c = CALLED("pthread_cond_init", v);

	if (running)
		initialise(&c);
	return pthread_cond_init(v, attributes);
}

CALL int __wrap_pthread_cond_destroy(pthread_cond_t *v)
{
	struct call c = CALLED("pthread_cond_destroy", v);

	if (unlikely(!running))
		return pthread_cond_destroy(v);
	return finish(&c);
}

CALL int __wrap_pthread_cond_wait(pthread_cond_t *v, pthread_mutex_t *m)
{
	struct call c = CALLED("pthread_cond_wait", v);

	if (unlikely(!running))
		return pthread_cond_wait(v, m);
	return wait(&c, m, NEVER);
}

CALL int __wrap_pthread_cond_timedwait(pthread_cond_t *v, pthread_mutex_t *m,
				       const struct timespec *t)
{
	struct call c = CALLED("pthread_cond_timedwait", v);

	if (unlikely(!running))
		return pthread_cond_timedwait(v, m, t);
	return timedwait(&c, m, t);
}

CALL int __wrap_pthread_cond_clockwait(pthread_cond_t *v, pthread_mutex_t *m,
				       clockid_t clock,
				       const struct timespec *t)
{
	struct call c = CALLED("pthread_cond_clockwait", v);

	if (unlikely(!running))
		return pthread_cond_clockwait(v, m, clock, t);
	return timedwait(&c, m, t);
}

CALL int __wrap_pthread_cond_signal(pthread_cond_t *v)
{
	struct call c = CALLED("pthread_cond_signal", v);

	if (unlikely(!running))
		return pthread_cond_signal(v);
	return wake(&c, 1);
}

CALL int __wrap_pthread_cond_broadcast(pthread_cond_t *v)
{
	struct call c = CALLED("pthread_cond_broadcast", v);

	if (unlikely(!running))
		return pthread_cond_broadcast(v);
	return wake(&c, QUEUE_ALL);
}

CALL int __wrap_cnd_init(cnd_t *v)
{
	struct call c = CALLED("cnd_init", v);

	if (running)
		initialise(&c);
	return cnd_init(v);
}

CALL void __wrap_cnd_destroy(cnd_t *v)
{
	struct call c = CALLED("cnd_destroy", v);

	if (unlikely(!running))
		cnd_destroy(v);
	else
		finish(&c);
}

CALL int __wrap_cnd_wait(cnd_t *v, mtx_t *m)
{
	struct call c = CALLED("cnd_wait", v);

	if (unlikely(!running))
		return cnd_wait(v, m); /* NOLINT: its caller has the loop */
	return wait(&c, m, NEVER) ? thrd_error : thrd_success;
}

CALL int __wrap_cnd_timedwait(cnd_t *v, mtx_t *m, const struct timespec *t)
{
	struct call c = CALLED("cnd_timedwait", v);

	if (unlikely(!running))
		return cnd_timedwait(v, m, t); /* NOLINT: as above */
	switch (timedwait(&c, m, t)) {
	case 0:
		return thrd_success;
	case ETIMEDOUT:
		return thrd_timedout;
	}
	return thrd_error;
}

CALL int __wrap_cnd_signal(cnd_t *v)
{
	struct call c = CALLED("cnd_signal", v);

	if (unlikely(!running))
		return cnd_signal(v);
	return wake(&c, 1) ? thrd_error : thrd_success;
}

CALL int __wrap_cnd_broadcast(cnd_t *v)
{
	struct call c = CALLED("cnd_broadcast", v);

	if (unlikely(!running))
		return cnd_broadcast(v);
	return wake(&c, QUEUE_ALL) ? thrd_error : thrd_success;
}
