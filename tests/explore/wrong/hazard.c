/* SPDX-License-Identifier: MIT */
/*
 * A hazard pointer that is announced without a fence: who reclaims may not
 * see it, and the reader may have read the old pointer still.
 *
 * Source: M. M. Michael, "Hazard Pointers", IEEE TPDS 15(6), 2004, section 3
 *
 * rc11: use after free or data race
 * tso: use after free or data race
 * sc: verified
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifdef FIXED
#define ORDER memory_order_seq_cst
#define STORE memory_order_seq_cst
#else
#define ORDER memory_order_acquire
#define STORE memory_order_release
#endif

static int *_Atomic shared, *_Atomic hazard;
static int *kept;

static void *first(void *unused)
{
	int *p = atomic_load_explicit(&shared, memory_order_acquire);

	if (!p)
		return unused;
	atomic_store_explicit(&hazard, p, STORE);
	if (atomic_load_explicit(&shared, ORDER) == p)
		assert(*p == 42);
	atomic_store_explicit(&hazard, NULL, memory_order_release);
	return unused;
}

static void *second(void *unused)
{
	int *p = atomic_load_explicit(&shared, memory_order_acquire);

	atomic_store_explicit(&shared, NULL, STORE);
	if (atomic_load_explicit(&hazard, ORDER) == p)
		kept = p;
	else
		free(p);
	return unused;
}

int main(void)
{
	pthread_t a, b;
	int *p = malloc(sizeof(*p));

	*p = 42;
	atomic_store_explicit(&shared, p, memory_order_relaxed);
	pthread_create(&a, NULL, first, NULL);
	pthread_create(&b, NULL, second, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	free(kept);
	return 0;
}
