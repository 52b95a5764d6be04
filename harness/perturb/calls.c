/* SPDX-License-Identifier: MIT */
/*
 * Calls that synchronize: a step before and one after, if an implementation
 * makes them, and BLOCKED in between if they may wait, whoever makes them.
 *
 * Each is defined here under its own name and found once more in the library.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>

#include "../bench/futex_calls.h"
#include "runtime.h"

/* The real one. RTLD_NEXT without a version finds conditions of 2002. */
static void *find(const char *name)
{
	void *real = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");

	return real ? real : dlsym(RTLD_NEXT, name);
}

/* Wrappers of the harness: of syscall, of a detour, and some room. */
enum { DEPTH = 4 };

/* The place in an implementation that a call comes from, perhaps through a
 * wrapper or two of the harness; NULL if it comes from elsewhere. */
static const void *origin(const struct thread *t, const void *pc)
{
	for (unsigned i = 0; i <= DEPTH && i <= t->depth; i++) {
		if (where_inside(pc))
			return pc;
		pc = t->callers[(t->depth - 1 - i) % CALLERS];
	}
	return NULL;
}

/* The thread, if it is one whose calls matter. */
static struct thread *enter(const void *pc, bool waits, const void **from)
{
	struct thread *t = self;

	if (!t || t->busy)
		return NULL;
	*from = origin(t, pc);
	if (*from)
		step_at(t, *from, BEFORE_CALL);
	if (waits)
		atomic_store_explicit(&t->standing, BLOCKED,
				      memory_order_relaxed);
	return t;
}

static void leave(struct thread *t, const void *from)
{
	if (!t)
		return;
	atomic_store_explicit(&t->standing, RUNNING, memory_order_relaxed);
	if (from)
		step_at(t, from, AFTER_CALL);
}

/* A call with an object; waits: may it wait for another thread? */
#define CALL(name, waits, object, parameters, arguments)                       \
	int name parameters                                                    \
	{                                                                      \
		static int(*_Atomic real) parameters;                          \
		int(*call) parameters =                                        \
			atomic_load_explicit(&real, memory_order_relaxed);     \
		const void *from = NULL;                                       \
		struct thread *t;                                              \
		int result;                                                    \
                                                                               \
		if (unlikely(!call)) {                                         \
			*(void **)&call = find(#name);                         \
			atomic_store_explicit(&real, call,                     \
					      memory_order_relaxed);           \
		}                                                              \
		t = enter(__builtin_return_address(0), waits, &from);          \
		if (from)                                                      \
			memory_access(object, 1, from, #name);                 \
		result = call arguments;                                       \
		leave(t, from);                                                \
		return result;                                                 \
	}

#define MUTEX  pthread_mutex_t *m
#define RWLOCK pthread_rwlock_t *l
#define UNTIL  const struct timespec *restrict at

CALL(pthread_mutex_lock, true, m, (MUTEX), (m))
CALL(pthread_mutex_trylock, false, m, (MUTEX), (m))
CALL(pthread_mutex_unlock, false, m, (MUTEX), (m))
CALL(pthread_mutex_clocklock, true, m,
     (pthread_mutex_t *restrict m, clockid_t clock, UNTIL), (m, clock, at))

CALL(pthread_cond_wait, true, c,
     (pthread_cond_t *restrict c, pthread_mutex_t *restrict m), (c, m))
CALL(pthread_cond_timedwait, true, c,
     (pthread_cond_t *restrict c, pthread_mutex_t *restrict m, UNTIL),
     (c, m, at))
CALL(pthread_cond_clockwait, true, c,
     (pthread_cond_t *restrict c, pthread_mutex_t *restrict m, clockid_t clock,
      UNTIL),
     (c, m, clock, at))
CALL(pthread_cond_signal, false, c, (pthread_cond_t * c), (c))
CALL(pthread_cond_broadcast, false, c, (pthread_cond_t * c), (c))

CALL(pthread_rwlock_rdlock, true, l, (RWLOCK), (l))
CALL(pthread_rwlock_wrlock, true, l, (RWLOCK), (l))
CALL(pthread_rwlock_tryrdlock, false, l, (RWLOCK), (l))
CALL(pthread_rwlock_trywrlock, false, l, (RWLOCK), (l))
CALL(pthread_rwlock_unlock, false, l, (RWLOCK), (l))
CALL(pthread_rwlock_clockrdlock, true, l,
     (pthread_rwlock_t *restrict l, clockid_t clock, UNTIL), (l, clock, at))
CALL(pthread_rwlock_clockwrlock, true, l,
     (pthread_rwlock_t *restrict l, clockid_t clock, UNTIL), (l, clock, at))

CALL(sem_wait, true, s, (sem_t * s), (s))
CALL(sem_trywait, false, s, (sem_t * s), (s))
CALL(sem_post, false, s, (sem_t * s), (s))
CALL(sem_clockwait, true, s, (sem_t *restrict s, clockid_t clock, UNTIL),
     (s, clock, at))

CALL(pthread_barrier_wait, true, b, (pthread_barrier_t * b), (b))
CALL(pthread_join, true, NULL, (pthread_t id, void **result_at),
     (id, result_at))

/* Not a step: whoever yields waits for others. */
int sched_yield(void)
{
	static int (*_Atomic real)(void);
	int (*call)(void) = atomic_load_explicit(&real, memory_order_relaxed);

	if (unlikely(!call)) {
		*(void **)&call = find("sched_yield");
		atomic_store_explicit(&real, call, memory_order_relaxed);
	}
	if (self && !self->busy)
		step_circles(self);
	return call();
}

/* A futex is only an address to the kernel: freed memory is as good. */
long answer_syscall(long number, ...) __asm__("syscall");

long answer_syscall(long number, ...)
{
	static long (*_Atomic real)(long, ...);
	long (*call)(long, ...) =
		atomic_load_explicit(&real, memory_order_relaxed);
	struct thread *t = NULL;
	const void *from = NULL;
	va_list arguments;
	long a[6], result;

	if (unlikely(!call)) {
		*(void **)&call = find("syscall");
		atomic_store_explicit(&real, call, memory_order_relaxed);
	}
	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long); /* NOLINT: it began */
	va_end(arguments);
	if (number == SYS_futex)
		t = enter(__builtin_return_address(0),
			  futex_call_of((int)a[1]) == FUTEX_CALL_WAIT, &from);
	result = call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	leave(t, from);
	return result;
}
