/* SPDX-License-Identifier: MIT */
/*
 * A handler that never returns to the wait that it came into: it ends the
 * thread. Nobody may be led to where the wait was.
 *
 * Prints: they left
 */
#include "survive.h"

#include <semaphore.h>
#include <signal.h>

static sem_t none, there;

static void end(int number)
{
	(void)number;
	pthread_exit((void *)5);
}

static void *wait_and_end(void *unused)
{
	sem_post(&there);
	for (;;)
		sem_wait(&none);
	return unused;
}

static void *wait_for_ever(void *unused)
{
	sem_wait(&none);
	return unused;
}

/* More threads than there are lists of waits to hide in. */
int main(void)
{
	struct sigaction a = { .sa_handler = end };

	CHECK(!sigaction(SIGUSR1, &a, NULL));
	sem_init(&none, 0, 0);
	sem_init(&there, 0, 0);
	for (int i = 0; i < 70; i++) {
		pthread_t t[2] = { start(wait_and_end, NULL),
				   start(wait_for_ever, NULL) };

		CHECK(!sem_wait(&there));
		if (i % 10 == 0)
			sleep_ms(1);
		CHECK(!pthread_kill(t[0], SIGUSR1));
		CHECK(join(t[0]) == (void *)5);
		CHECK(!pthread_cancel(t[1]));
		CHECK(join(t[1]) == PTHREAD_CANCELED);
	}
	puts("they left");
	return 0;
}
