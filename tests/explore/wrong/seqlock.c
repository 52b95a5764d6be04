/* SPDX-License-Identifier: MIT */
/*
 * A seqlock whose reader orders its second look at the sequence after the
 * data by nothing, and whose writer orders the data after the odd sequence
 * by nothing.
 *
 * Source: H.-J. Boehm, "Can Seqlocks Get Along With Programming Language
 * Memory Models?", MSPC 2012, figures 3 and 6
 *
 * rc11: assertion
 * tso: verified
 * sc: verified
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static _Atomic unsigned sequence;
static _Atomic int data[2];

static void *first(void *unused)
{
	atomic_store_explicit(&sequence, 1, memory_order_relaxed);
#ifdef FIXED
	atomic_thread_fence(memory_order_release);
#endif
	for (int i = 0; i < 2; i++)
		atomic_store_explicit(&data[i], 1, memory_order_relaxed);
	atomic_store_explicit(&sequence, 2, memory_order_release);
	return unused;
}

static void *second(void *unused)
{
	unsigned before = atomic_load_explicit(&sequence, memory_order_acquire);
	int a = atomic_load_explicit(&data[0], memory_order_relaxed);
	int b = atomic_load_explicit(&data[1], memory_order_relaxed);

#ifdef FIXED
	atomic_thread_fence(memory_order_acquire);
#endif
	if (before % 2 == 0 &&
	    atomic_load_explicit(&sequence, memory_order_relaxed) == before)
		assert(a == b);
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
