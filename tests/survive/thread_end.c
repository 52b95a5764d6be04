/* SPDX-License-Identifier: MIT */
/*
 * Threads that end with a lock held, destructors of keys that lock and set the
 * key again, and thousands of threads that live for one lock each.
 *
 * Prints: they went, and left nothing
 */
#include "survive.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t keys[3];
static long sum, destroyed;

static void *hold(void *unused)
{
	CHECK(!pthread_mutex_lock(&held));
	return unused;
}

/* In every round of destructors but the last. */
static void destroy(void *round)
{
	pthread_mutex_lock(&mutex);
	destroyed++;
	pthread_mutex_unlock(&mutex);
	if (round < (void *)3)
		CHECK(!pthread_setspecific(keys[0], (char *)round + 1));
}

static void *brief(void *unused)
{
	pthread_setspecific(keys[0], (void *)1);
	pthread_mutex_lock(&mutex);
	sum++;
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void *nested(void *unused)
{
	pthread_mutex_t many[8];

	for (int i = 0; i < 8; i++) {
		pthread_mutex_init(&many[i], NULL);
		pthread_mutex_lock(&many[i]);
	}
	for (int i = 0; i < 8; i++) {
		pthread_mutex_unlock(&many[i]);
		pthread_mutex_destroy(&many[i]);
	}
	return unused;
}

static void threads(int n)
{
	pthread_t t[4];

	for (int i = 0; i < n; i++) {
		for (int k = 0; k < 4; k++)
			t[k] = start(k ? brief : nested, NULL);
		for (int k = 0; k < 4; k++)
			join(t[k]);
	}
}

int main(void)
{
	long before;
	int n = rounds();

	for (int k = 0; k < 3; k++)
		CHECK(!pthread_key_create(&keys[k], destroy));
	join(start(hold, NULL));
	CHECK(pthread_mutex_trylock(&held) == EBUSY);
	CHECK(pthread_mutex_destroy(&held) == EBUSY);
	CHECK(!pthread_mutex_unlock(&held));
	CHECK(!pthread_mutex_lock(&held));
	threads(50);
	before = resident_kib();
	threads(n);
	CHECK(sum == 3 * (n + 50) && destroyed == 3 * sum);
	CHECK(resident_kib() - before < 512);
	puts("they went, and left nothing");
	return 0;
}
