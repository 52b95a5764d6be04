/* SPDX-License-Identifier: MIT */
/*
 * Hundreds of threads, most of them waiting at the same condition, mutex,
 * semaphore and rwlock.
 *
 * Prints: all came through
 */
#include "survive.h"

#include <semaphore.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static int ready, there, sum;

static void *wait_in_line(void *unused)
{
	pthread_mutex_lock(&mutex);
	there++;
	while (!ready)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	sem_wait(&semaphore);
	pthread_rwlock_rdlock(&rwlock);
	pthread_rwlock_unlock(&rwlock);
	pthread_rwlock_wrlock(&rwlock);
	sum++;
	pthread_rwlock_unlock(&rwlock);
	sem_post(&semaphore);
	return unused;
}

int main(void)
{
	enum { MANY = 500 };
	pthread_t t[MANY];
	pthread_attr_t small;
	int n = rounds() < MANY ? rounds() : MANY;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	sem_init(&semaphore, 0, 0);
	for (int i = 0; i < n; i++)
		CHECK(!pthread_create(&t[i], &small, wait_in_line, NULL));
	for (int all = 0; !all;) {
		sleep_ms(1);
		pthread_mutex_lock(&mutex);
		all = there == n;
		ready = all;
		if (all)
			pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	sem_post(&semaphore);
	for (int i = 0; i < n; i++)
		join(t[i]);
	CHECK(sum == n);
	puts("all came through");
	return 0;
}
