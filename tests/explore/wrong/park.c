/* SPDX-License-Identifier: MIT */
/*
 * A sleeper says that it sleeps and looks whether there is work; a waker
 * makes work and looks whether somebody sleeps. Without a fence each may
 * miss the other: Dekker with a futex.
 *
 * Source: U. Drepper, "Futexes Are Tricky" (2011), section 6; the comment at
 * the head of Linux kernel/futex/waitwake.c
 *
 * rc11: deadlock
 * tso: deadlock
 * sc: verified
 */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic unsigned asleep;
static _Atomic int work;

static void fence(void)
{
#ifdef FIXED
	atomic_thread_fence(memory_order_seq_cst);
#endif
}

static void *first(void *unused)
{
	atomic_store_explicit(&asleep, 1, memory_order_relaxed);
	fence();
	if (!atomic_load_explicit(&work, memory_order_relaxed))
		syscall(SYS_futex, &asleep, FUTEX_WAIT_PRIVATE, 1, NULL, NULL,
			0);
	return unused;
}

static void *second(void *unused)
{
	atomic_store_explicit(&work, 1, memory_order_relaxed);
	fence();
	if (atomic_load_explicit(&asleep, memory_order_relaxed)) {
		atomic_store_explicit(&asleep, 0, memory_order_relaxed);
		syscall(SYS_futex, &asleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL,
			0);
	}
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
