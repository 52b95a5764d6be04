/* SPDX-License-Identifier: MIT */
/*
 * Two threads count in a plain variable.
 *
 * Source: C11 5.1.2.4p25
 *
 * rc11: data race
 * sc: data race
 * tso: data race
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifdef FIXED
static _Atomic int counter;
#else
static int counter;
#endif

static void *run(void *unused)
{
	counter++;
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	for (long i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert(counter == 2);
	return 0;
}
