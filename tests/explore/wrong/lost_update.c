/* SPDX-License-Identifier: MIT */
/*
 * Two threads count in an atomic variable by load and store.
 *
 * Source: C11 7.17.3p12
 *
 * rc11: assertion
 * sc: assertion
 * tso: assertion
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static _Atomic int counter;

static void *run(void *unused)
{
#ifdef FIXED
	atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);
#else
	int n = atomic_load_explicit(&counter, memory_order_relaxed);

	atomic_store_explicit(&counter, n + 1, memory_order_relaxed);
#endif
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	for (long i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert(atomic_load_explicit(&counter, memory_order_relaxed) == 2);
	return 0;
}
