/* SPDX-License-Identifier: MIT */
/*
 * Forks in a loop while other threads begin, use and destroy locks. As in a
 * program that is careful, the locks that the child needs are held by handlers
 * around the fork; all others it begins itself.
 *
 * Prints: every child lived
 */
#include "survive.h"

#include <semaphore.h>
#include <stdatomic.h>

static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t free_for_all = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static _Atomic int stop;

static void prepare(void)
{
	CHECK(!pthread_mutex_lock(&shared));
	CHECK(!pthread_rwlock_wrlock(&rwlock));
}

static void after(void)
{
	CHECK(!pthread_rwlock_unlock(&rwlock));
	CHECK(!pthread_mutex_unlock(&shared));
}

static void use_fresh_ones(void)
{
	pthread_mutex_t mutexes[3];
	pthread_cond_t c;
	pthread_spinlock_t spin;
	struct timespec past = { 0 };
	pthread_barrier_t barrier;
	sem_t s;

	pthread_cond_init(&c, NULL);
	pthread_spin_init(&spin, 0);
	pthread_barrier_init(&barrier, NULL, 1);
	sem_init(&s, 0, 1);
	for (int i = 0; i < 3; i++) {
		CHECK(!pthread_mutex_init(&mutexes[i], NULL));
		CHECK(!pthread_mutex_lock(&mutexes[i]));
	}
	CHECK(!pthread_spin_lock(&spin));
	CHECK(!pthread_spin_unlock(&spin));
	CHECK(pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD);
	CHECK(!sem_wait(&s));
	CHECK(pthread_cond_timedwait(&c, &mutexes[0], &past) == ETIMEDOUT);
	CHECK(!pthread_cond_destroy(&c));
	for (int i = 0; i < 3; i++) {
		CHECK(!pthread_mutex_unlock(&mutexes[i]));
		CHECK(!pthread_mutex_destroy(&mutexes[i]));
	}
	CHECK(!pthread_spin_destroy(&spin));
	CHECK(!pthread_barrier_destroy(&barrier));
	CHECK(!sem_destroy(&s));
}

static void use_shared_ones(void)
{
	CHECK(!pthread_mutex_lock(&shared));
	CHECK(!pthread_mutex_unlock(&shared));
	if (is_ours("rwlock=")) { /* the C library waits for the dead */
		CHECK(!pthread_rwlock_rdlock(&rwlock));
		CHECK(!pthread_rwlock_unlock(&rwlock));
	}
	if (is_ours("cond="))
		CHECK(!pthread_cond_broadcast(&cond));
}

static void *hammer(void *unused)
{
	struct timespec until;

	while (!atomic_load(&stop)) {
		use_fresh_ones();
		use_shared_ones();
		until = in_ms(CLOCK_REALTIME, 1);
		CHECK(!pthread_mutex_lock(&free_for_all));
		pthread_cond_timedwait(&cond, &free_for_all, &until);
		CHECK(!pthread_mutex_unlock(&free_for_all));
	}
	return unused;
}

static void *once(void *unused)
{
	use_fresh_ones();
	use_shared_ones();
	return unused;
}

int main(void)
{
	pthread_t t[2];
	int n = rounds() / 10 < 60 ? rounds() / 10 : 60;

	CHECK(!pthread_atfork(prepare, after, after));
	for (int i = 0; i < 2; i++)
		t[i] = start(hammer, NULL);
	for (int i = 0; i < n; i++) {
		pid_t child = fork();

		if (child == 0) {
			once(NULL);
			join(start(once, NULL));
			_exit(0);
		}
		await_child(child);
	}
	atomic_store(&stop, 1);
	for (int i = 0; i < 2; i++)
		join(t[i]);
	puts("every child lived");
	return 0;
}
