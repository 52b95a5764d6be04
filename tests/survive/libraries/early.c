/* SPDX-License-Identifier: MIT */
/*
 * A library of early.c: its constructor runs before the program's, and perhaps
 * before the interposer's. It locks, starts threads that wait, and registers
 * handlers for fork.
 */
#include "../survive.h"

int early_sum(void);
int early_forks(void);
void early_stop(void);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t around_fork = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int sum, stopped, forks;
static pthread_t lasting;

static void *add(void *unused)
{
	pthread_mutex_lock(&mutex);
	sum++;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&mutex);
	return unused;
}

/* Waits from before main until the program says stop. */
static void *last(void *unused)
{
	pthread_mutex_lock(&mutex);
	while (!stopped)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void prepare(void)
{
	pthread_mutex_lock(&around_fork);
	pthread_mutex_lock(&mutex); /* the one that lasts may have it */
}

static void after(void)
{
	forks++;
	pthread_mutex_unlock(&mutex);
	pthread_mutex_unlock(&around_fork);
}

__attribute__((constructor(101))) static void construct(void)
{
	pthread_t t[4];

	pthread_atfork(prepare, after, after);
	for (int i = 0; i < 4; i++)
		t[i] = start(add, NULL);
	lasting = start(last, NULL);
	pthread_mutex_lock(&mutex);
	while (sum < 4)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 4; i++)
		join(t[i]);
}

__attribute__((destructor)) static void destruct(void)
{
	pthread_mutex_lock(&mutex);
	sum = 0;
	pthread_mutex_unlock(&mutex);
}

void early_stop(void)
{
	pthread_mutex_lock(&mutex);
	stopped = 1;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&mutex);
	join(lasting);
}

int early_sum(void)
{
	pthread_mutex_lock(&mutex);
	int s = sum;
	pthread_mutex_unlock(&mutex);
	return s;
}

int early_forks(void)
{
	pthread_mutex_lock(&around_fork);
	int f = forks;
	pthread_mutex_unlock(&around_fork);
	return f;
}
