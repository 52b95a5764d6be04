/* SPDX-License-Identifier: MIT */
/*
 * The three-state mutex. Source: U. Drepper, "Futexes are tricky" (2011),
 * section 5.2.
 */
#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef THREADS
#define THREADS 2
#endif

enum { UNLOCKED, LOCKED, CONTENDED };

static atomic_int word;

static void lock(int me)
{
	int seen = UNLOCKED;

	(void)me;
	if (atomic_compare_exchange_strong_explicit(&word, &seen, LOCKED,
						    memory_order_acquire,
						    memory_order_relaxed))
		return;
	if (seen != CONTENDED)
		seen = atomic_exchange_explicit(&word, CONTENDED,
						memory_order_acquire);
	while (seen != UNLOCKED) {
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, CONTENDED, NULL);
		seen = atomic_exchange_explicit(&word, CONTENDED,
						memory_order_acquire);
	}
}

static void unlock(int me)
{
	(void)me;
	if (atomic_exchange_explicit(&word, UNLOCKED, memory_order_release) ==
	    CONTENDED)
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
}

#include "_section.h"
