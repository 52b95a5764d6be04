/* SPDX-License-Identifier: MIT */
/*
 * The queue of Michael and Scott, in which a node is linked by a relaxed
 * compare-exchange: who dequeues it may see it before its value.
 *
 * Source: M. M. Michael, M. L. Scott, "Simple, Fast, and Practical Non-
 * Blocking and Blocking Concurrent Queue Algorithms", PODC 1996
 *
 * rc11: data race
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifdef FIXED
#define LINK memory_order_release
#else
#define LINK memory_order_relaxed
#endif

struct node {
	struct node *_Atomic next;
	int value;
};

static struct node dummy, node;
static struct node *_Atomic head = &dummy, *_Atomic tail = &dummy;

static void *first(void *unused)
{
	struct node *last = atomic_load_explicit(&tail, memory_order_acquire);
	struct node *none = NULL;

	node.value = 42;
	if (atomic_compare_exchange_strong_explicit(&last->next, &none, &node,
						    LINK, memory_order_relaxed))
		atomic_compare_exchange_strong_explicit(&tail, &last, &node,
							memory_order_release,
							memory_order_relaxed);
	return unused;
}

static void *second(void *unused)
{
	struct node *old = atomic_load_explicit(&head, memory_order_acquire);
	struct node *next =
		atomic_load_explicit(&old->next, memory_order_acquire);

	if (next && atomic_compare_exchange_strong_explicit(
			    &head, &old, next, memory_order_release,
			    memory_order_relaxed))
		assert(next->value == 42);
	return unused;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
