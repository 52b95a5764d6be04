/* SPDX-License-Identifier: MIT */
/*
 * The lock of Mellor-Crummey and Scott, whose node is linked before it says
 * that it waits: the predecessor's word comes first, and is overwritten.
 *
 * Source: J. M. Mellor-Crummey, M. L. Scott, "Algorithms for Scalable
 * Synchronization on Shared-Memory Multiprocessors", ACM TOCS 9(1), 1991
 *
 * rc11: livelock
 * sc: livelock
 * tso: livelock
 */
#include <pthread.h>
#include <stdatomic.h>

struct node {
	struct node *_Atomic next;
	_Atomic int waits;
};

static struct node *_Atomic tail;
static int section;

static void lock(struct node *n)
{
	struct node *before;

#ifdef FIXED
	atomic_store_explicit(&n->waits, 1, memory_order_relaxed);
#endif
	before = atomic_exchange_explicit(&tail, n, memory_order_acq_rel);
	if (!before)
		return;
	atomic_store_explicit(&before->next, n, memory_order_release);
#ifndef FIXED
	atomic_store_explicit(&n->waits, 1, memory_order_relaxed);
#endif
	while (atomic_load_explicit(&n->waits, memory_order_acquire))
		;
}

static void unlock(struct node *n)
{
	struct node *last = n, *next;

	if (atomic_compare_exchange_strong_explicit(&tail, &last, NULL,
						    memory_order_release,
						    memory_order_relaxed))
		return;
	while (!(next = atomic_load_explicit(&n->next, memory_order_acquire)))
		;
	atomic_store_explicit(&next->waits, 0, memory_order_release);
}

static struct node nodes[2];

static void *run(void *argument)
{
	struct node *n = &nodes[(long)argument];

	lock(n);
	section++;
	unlock(n);
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
