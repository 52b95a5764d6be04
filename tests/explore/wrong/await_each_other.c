/* SPDX-License-Identifier: MIT */
/*
 * Two threads, each waiting for the other to begin.
 *
 * Source: await termination: J. Oberhauser et al., "VSync", ASPLOS 2021
 *
 * rc11: livelock
 * sc: livelock
 * tso: livelock
 */
#include <pthread.h>
#include <stdatomic.h>

static _Atomic int arrived[2];

static void *run(void *argument)
{
	long self = (long)argument;

#ifdef FIXED
	atomic_store_explicit(&arrived[self], 1, memory_order_relaxed);
#endif
	while (!atomic_load_explicit(&arrived[!self], memory_order_relaxed))
		;
#ifndef FIXED
	atomic_store_explicit(&arrived[self], 1, memory_order_relaxed);
#endif
	return NULL;
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
