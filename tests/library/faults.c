/* SPDX-License-Identifier: MIT */
/*
 * Stands before the C library: memory and threads are refused on demand, and
 * who goes to sleep or yields is counted.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "laws.h"

_Thread_local bool no_memory;
bool no_threads;
static atomic_uint waited;

unsigned waits(void)
{
	return waited;
}

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t n)
{
	return no_memory ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return no_memory ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	return no_memory ? NULL : __libc_realloc(p, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
	return no_memory ? NULL : __libc_memalign(alignment, n);
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

int pthread_create(pthread_t *t, const pthread_attr_t *attr,
		   void *(*function)(void *), void *argument)
{
	return no_threads ? EAGAIN
			  : REAL(pthread_create)(t, attr, function, argument);
}

long syscall(long number, ...)
{
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_futex && (a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET)
		waited++;
	return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

int sched_yield(void)
{
	waited++;
	return REAL(sched_yield)();
}

int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	waited++;
	return REAL(pthread_cond_wait)(c, m);
}

int pthread_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m,
			   clockid_t clock, const struct timespec *t)
{
	waited++;
	return REAL(pthread_cond_clockwait)(c, m, clock, t);
}

int sem_wait(sem_t *s)
{
	waited++;
	return REAL(sem_wait)(s);
}
