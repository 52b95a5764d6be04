/* SPDX-License-Identifier: MIT */
/*
 * A mutex is unlocked by a thread that does not hold it.
 *
 * Source: POSIX.1-2017, pthread_mutex_unlock
 *
 * rc11: lock misuse
 * sc: lock misuse
 * tso: lock misuse
 */
#include <pthread.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *other(void *unused)
{
#ifdef FIXED
	pthread_mutex_lock(&mutex);
#endif
	pthread_mutex_unlock(&mutex);
	return unused;
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, other, NULL);
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	pthread_join(thread, NULL);
	return 0;
}
