/* SPDX-License-Identifier: MIT */
/*
 * Threads with the smallest stack that there is, and fibres that lock, on
 * stacks of the program's own; one goes on in another thread while it holds a
 * lock.
 *
 * Prints: there was room
 */
#include "survive.h"

#include <limits.h>
#include <sys/mman.h>
#include <ucontext.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t carried = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static int ready, sum;

static void *use_all(void *unused)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 1);

	pthread_mutex_lock(&mutex);
	pthread_cond_timedwait(&cond, &mutex, &soon);
	while (!ready)
		pthread_cond_wait(&cond, &mutex);
	sum++;
	pthread_mutex_unlock(&mutex);
	pthread_rwlock_wrlock(&rwlock);
	pthread_rwlock_unlock(&rwlock);
	return unused;
}

static void small(void)
{
	pthread_attr_t a;
	pthread_t t[8];

	pthread_attr_init(&a);
	CHECK(!pthread_attr_setstacksize(&a, (size_t)PTHREAD_STACK_MIN));
	for (int i = 0; i < 8; i++)
		CHECK(!pthread_create(&t[i], &a, use_all, NULL));
	pthread_mutex_lock(&mutex);
	ready = 1;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 8; i++)
		join(t[i]);
	CHECK(sum == 8);
}

static ucontext_t caller, fibre;

static void in_fibre(void)
{
	pthread_mutex_t nested = PTHREAD_MUTEX_INITIALIZER;

	for (int i = 0; i < 20; i++) {
		CHECK(!pthread_mutex_lock(&carried));
		CHECK(!pthread_mutex_lock(&nested));
		CHECK(!pthread_rwlock_wrlock(&rwlock));
		CHECK(!pthread_rwlock_unlock(&rwlock));
		swapcontext(&fibre, &caller);
		CHECK(!pthread_mutex_unlock(&nested));
		CHECK(!pthread_mutex_unlock(&carried));
		swapcontext(&fibre, &caller);
	}
}

static void *resume(void *unused)
{
	swapcontext(&caller, &fibre);
	return unused;
}

static void fibres(void)
{
	size_t bytes = 64 * 1024;
	char *stack = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(stack != MAP_FAILED);
	getcontext(&fibre);
	fibre.uc_stack.ss_sp = stack;
	fibre.uc_stack.ss_size = bytes;
	fibre.uc_link = NULL;
	makecontext(&fibre, in_fibre, 0);
	for (int i = 0; i < 20; i++) {
		resume(NULL);
		CHECK(pthread_mutex_trylock(&carried) == EBUSY);
		join(start(resume, NULL));
		CHECK(!pthread_mutex_trylock(&carried));
		CHECK(!pthread_mutex_unlock(&carried));
	}
	CHECK(!munmap(stack, bytes));
}

int main(void)
{
	small();
	fibres();
	puts("there was room");
	return 0;
}
