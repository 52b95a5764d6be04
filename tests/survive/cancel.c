/* SPDX-License-Identifier: MIT */
/*
 * Cancellation: in each call that is a cancellation point and not in the
 * others, disabled, on the way into the wait, many at once, of oneself, of a
 * thread that has ended. A clean-up handler finds the mutex locked.
 *
 * Prints: all were cancelled, and no signal with them
 */
#include "survive.h"

#include <semaphore.h>
#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t semaphore, none, permit;
static int cleaned, permits, past;

static void clean(void *unused)
{
	(void)unused;
	CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
	cleaned++;
	CHECK(!pthread_mutex_unlock(&mutex));
}

static void *wait_cond(void *timed)
{
	struct timespec late = in_ms(CLOCK_REALTIME, 100000);

	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(clean, NULL);
	for (;;)
		if (timed)
			pthread_cond_timedwait(&cond, &mutex, &late);
		else
			pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *wait_semaphore(void *timed)
{
	struct timespec late = in_ms(CLOCK_REALTIME, 100000);

	CHECK(!(timed ? sem_timedwait(&none, &late) : sem_wait(&none)));
	return NULL;
}

static void cancel(pthread_t t, void *result)
{
	CHECK(!pthread_cancel(t));
	CHECK(join(t) == result);
}

/* At once, or when it has had time to fall asleep. */
static void each(void)
{
	for (int i = 0; i < 60; i++) {
		pthread_t t[2] = {
			start(wait_cond, i % 2 ? &i : NULL),
			start(wait_semaphore, i % 2 ? &i : NULL),
		};

		if (i % 10 == 0)
			sleep_ms(1);
		else
			for (int k = 0; k < i % 10; k++)
				sched_yield();
		cancel(t[0], PTHREAD_CANCELED);
		cancel(t[1], PTHREAD_CANCELED);
	}
}

static void many(void)
{
	pthread_t t[16];
	int before = cleaned;

	for (int i = 0; i < 16; i++)
		t[i] = start(wait_cond, NULL);
	sleep_ms(2);
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 16; i++)
		CHECK(!pthread_cancel(t[i]));
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 16; i++)
		CHECK(join(t[i]) == PTHREAD_CANCELED);
	CHECK(cleaned >= before && cleaned <= before + 16);
}

/* Disabled while it waits: the request stays until it is enabled. */
static void *disabled(void *unused)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	sem_post(&semaphore);
	CHECK(!sem_wait(&none));
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	past++;
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
	pthread_testcancel();
	CHECK(0);
	return unused;
}

/* A mutex is no cancellation point. */
static void *only_mutex(void *unused)
{
	sem_post(&semaphore);
	pthread_mutex_lock(&mutex);
	past++;
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void not_there(void)
{
	pthread_t t = start(disabled, NULL);

	CHECK(!sem_wait(&semaphore));
	CHECK(!pthread_cancel(t));
	sem_post(&none);
	CHECK(join(t) == PTHREAD_CANCELED && past == 1);
	pthread_mutex_lock(&mutex);
	t = start(only_mutex, NULL);
	CHECK(!sem_wait(&semaphore));
	CHECK(!pthread_cancel(t));
	sleep_ms(1);
	pthread_mutex_unlock(&mutex);
	join(t);
	CHECK(past == 2);
}

static void *oneself(void *asynchronous)
{
	if (asynchronous)
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(clean, NULL);
	pthread_cancel(pthread_self());
	pthread_cond_wait(&cond, &mutex);
	CHECK(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *nothing(void *unused)
{
	return unused;
}

/* One takes the permit or dies: it must not do both. */
static void *take(void *unused)
{
	int *got = unused;

	sem_wait(&permit);
	*got = 1; /* no cancellation point from here on */
	return unused;
}

static void signals_are_not_eaten(void)
{
	for (int i = 0; i < 60; i++) {
		int got = 0, left;
		pthread_t t = start(take, &got);

		for (int k = 0; k < i % 7; k++)
			sched_yield();
		sem_post(&permit);
		pthread_cancel(t);
		join(t);
		left = !sem_trywait(&permit);
		permits += got + left;
	}
	CHECK(permits == 60);
}

int main(void)
{
	pthread_t t;

	sem_init(&semaphore, 0, 0);
	sem_init(&none, 0, 0);
	sem_init(&permit, 0, 0);
	each();
	many();
	not_there();
	CHECK(join(start(oneself, NULL)) == PTHREAD_CANCELED);
	CHECK(join(start(oneself, &t)) == PTHREAD_CANCELED);
	t = start(nothing, NULL);
	sleep_ms(2);
	CHECK(!pthread_cancel(t));
	join(t);
	signals_are_not_eaten();
	puts("all were cancelled, and no signal with them");
	return 0;
}
