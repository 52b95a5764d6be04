/* SPDX-License-Identifier: MIT */
/*
 * Objects that are written over with zeroes, begun anew, copied, destroyed
 * while while held, unlocked while free or by another thread.
 *
 * Prints: they had all their lives
 */
#include "survive.h"

static pthread_mutex_t mutex;
static pthread_cond_t cond;
static pthread_rwlock_t rwlock;
static int woken;

static void *lock_once(void *m)
{
	CHECK(!pthread_mutex_lock(m));
	CHECK(!pthread_mutex_unlock(m));
	return NULL;
}

static void *hand_over(void *m)
{
	CHECK(!pthread_mutex_unlock(m));
	return NULL;
}

static void contend(pthread_mutex_t *m)
{
	pthread_t t[2];

	CHECK(!pthread_mutex_lock(m));
	for (int i = 0; i < 2; i++)
		t[i] = start(lock_once, m);
	sched_yield();
	CHECK(!pthread_mutex_unlock(m));
	for (int i = 0; i < 2; i++)
		join(t[i]);
}

/* Zeroes are a fresh mutex, whatever was there, held or not. */
static void zeroes(void)
{
	for (int i = 0; i < 50; i++) {
		if (i % 5 == 0)
			contend(&mutex);
		CHECK(!pthread_mutex_lock(&mutex));
		if (i % 2)
			CHECK(!pthread_mutex_unlock(&mutex));
		memset(&mutex, 0, sizeof(mutex));
		CHECK(!pthread_rwlock_wrlock(&rwlock));
		if (i % 2)
			CHECK(!pthread_rwlock_unlock(&rwlock));
		memset(&rwlock, 0, sizeof(rwlock));
	}
}

static void inits(void)
{
	for (int i = 0; i < 50; i++) {
		CHECK(!pthread_mutex_init(&mutex, NULL));
		CHECK(!pthread_mutex_lock(&mutex));
		CHECK(pthread_mutex_destroy(&mutex) == EBUSY);
		if (i % 2) /* not even destroyed */
			continue;
		CHECK(!pthread_mutex_unlock(&mutex));
		CHECK(!pthread_mutex_destroy(&mutex));
		CHECK(pthread_mutex_lock(&mutex) == EINVAL);
	}
	mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	contend(&mutex);
	CHECK(!pthread_mutex_destroy(&mutex));
	CHECK(!pthread_mutex_init(&mutex, NULL));
	contend(&mutex);
}

static void *wait_once(void *unused)
{
	pthread_mutex_lock(&mutex);
	woken--;
	while (woken < 0)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void conds(void)
{
	pthread_t t;

	for (int i = 0; i < 20; i++) {
		woken = 0;
		t = start(wait_once, NULL);
		for (int there = 0; !there;) {
			pthread_mutex_lock(&mutex);
			there = woken < 0;
			if (there)
				woken = 1;
			pthread_cond_broadcast(&cond);
			pthread_mutex_unlock(&mutex);
		}
		join(t);
		if (i % 3 == 0)
			memset(&cond, 0, sizeof(cond));
		else if (i % 3 == 1)
			CHECK(!pthread_cond_destroy(&cond) &&
			      !pthread_cond_init(&cond, NULL));
		else
			CHECK(!pthread_cond_init(&cond, NULL));
	}
}

/* A copy is a mutex by itself, in the state that the other was in. */
static void copies(void)
{
	pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, two;

	contend(&one);
	two = one;
	CHECK(!pthread_mutex_lock(&one));
	CHECK(!pthread_mutex_lock(&two));
	CHECK(pthread_mutex_trylock(&one) == EBUSY);
	CHECK(pthread_mutex_trylock(&two) == EBUSY);
	CHECK(!pthread_mutex_unlock(&two));
	CHECK(!pthread_mutex_unlock(&one));
	contend(&two);
	contend(&one);
}

/* As in an array that realloc moves while one of them is held. */
static void moves(void)
{
	pthread_mutex_t *old = calloc(1, sizeof(*old));
	pthread_mutex_t *new = malloc(sizeof(*new));

	CHECK(old && new && !pthread_mutex_lock(old));
	*new = *old;
	memset(old, 0x55, sizeof(*old));
	free(old);
	CHECK(pthread_mutex_trylock(new) == EBUSY);
	CHECK(!pthread_mutex_unlock(new));
	contend(new);
	CHECK(!pthread_mutex_destroy(new));
	free(new);
}

/* Undefined, and done. */
static void strangers(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_t unlocked = PTHREAD_MUTEX_INITIALIZER;

	CHECK(!pthread_mutex_unlock(&unlocked));
	contend(&unlocked);
	CHECK(!pthread_mutex_lock(&m));
	join(start(hand_over, &m));
	CHECK(!pthread_mutex_lock(&m));
	join(start(hand_over, &m));
	contend(&m);
	CHECK(!pthread_mutex_destroy(&m));
}

int main(void)
{
	zeroes();
	inits();
	conds();
	copies();
	moves();
	strangers();
	puts("they had all their lives");
	return 0;
}
