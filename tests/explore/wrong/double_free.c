/* SPDX-License-Identifier: MIT */
/*
 * Who is the last to leave is decided by a load and a store.
 *
 * Source: C11 7.22.3.3
 *
 * rc11: bad free
 * sc: bad free
 * tso: bad free
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static int *object;
static _Atomic int freed;

static void *run(void *unused)
{
#ifdef FIXED
	if (atomic_exchange_explicit(&freed, 1, memory_order_acq_rel))
		return unused;
#else
	if (atomic_load_explicit(&freed, memory_order_acquire))
		return unused;
	atomic_store_explicit(&freed, 1, memory_order_release);
#endif
	free(object);
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	object = malloc(sizeof(*object));
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
