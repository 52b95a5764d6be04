/* SPDX-License-Identifier: MIT */
/*
 * Two mutexes, taken in opposite orders.
 *
 * Source: E. G. Coffman et al., "System Deadlocks", 1971
 *
 * rc11: deadlock
 * sc: deadlock
 * tso: deadlock
 */
#include <pthread.h>

static pthread_mutex_t mutex[2] = { PTHREAD_MUTEX_INITIALIZER,
				    PTHREAD_MUTEX_INITIALIZER };

static void *run(void *argument)
{
#ifdef FIXED
	long one = 0;
#else
	long one = (long)argument;
#endif

	pthread_mutex_lock(&mutex[one]);
	pthread_mutex_lock(&mutex[!one]);
	pthread_mutex_unlock(&mutex[!one]);
	pthread_mutex_unlock(&mutex[one]);
	return argument;
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
