/* SPDX-License-Identifier: MIT */
/*
 * sem_wait and sem_timedwait end with EINTR where a handler was installed
 * without SA_RESTART: servers wait for their signals like that.
 *
 * Prints: interrupted
 */
#include "survive.h"

#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

static sem_t none;
static _Atomic int over;

static void handle(int number)
{
	(void)number;
}

static void *wait_for_none(void *timed)
{
	struct timespec late = in_ms(CLOCK_REALTIME, 100000);

	CHECK((timed ? sem_timedwait(&none, &late) : sem_wait(&none)) == -1);
	CHECK(errno == EINTR);
	atomic_fetch_add(&over, 1);
	return NULL;
}

int main(void)
{
	struct sigaction a = { .sa_handler = handle };
	pthread_t t[2];

	CHECK(!sigaction(SIGUSR1, &a, NULL));
	sem_init(&none, 0, 0);
	t[0] = start(wait_for_none, NULL);
	t[1] = start(wait_for_none, &a);
	/* until both have slept when it came */
	while (atomic_load(&over) < 2) {
		pthread_kill(t[0], SIGUSR1);
		pthread_kill(t[1], SIGUSR1);
		sleep_ms(1);
	}
	join(t[0]);
	join(t[1]);
	puts("interrupted");
	return 0;
}
