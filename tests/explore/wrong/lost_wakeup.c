/* SPDX-License-Identifier: MIT */
/*
 * A waiter looks at the condition first and at the futex word afterwards:
 * all that the waker does may fall in between.
 *
 * Source: U. Drepper, "Futexes Are Tricky" (2011), section 4: events
 *
 * rc11: deadlock
 * sc: deadlock
 * tso: deadlock
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic unsigned word;
static _Atomic int ready;

static void *first(void *unused)
{
#ifdef FIXED
	unsigned seen = atomic_load_explicit(&word, memory_order_acquire);

	if (!atomic_load_explicit(&ready, memory_order_acquire))
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL,
			0);
#else
	if (!atomic_load_explicit(&ready, memory_order_acquire))
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE,
			atomic_load_explicit(&word, memory_order_acquire), NULL,
			NULL, 0);
#endif
	return unused;
}

static void *second(void *unused)
{
	atomic_store_explicit(&ready, 1, memory_order_release);
	atomic_fetch_add_explicit(&word, 1, memory_order_release);
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
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
