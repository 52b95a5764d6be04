/* SPDX-License-Identifier: MIT */
/*
 * Both raise a flag and look at the other one. Without a fence between, each
 * may miss the other.
 *
 * Source: E. W. Dijkstra, EWD 123 (1965), after T. J. Dekker
 *
 * rc11: data race
 * tso: data race
 * sc: verified
 */
#include <pthread.h>
#include <stdatomic.h>

static _Atomic int flag[2];
static int section;

static void *run(void *argument)
{
	long self = (long)argument;

	atomic_store_explicit(&flag[self], 1, memory_order_relaxed);
#ifdef FIXED
	atomic_thread_fence(memory_order_seq_cst);
#endif
	if (!atomic_load_explicit(&flag[!self], memory_order_relaxed))
		section++;
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
