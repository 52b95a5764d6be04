/* SPDX-License-Identifier: MIT */
/*
 * A second interposer of mutexes, loaded before ours and after it.
 *
 * With: counter
 * Prints: in company
 */
#include "survive.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *play(void *who)
{
	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&mutex);
		while (turn % 2 != (who != NULL))
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

int main(void)
{
	pthread_t t = start(play, &turn);

	play(NULL);
	join(t);
	CHECK(turn == 40);
	puts("in company");
	return 0;
}
