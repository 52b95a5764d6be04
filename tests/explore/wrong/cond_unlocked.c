/* SPDX-License-Identifier: MIT */
/*
 * The predicate changes, and is signalled, without the mutex: between the
 * check and the wait.
 *
 * Source: POSIX.1-2017, pthread_cond_wait, rationale
 *
 * rc11: deadlock
 * sc: deadlock
 * tso: deadlock
 */
#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static _Atomic int ready;

static void *first(void *unused)
{
	pthread_mutex_lock(&mutex);
	while (!atomic_load_explicit(&ready, memory_order_acquire))
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void *second(void *unused)
{
#ifdef FIXED
	pthread_mutex_lock(&mutex);
#endif
	atomic_store_explicit(&ready, 1, memory_order_release);
	pthread_cond_signal(&cond);
#ifdef FIXED
	pthread_mutex_unlock(&mutex);
#endif
	return unused;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
