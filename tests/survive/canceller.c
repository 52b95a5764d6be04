/* SPDX-License-Identifier: MIT */
/*
 * pthread_cancel may be called by a thread that is cancelled itself at any
 * instruction (POSIX.1-2017, 2.9.5.4, "Async-Cancel Safety"): what it held
 * inside must not stay held.
 *
 * Prints: the cancellers were cancelled
 */
#include "survive.h"

#include <semaphore.h>
#include <stdatomic.h>

static sem_t none;
static _Atomic int ready;

static void *victim(void *unused)
{
	sem_wait(&none);
	return unused;
}

static void *cancel_for_ever(void *thread)
{
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	atomic_store(&ready, 1);
	for (;;)
		pthread_cancel(*(pthread_t *)thread);
	return NULL;
}

int main(void)
{
	sem_init(&none, 0, 0);
	for (int i = 0; i < 200; i++) {
		pthread_t t = start(victim, NULL), by;

		atomic_store(&ready, 0);
		by = start(cancel_for_ever, &t);
		while (!atomic_load(&ready))
			sched_yield();
		for (int k = 0; k < i % 50; k++)
			getppid();
		pthread_cancel(by);
		CHECK(join(by) == PTHREAD_CANCELED);
		CHECK(!pthread_cancel(t));
		CHECK(join(t) == PTHREAD_CANCELED);
	}
	puts("the cancellers were cancelled");
	return 0;
}
