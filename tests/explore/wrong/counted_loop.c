/* SPDX-License-Identifier: MIT */
/*
 * A waiter that counts its turns, then looks at another word, and takes it for
 * granted that the first word is still as it was.
 *
 * Source: our own; the explorer once let a thread that had spun see nothing new
 * by the same load (barrier/futex, which looks by one function)
 *
 * rc11: assertion
 * sc: assertion
 * tso: assertion
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

extern void explore_relax(void) __attribute__((weak));

static atomic_int word, other;

static __attribute__((noinline)) int look(void)
{
	return atomic_load_explicit(&word, memory_order_relaxed);
}

/* It is there within three turns. */
static bool spin(void)
{
	for (int turn = 0; turn < 3; turn++) {
		if (look())
			return true;
		if (explore_relax)
			explore_relax();
	}
	return false;
}

static void *wait(void *unused)
{
	if (spin())
		return unused;
	atomic_load_explicit(&other, memory_order_relaxed);
#ifdef FIXED
	look();
#else
	assert(look() == 0);
#endif
	return unused;
}

static void *set(void *unused)
{
	atomic_store_explicit(&word, 1, memory_order_relaxed);
	return unused;
}

int main(void)
{
	pthread_t a, b;

	pthread_create(&a, NULL, wait, NULL);
	pthread_create(&b, NULL, set, NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	return 0;
}
