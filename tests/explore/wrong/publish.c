/* SPDX-License-Identifier: MIT */
/*
 * A pointer to a new object is published without release, as if it were for
 * rcu_dereference.
 *
 * Source: P. E. McKenney, "Is Parallel Programming Hard", section 9.5
 * (rcu_assign_pointer)
 *
 * rc11: data race
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifdef FIXED
#define PUBLISH memory_order_release
#else
#define PUBLISH memory_order_relaxed
#endif

static int object, *_Atomic shared;

static void *first(void *unused)
{
	object = 42;
	atomic_store_explicit(&shared, &object, PUBLISH);
	return unused;
}

static void *second(void *unused)
{
	int *p = atomic_load_explicit(&shared, memory_order_acquire);

	if (p)
		assert(*p == 42);
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
