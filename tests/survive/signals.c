/* SPDX-License-Identifier: MIT */
/*
 * Handlers run in threads that wait in each of the calls, with SA_RESTART and
 * without; they post semaphores. A timer for profiles fires all the time. errno
 * is the program's: no call that succeeds changes it.
 *
 * Prints: the handlers disturbed nobody
 */
#include "survive.h"

#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static sem_t semaphore, handled, there;
static int go, sum;
static _Atomic int ticks;

static void handle(int number)
{
	(void)number;
	sem_post(&handled);
}

static void tick(int number)
{
	(void)number;
	atomic_fetch_add(&ticks, 1);
}

static void set_handler(int number, void (*handler)(int), int flags)
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = flags };

	CHECK(!sigaction(number, &a, NULL));
}

static void *in_mutex(void *unused)
{
	sem_post(&there);
	CHECK(!pthread_mutex_lock(&mutex));
	CHECK(!pthread_mutex_unlock(&mutex));
	return unused;
}

static void *in_rwlock(void *unused)
{
	sem_post(&there);
	CHECK(!pthread_rwlock_rdlock(&rwlock));
	CHECK(!pthread_rwlock_unlock(&rwlock));
	return unused;
}

static void *in_cond(void *unused)
{
	CHECK(!pthread_mutex_lock(&recursive));
	sem_post(&there);
	while (!go)
		CHECK(!pthread_cond_wait(&cond, &recursive));
	CHECK(!pthread_mutex_unlock(&recursive));
	return unused;
}

static void *in_barrier(void *unused)
{
	int r;

	sem_post(&there);
	r = pthread_barrier_wait(&barrier);
	CHECK(!r || r == PTHREAD_BARRIER_SERIAL_THREAD);
	return unused;
}

/* The only one that a handler may end. */
static void *in_semaphore(void *unused)
{
	sem_post(&there);
	while (sem_wait(&semaphore))
		CHECK(errno == EINTR);
	return unused;
}

static void interrupt_all(int flags)
{
	void *(*const calls[])(void *) = { in_mutex, in_rwlock, in_cond,
					   in_barrier, in_semaphore };
	enum { N = sizeof(calls) / sizeof(*calls) };
	pthread_t t[N];

	set_handler(SIGUSR1, handle, flags);
	go = 0;
	CHECK(!pthread_mutex_lock(&mutex));
	CHECK(!pthread_rwlock_wrlock(&rwlock));
	for (int i = 0; i < N; i++) {
		t[i] = start(calls[i], NULL);
		CHECK(!sem_wait(&there));
	}
	for (int k = 0; k < 10; k++)
		for (int i = 0; i < N; i++) {
			CHECK(!pthread_kill(t[i], SIGUSR1));
			while (sem_wait(&handled))
				;
		}
	CHECK(!pthread_mutex_unlock(&mutex));
	CHECK(!pthread_rwlock_unlock(&rwlock));
	CHECK(!pthread_mutex_lock(&recursive));
	go = 1;
	CHECK(!pthread_cond_broadcast(&cond));
	CHECK(!pthread_mutex_unlock(&recursive));
	pthread_barrier_wait(&barrier);
	CHECK(!sem_post(&semaphore));
	for (int i = 0; i < N; i++)
		join(t[i]);
}

static void *hammer(void *unused)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 10000);

	errno = 77;
	for (int i = 0; i < rounds() / 4; i++) {
		int mine;

		CHECK(!pthread_mutex_lock(&mutex) && errno == 77);
		mine = ++sum;
		CHECK(!pthread_cond_signal(&cond) && errno == 77);
		sched_yield();
		CHECK(sum == mine);
		CHECK(!pthread_mutex_unlock(&mutex) && errno == 77);
		CHECK(!pthread_mutex_timedlock(&recursive, &soon));
		CHECK(!pthread_mutex_unlock(&recursive) && errno == 77);
		CHECK(!pthread_rwlock_rdlock(&rwlock) && errno == 77);
		CHECK(!pthread_rwlock_unlock(&rwlock) && errno == 77);
		CHECK(!pthread_spin_lock(&spin) && errno == 77);
		CHECK(!pthread_spin_unlock(&spin) && errno == 77);
		CHECK(!sem_post(&semaphore) && errno == 77);
		while (sem_wait(&semaphore))
			CHECK(errno == EINTR);
		errno = 77;
	}
	soon = in_ms(CLOCK_REALTIME, 2);
	CHECK(!pthread_mutex_lock(&mutex));
	CHECK(pthread_cond_timedwait(&cond, &mutex, &soon) == ETIMEDOUT ||
	      errno == 77);
	CHECK(!pthread_mutex_unlock(&mutex) && errno == 77);
	return unused;
}

static void profile(void)
{
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval never = { 0 };
	pthread_t t[3];

	set_handler(SIGPROF, tick, SA_RESTART);
	CHECK(!setitimer(ITIMER_PROF, &often, NULL));
	for (int i = 0; i < 3; i++)
		t[i] = start(hammer, NULL);
	for (int i = 0; i < 3; i++)
		join(t[i]);
	CHECK(sum == rounds() / 4 * 3);
	CHECK(!setitimer(ITIMER_PROF, &never, NULL));
}

int main(void)
{
	errno = 77;
	CHECK(!pthread_mutex_lock(&mutex) && errno == 77);
	CHECK(!pthread_mutex_unlock(&mutex) && errno == 77);
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_spin_init(&spin, 0);
	sem_init(&semaphore, 0, 0);
	sem_init(&handled, 0, 0);
	sem_init(&there, 0, 0);
	interrupt_all(SA_RESTART);
	interrupt_all(0);
	profile();
	puts("the handlers disturbed nobody");
	return 0;
}
