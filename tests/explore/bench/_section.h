/* SPDX-License-Identifier: MIT */
/*
 * The program of `make bench-explore`: THREADS threads, one section each, a
 * plain counter in it. The file that includes this has lock and unlock; me is
 * the number of the thread.
 */
#include <assert.h>
#include <pthread.h>
#include <stdint.h>

static int counter;

static void *section(void *argument)
{
	int me = (int)(intptr_t)argument;

	lock(me);
	counter++;
	unlock(me);
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];

	for (intptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, section, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert(counter == THREADS);
	return 0;
}
