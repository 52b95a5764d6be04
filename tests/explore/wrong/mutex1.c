/* SPDX-License-Identifier: MIT */
/*
 * Drepper's first mutex counts attempts in the lock word: after 2^32 of them
 * in one critical section the word is 0, and the mutex free. The repaired
 * form is his second.
 *
 * Source: U. Drepper, "Futexes Are Tricky" (2011), sections 5 and 6
 *
 * rc11: data race or deadlock
 * sc: data race or deadlock
 * tso: data race or deadlock
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic unsigned word;
static int section;

static void sleep_on(unsigned value)
{
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake_one(void)
{
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

#ifdef FIXED
static void lock(void)
{
	unsigned c = 0;

	if (atomic_compare_exchange_strong_explicit(
		    &word, &c, 1, memory_order_acquire, memory_order_relaxed))
		return;
	while (atomic_exchange_explicit(&word, 2, memory_order_acquire))
		sleep_on(2);
}

static void unlock(void)
{
	if (atomic_exchange_explicit(&word, 0, memory_order_release) == 2)
		wake_one();
}
#else
static void lock(void)
{
	unsigned c;

	while ((c = atomic_fetch_add_explicit(&word, 1, memory_order_acquire)))
		sleep_on(c + 1);
}

static void unlock(void)
{
	atomic_store_explicit(&word, 0, memory_order_release);
	wake_one();
}
#endif

static void *enter(void *unused)
{
	lock();
	section++;
	unlock();
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	lock();
#ifndef FIXED
	/* a thread that has slept and woken for no reason, so many times */
	atomic_store_explicit(&word, UINT_MAX, memory_order_relaxed);
#endif
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, enter, NULL);
	section++;
	unlock();
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
