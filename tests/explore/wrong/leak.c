/* SPDX-License-Identifier: MIT */
/*
 * A mailbox whose old letter is overwritten, not fetched.
 *
 * rc11: leak
 * sc: leak
 * tso: leak
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static void *_Atomic mailbox;

static void *run(void *unused)
{
	void *letter = malloc(8), *old = NULL;

#ifdef FIXED
	old = atomic_exchange_explicit(&mailbox, letter, memory_order_acq_rel);
#else
	atomic_store_explicit(&mailbox, letter, memory_order_release);
#endif
	free(old);
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	for (long i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	free(atomic_exchange_explicit(&mailbox, NULL, memory_order_acquire));
	return 0;
}
