/* SPDX-License-Identifier: MIT */
/*
 * A handler that never returns to the wait that it came into: it ends the
 * thread, or jumps out (an old way to give up on a call that has no timeout).
 * Nobody may be led to where the wait was.
 * Prints: they left
 */
#include "survive.h"

#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>

static sem_t none, there;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static __thread sigjmp_buf out;

static void end(int number)
{
	(void)number;
	pthread_exit((void *)5);
}

static void jump(int number)
{
	(void)number;
	siglongjmp(out, 1);
}

static void unlock(void *m)
{
	CHECK(!pthread_mutex_unlock(m));
}

static void *wait_and_end(void *unused)
{
	sem_post(&there);
	for (;;)
		sem_wait(&none);
	return unused;
}

static void *wait_and_jump(void *unused)
{
	if (!sigsetjmp(out, 1)) {
		sem_post(&there);
		for (;;)
			sem_wait(&none);
	}
	memset(__builtin_alloca(4096), 0x55, 4096);
	sem_post(&there);
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(0);
	return unused;
}

int main(void)
{
	struct sigaction a = { .sa_handler = end }, b = { .sa_handler = jump };

	CHECK(!sigaction(SIGUSR1, &a, NULL));
	CHECK(!sigaction(SIGUSR2, &b, NULL));
	sem_init(&none, 0, 0);
	sem_init(&there, 0, 0);
	for (int i = 0; i < 70; i++) {
		pthread_t ends = start(wait_and_end, NULL);
		pthread_t jumps;

		CHECK(!sem_wait(&there));
		if (i % 10 == 0)
			sleep_ms(1);
		CHECK(!pthread_kill(ends, SIGUSR1));
		CHECK(join(ends) == (void *)5);
		jumps = start(wait_and_jump, NULL);
		CHECK(!sem_wait(&there));
		sleep_ms(1);
		CHECK(!pthread_kill(jumps, SIGUSR2));
		CHECK(!sem_wait(&there));
		CHECK(!pthread_cancel(jumps));
		CHECK(join(jumps) == PTHREAD_CANCELED);
	}
	puts("they left");
	return 0;
}
