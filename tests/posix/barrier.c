/* SPDX-License-Identifier: MIT */
/*
 * Barriers.
 */
#include <string.h>

#include "posix.h"

enum { PARTIES = 4, ROUNDS = 500 };

/* Also between processes. */
struct meeting {
	pthread_barrier_t barrier;
	_Atomic int arrived, serials;
	unsigned plain[PARTIES]; /* each writes its own, all read all */
};

/* 1 for the one that is told so. */
static int meet(pthread_barrier_t *barrier)
{
	int error = pthread_barrier_wait(barrier);

	if (error != PTHREAD_BARRIER_SERIAL_THREAD)
		CHECK(error, 0);
	return error == PTHREAD_BARRIER_SERIAL_THREAD;
}

static void take_part(struct meeting *m, int index)
{
	for (int i = 1; i <= ROUNDS; i++) {
		m->plain[index] = (unsigned)i;
		m->arrived++;
		m->serials += meet(&m->barrier);
		TRUE(m->arrived >= i * PARTIES);
		for (int other = 0; other < PARTIES; other++)
			TRUE(m->plain[other] == (unsigned)i);
		meet(&m->barrier);
		CHECK(m->serials, i);
		meet(&m->barrier);
	}
}

static struct meeting local;

static void *party(void *index)
{
	take_part(&local, (int)(intptr_t)index);
	return NULL;
}

TEST(rounds, "pthread_barrier_wait",
     "blocks until count threads have called; one is SERIAL_THREAD; again")
{
	struct thread threads[PARTIES];

	CHECK(pthread_barrier_init(&local.barrier, NULL, PARTIES), 0);
	for (intptr_t i = 0; i < PARTIES; i++)
		start(&threads[i], party, (void *)i);
	for (int i = 0; i < PARTIES; i++)
		join(&threads[i]);
	CHECK(pthread_barrier_destroy(&local.barrier), 0);
}

static void *wait_once(void *unused)
{
	entering();
	local.serials += meet(&local.barrier);
	return unused;
}

TEST(blocks, "pthread_barrier_wait",
     "the calling thread shall block until the required number have called")
{
	struct thread threads[2];

	CHECK(pthread_barrier_init(&local.barrier, NULL, 3), 0);
	start(&threads[0], wait_once, NULL);
	AWAIT_BLOCKED(&threads[0]);
	start(&threads[1], wait_once, NULL);
	AWAIT_BLOCKED(&threads[1]);
	AWAIT_ASLEEP(&threads[0]);
	local.serials += meet(&local.barrier);
	join(&threads[0]);
	join(&threads[1]);
	CHECK(local.serials, 1);
}

TEST(alone, "pthread_barrier_wait",
     "a count of 1: the caller is the serial thread, at once")
{
	CHECK(pthread_barrier_init(&local.barrier, NULL, 1), 0);
	for (int i = 0; i < 10; i++)
		TRUE(meet(&local.barrier));
	CHECK(pthread_barrier_destroy(&local.barrier), 0);
}

TEST(count_of_zero, "pthread_barrier_init", "EINVAL: count is zero")
{
	CHECK(pthread_barrier_init(&local.barrier, NULL, 0), EINVAL);
}

TEST(any_memory, "pthread_barrier_init",
     "initialises whatever was in the memory before; again after destroy")
{
	for (int byte = 0; byte < 256; byte += 51) {
		memset(&local.barrier, byte, sizeof(local.barrier));
		CHECK(pthread_barrier_init(&local.barrier, NULL, 1), 0);
		TRUE(meet(&local.barrier));
		CHECK(pthread_barrier_destroy(&local.barrier), 0);
	}
}

TEST(serial_is_distinct, "pthread_barrier_wait",
     "PTHREAD_BARRIER_SERIAL_THREAD is neither 0 nor an error number")
{
	TRUE(PTHREAD_BARRIER_SERIAL_THREAD < 0);
}

struct child {
	struct meeting *meeting;
	int index;
};

static void take_part_in_child(void *child)
{
	struct child *c = child;

	take_part(c->meeting, c->index);
}

TEST(shared, "pthread_barrierattr_setpshared",
     "PTHREAD_PROCESS_SHARED: any process that maps it may operate on it")
{
	struct meeting *m = shared_memory(sizeof(*m));
	pthread_barrierattr_t a;
	pid_t children[PARTIES];
	int shared;

	CHECK(pthread_barrierattr_init(&a), 0);
	CHECK(pthread_barrierattr_getpshared(&a, &shared), 0);
	CHECK(shared, PTHREAD_PROCESS_PRIVATE);
	CHECK(pthread_barrierattr_setpshared(&a, PTHREAD_PROCESS_SHARED), 0);
	CHECK(pthread_barrier_init(&m->barrier, &a, PARTIES), 0);
	for (int i = 0; i < PARTIES; i++) {
		struct child c = { m, i };

		children[i] = start_process(take_part_in_child, &c);
	}
	for (int i = 0; i < PARTIES; i++)
		join_process(children[i]);
	CHECK(pthread_barrier_destroy(&m->barrier), 0);
}
