/* SPDX-License-Identifier: MIT */
/*
 * A lock in the resolver of an indirect function, which runs while the program
 * is being relocated: before .preinit_array. The mutex is held until main.
 *
 * Build: -Wl,-z,lazy -Wno-error
 * Prints: resolved under a lock
 */
#include "survive.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static const char *answer(void)
{
	return "resolved under a lock";
}

static const char *(*resolve(void))(void)
{
	pthread_mutex_lock(&mutex);
	return answer;
}

const char *chosen(void) __attribute__((ifunc("resolve")));

int main(void)
{
	CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
	CHECK(!pthread_mutex_unlock(&mutex));
	CHECK(!pthread_mutex_lock(&mutex));
	puts(chosen());
	return 0;
}
