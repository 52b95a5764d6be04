/* SPDX-License-Identifier: MIT */
/*
 * Static initialisers of every type, and memory that is zero and was never
 * initialised.
 *
 * Prints: every type behaves
 */
#include "survive.h"

#include <semaphore.h>

static pthread_mutex_t normal = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t readers = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t writers =
	PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int ran, ready;

static void run(void)
{
	ran++;
}

static void *try_all(void *unused)
{
	CHECK(pthread_mutex_trylock(&normal) == EBUSY);
	CHECK(pthread_mutex_trylock(&recursive) == EBUSY);
	CHECK(pthread_mutex_trylock(&checking) == EBUSY);
	CHECK(pthread_mutex_trylock(&adaptive) == EBUSY);
	CHECK(pthread_mutex_unlock(&recursive) == EPERM);
	CHECK(pthread_mutex_unlock(&checking) == EPERM);
	CHECK(pthread_rwlock_trywrlock(&readers) == EBUSY);
	CHECK(pthread_rwlock_tryrdlock(&writers) == EBUSY);
	return unused;
}

static void hold_all(void)
{
	CHECK(!pthread_mutex_lock(&normal));
	CHECK(!pthread_mutex_lock(&adaptive));
	CHECK(pthread_mutex_trylock(&normal) == EBUSY);
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_mutex_lock(&recursive));
	CHECK(!pthread_mutex_lock(&checking));
	CHECK(pthread_mutex_lock(&checking) == EDEADLK);
	CHECK(!pthread_rwlock_rdlock(&readers));
	CHECK(!pthread_rwlock_wrlock(&writers));
	CHECK(pthread_rwlock_wrlock(&writers) == EDEADLK);
}

static void release_all(void)
{
	for (int i = 0; i < 3; i++)
		CHECK(!pthread_mutex_unlock(&recursive));
	CHECK(pthread_mutex_unlock(&recursive) == EPERM);
	CHECK(!pthread_mutex_unlock(&checking));
	CHECK(!pthread_mutex_unlock(&normal));
	CHECK(!pthread_mutex_unlock(&adaptive));
	CHECK(!pthread_rwlock_unlock(&readers));
	CHECK(!pthread_rwlock_unlock(&writers));
}

static void *set_ready(void *unused)
{
	pthread_mutex_lock(&adaptive);
	ready = 1;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&adaptive);
	return unused;
}

static void zeroes(void)
{
	struct {
		pthread_mutex_t mutex;
		pthread_cond_t cond;
		pthread_rwlock_t rwlock;
		sem_t semaphore;
		pthread_once_t once;
	} *z = calloc(1, sizeof(*z));
	struct timespec soon = in_ms(CLOCK_REALTIME, 5);

	CHECK(z != NULL);
	CHECK(!pthread_mutex_lock(&z->mutex));
	CHECK(pthread_cond_timedwait(&z->cond, &z->mutex, &soon) == ETIMEDOUT);
	CHECK(!pthread_mutex_unlock(&z->mutex));
	CHECK(!pthread_rwlock_wrlock(&z->rwlock));
	CHECK(!pthread_rwlock_unlock(&z->rwlock));
	CHECK(sem_trywait(&z->semaphore) == -1 && errno == EAGAIN);
	CHECK(!sem_post(&z->semaphore));
	CHECK(!sem_wait(&z->semaphore));
	CHECK(!pthread_once(&z->once, run));
	free(z);
}

int main(void)
{
	pthread_t t;

	hold_all();
	join(start(try_all, NULL));
	release_all();
	pthread_mutex_lock(&adaptive);
	t = start(set_ready, NULL);
	while (!ready)
		CHECK(!pthread_cond_wait(&cond, &adaptive));
	pthread_mutex_unlock(&adaptive);
	join(t);
	pthread_once(&once, run);
	pthread_once(&once, run);
	zeroes();
	CHECK(ran == 2);
	puts("every type behaves");
	return 0;
}
