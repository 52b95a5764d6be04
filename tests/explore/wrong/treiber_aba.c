/* SPDX-License-Identifier: MIT */
/*
 * Treiber's stack: a pop that has read A and its next B sleeps while A and B
 * are popped and A is pushed again; its compare-exchange then brings B back.
 *
 * Source: R. K. Treiber, "Systems Programming: Coping with Parallelism", IBM
 * RJ 5118 (1986), which has the tag of the repaired form
 *
 * rc11: assertion
 * sc: assertion
 * tso: assertion
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum { NONE, A, B };

/* number of the node; above it, in the repaired form, a count of pushes */
static _Atomic unsigned top = A;
static _Atomic unsigned next_of[] = { NONE, B, NONE };
static _Atomic int owners[3];

static unsigned pop(void)
{
	unsigned old = atomic_load_explicit(&top, memory_order_acquire);

	while (old % 4 != NONE) {
		unsigned next = atomic_load_explicit(&next_of[old % 4],
						     memory_order_relaxed);

		if (atomic_compare_exchange_strong_explicit(
			    &top, &old, (old & ~3U) | next,
			    memory_order_acq_rel, memory_order_acquire))
			break;
	}
	old %= 4;
	if (old != NONE)
		assert(atomic_fetch_add_explicit(&owners[old], 1,
						 memory_order_relaxed) == 0);
	return old;
}

static void push(unsigned n)
{
	unsigned old = atomic_load_explicit(&top, memory_order_relaxed), tag;

	atomic_fetch_sub_explicit(&owners[n], 1, memory_order_relaxed);
	do {
		atomic_store_explicit(&next_of[n], old % 4,
				      memory_order_relaxed);
#ifdef FIXED
		tag = (old & ~3U) + 4;
#else
		tag = 0;
#endif
	} while (!atomic_compare_exchange_strong_explicit(
		&top, &old, tag | n, memory_order_acq_rel,
		memory_order_relaxed));
}

static void *first(void *unused)
{
	pop();
	pop();
	return unused;
}

static void *second(void *unused)
{
	unsigned a = pop();

	pop();
	if (a != NONE)
		push(a);
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
