/* SPDX-License-Identifier: MIT */
/*
 * A function that locks calls another that locks.
 *
 * Source: POSIX.1-2017, pthread_mutex_lock
 *
 * rc11: deadlock or lock misuse
 * sc: deadlock or lock misuse
 * tso: deadlock or lock misuse
 */
#include <pthread.h>

#ifdef FIXED
static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
#else
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
#endif
static int n;

static void add(void)
{
	pthread_mutex_lock(&mutex);
	n++;
	pthread_mutex_unlock(&mutex);
}

static void *run(void *unused)
{
	pthread_mutex_lock(&mutex);
	add();
	pthread_mutex_unlock(&mutex);
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	for (long i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
