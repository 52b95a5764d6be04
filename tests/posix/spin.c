/* SPDX-License-Identifier: MIT */
/*
 * Spin locks.
 */
#include <string.h>

#include "posix.h"

enum { THREADS = 3, ADDS = 4000 };

struct sum {
	pthread_spinlock_t lock;
	unsigned plain; /* a race without the lock */
};

static struct sum local;

static void *try_lock(void *result)
{
	int *error = result;

	*error = pthread_spin_trylock(&local.lock);
	if (!*error)
		CHECK(pthread_spin_unlock(&local.lock), 0);
	return NULL;
}

static int tried(void)
{
	struct thread t;
	int error;

	start(&t, try_lock, &error);
	join(&t);
	return error;
}

static void basics(void)
{
	CHECK(tried(), 0);
	CHECK(pthread_spin_lock(&local.lock), 0);
	CHECK(tried(), EBUSY);
	CHECK(pthread_spin_trylock(&local.lock), EBUSY);
	CHECK(pthread_spin_unlock(&local.lock), 0);
	CHECK(pthread_spin_trylock(&local.lock), 0);
	CHECK(tried(), EBUSY);
	CHECK(pthread_spin_unlock(&local.lock), 0);
	CHECK(tried(), 0);
}

TEST(private, "pthread_spin_init",
     "unlocked at first; whatever was in the memory; again after destroy")
{
	for (int byte = 0; byte < 256; byte += 51) {
		memset((void *)&local.lock, byte, sizeof(local.lock));
		CHECK(pthread_spin_init(&local.lock, PTHREAD_PROCESS_PRIVATE),
		      0);
		basics();
		CHECK(pthread_spin_destroy(&local.lock), 0);
	}
}

TEST(shared_by_threads, "pthread_spin_init",
     "PTHREAD_PROCESS_SHARED: by threads of one process as well")
{
	CHECK(pthread_spin_init(&local.lock, PTHREAD_PROCESS_SHARED), 0);
	basics();
	CHECK(pthread_spin_destroy(&local.lock), 0);
}

TEST(fits, "pthread_spin_init",
     "stays inside its own bytes: neighbours are not touched")
{
	struct {
		unsigned before;
		pthread_spinlock_t lock;
		unsigned after;
	} s = { .before = 0x5a5a5a5a, .after = 0xa5a5a5a5 };

	CHECK(pthread_spin_init(&s.lock, 0), 0);
	for (int i = 0; i < 3; i++) {
		CHECK(pthread_spin_lock(&s.lock), 0);
		TRUE(s.before == 0x5a5a5a5a && s.after == 0xa5a5a5a5);
		CHECK(pthread_spin_unlock(&s.lock), 0);
	}
	CHECK(pthread_spin_destroy(&s.lock), 0);
	TRUE(s.before == 0x5a5a5a5a && s.after == 0xa5a5a5a5);
}

static void add(void *sum)
{
	struct sum *s = sum;

	for (int i = 0; i < ADDS; i++) {
		unsigned was;

		if (i % 2)
			CHECK(pthread_spin_lock(&s->lock), 0);
		else
			while (pthread_spin_trylock(&s->lock))
				sched_yield();
		was = s->plain;
		if (i % 512 == 0) /* others come along */
			sched_yield();
		s->plain = was + 1;
		CHECK(pthread_spin_unlock(&s->lock), 0);
		if (i % 64 == 0) /* lest a waiter waits for our time slice */
			sched_yield();
	}
}

static void *add_in_thread(void *sum)
{
	add(sum);
	return NULL;
}

TEST(excludes, "pthread_spin_lock",
     "locked by one thread; others do not return until it is available")
{
	struct thread threads[THREADS];

	CHECK(pthread_spin_init(&local.lock, PTHREAD_PROCESS_PRIVATE), 0);
	for (int i = 0; i < THREADS; i++)
		start(&threads[i], add_in_thread, &local);
	for (int i = 0; i < THREADS; i++)
		join(&threads[i]);
	CHECK((int)local.plain, THREADS * ADDS);
}

TEST(shared, "pthread_spin_init",
     "PTHREAD_PROCESS_SHARED: any process that maps it may operate on it")
{
	struct sum *s = shared_memory(sizeof(*s));
	pid_t children[THREADS];

	CHECK(pthread_spin_init(&s->lock, PTHREAD_PROCESS_SHARED), 0);
	for (int i = 0; i < THREADS; i++)
		children[i] = start_process(add, s);
	for (int i = 0; i < THREADS; i++)
		join_process(children[i]);
	CHECK((int)s->plain, THREADS * ADDS);
	CHECK(pthread_spin_destroy(&s->lock), 0);
}

static void *hold_many(void *unused)
{
	enum { MANY = 100 };
	static pthread_spinlock_t locks[MANY];

	for (int i = 0; i < MANY; i++) {
		CHECK(pthread_spin_init(&locks[i], 0), 0);
		CHECK(pthread_spin_lock(&locks[i]), 0);
	}
	for (int i = 0; i < MANY; i++) /* in another order */
		CHECK(pthread_spin_unlock(&locks[i * 7 % MANY]), 0);
	for (int i = 0; i < MANY; i++)
		CHECK(pthread_spin_trylock(&locks[i]), 0);
	return unused;
}

TEST(many_held_at_once, "pthread_spin_unlock",
     "a thread may hold any number, and unlock them in any order")
{
	hold_many(NULL);
}
