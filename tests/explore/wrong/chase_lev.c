/* SPDX-License-Identifier: MIT */
/*
 * The work-stealing deque without the fence in take: the owner takes the
 * last item, without a compare-exchange, while a thief steals it.
 *
 * Source: N. M. Le, A. Pop, A. Cohen, F. Zappa Nardelli, "Correct and
 * Efficient Work-Stealing for Weak Memory Models", PPoPP 2013, figure 1
 *
 * rc11: assertion
 * tso: assertion
 * sc: verified
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

enum { ITEMS = 2 };

static _Atomic long top, bottom = ITEMS;
static _Atomic int given[ITEMS];

static void hand_out(long item)
{
	atomic_fetch_add_explicit(&given[item], 1, memory_order_relaxed);
}

static void take(void)
{
	long b = atomic_load_explicit(&bottom, memory_order_relaxed) - 1, t;

	atomic_store_explicit(&bottom, b, memory_order_relaxed);
#ifdef FIXED
	atomic_thread_fence(memory_order_seq_cst);
#endif
	t = atomic_load_explicit(&top, memory_order_relaxed);
	if (t < b) {
		hand_out(b);
		return;
	}
	if (t == b && atomic_compare_exchange_strong_explicit(
			      &top, &t, t + 1, memory_order_seq_cst,
			      memory_order_relaxed))
		hand_out(b);
	atomic_store_explicit(&bottom, b + 1, memory_order_relaxed);
}

static void steal(void)
{
	long t = atomic_load_explicit(&top, memory_order_acquire), b;

	atomic_thread_fence(memory_order_seq_cst);
	b = atomic_load_explicit(&bottom, memory_order_acquire);
	if (t < b && atomic_compare_exchange_strong_explicit(
			     &top, &t, t + 1, memory_order_seq_cst,
			     memory_order_relaxed))
		hand_out(t);
}

static void *first(void *unused)
{
	take();
	return unused;
}

static void *second(void *unused)
{
	steal();
	steal();
	return unused;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	for (int i = 0; i < ITEMS; i++)
		assert(atomic_load_explicit(&given[i], memory_order_relaxed) <=
		       1);
	return 0;
}
