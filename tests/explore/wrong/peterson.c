/* SPDX-License-Identifier: MIT */
/*
 * Peterson's lock with release and acquire only.
 *
 * Source: G. L. Peterson, "Myths About the Mutual Exclusion Problem", 1981
 *
 * rc11: data race
 * tso: data race
 * sc: verified
 */
#include <pthread.h>
#include <stdatomic.h>

#ifdef FIXED
#define STORE memory_order_seq_cst
#define LOAD  memory_order_seq_cst
#else
#define STORE memory_order_release
#define LOAD  memory_order_acquire
#endif

static _Atomic int flag[2];
static _Atomic long turn;
static int section;

static void *run(void *argument)
{
	long self = (long)argument;

	atomic_store_explicit(&flag[self], 1, STORE);
	atomic_store_explicit(&turn, !self, STORE);
	while (atomic_load_explicit(&flag[!self], LOAD) &&
	       atomic_load_explicit(&turn, LOAD) != self)
		;
	section++;
	atomic_store_explicit(&flag[self], 0, memory_order_release);
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
