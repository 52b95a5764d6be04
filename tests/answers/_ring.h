/* SPDX-License-Identifier: MIT */
/*
 * A mutex that decides itself who is next: threads sit in a ring in the order
 * in which they first came, and each seat has so many turns in a round. Nobody
 * can overtake, so shares and order are known exactly, on any machine.
 *
 * The first turn waits until all have come, or on a busy machine the first
 * thread would have the ring for itself for a while. A window has all its
 * threads before any of them begins, and one more, which waits for the end of
 * it. A thread that ends leaves its seat, or the others would wait for it.
 *
 * All of it is a POSIX mutex and condition: plain, slow, and right.
 */
#ifndef RING_H
#define RING_H

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>

#include "../../primitives/mutex.h"

enum { SEATS = 64 };

/* How many turns a seat has in a round; 0: it is passed over. */
typedef unsigned ring_turns(unsigned seat, uint64_t round);

struct ring {
	pthread_mutex_t guard;
	pthread_cond_t passed;
	ring_turns *turns;
	unsigned seats;	   /* taken so far */
	unsigned threads;  /* that are to come */
	uint64_t patience; /* until when to wait for them */
	unsigned at;	   /* whose turn it is */
	unsigned left;	   /* turns of this visit */
	uint64_t round;
	bool gone[SEATS];
};

/* A thread's place, kept under the key until the thread ends. */
struct seat {
	struct ring *ring;
	unsigned number;
};

static pthread_key_t ring_key;

static bool ring_deserted(const struct ring *r)
{
	for (unsigned i = 0; i < r->seats; i++)
		if (!r->gone[i])
			return false;
	return true;
}

/* To the next seat that has a turn. The guard is held. */
static void ring_pass(struct ring *r)
{
	while (!ring_deserted(r)) {
		if (++r->at == r->seats) {
			r->at = 0;
			r->round++;
		}
		r->left = r->turns(r->at, r->round);
		if (r->left && !r->gone[r->at])
			break;
	}
	pthread_cond_broadcast(&r->passed);
}

static void ring_leave(void *argument)
{
	struct seat *seat = argument;
	struct ring *r = seat->ring;

	pthread_mutex_lock(&r->guard);
	r->gone[seat->number] = true;
	if (r->at == seat->number)
		ring_pass(r);
	pthread_mutex_unlock(&r->guard);
	free(seat);
}

static void ring_make_key(void)
{
	pthread_key_create(&ring_key, ring_leave);
}

static int ring_init(struct ring *r, ring_turns *turns)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_condattr_t monotonic;

	pthread_once(&once, ring_make_key);
	r->turns = turns;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&r->passed, &monotonic);
	return pthread_mutex_init(&r->guard, NULL);
}

/* All threads of the process but the one that waits for the others. */
static unsigned ring_count_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *task;
	unsigned n = 0;

	if (!tasks)
		abort();
	while ((task = readdir(tasks)) != NULL)
		n += task->d_name[0] != '.';
	closedir(tasks);
	return n - 1;
}

/* The caller's seat; a new one at its first call. The guard is held. */
static unsigned ring_seat(struct ring *r)
{
	struct seat *seat = pthread_getspecific(ring_key);

	if (seat)
		return seat->number;
	seat = malloc(sizeof(*seat));
	if (!seat || r->seats == SEATS)
		abort();
	*seat = (struct seat){ r, r->seats++ };
	pthread_setspecific(ring_key, seat);
	if (seat->number == 0) {
		r->left = r->turns(0, 0);
		r->threads = ring_count_threads();
		r->patience = deadline_in(NS_PER_S);
	}
	if (r->seats == r->threads)
		pthread_cond_broadcast(&r->passed);
	return seat->number;
}

/* Until something may have changed; for those who never come, not for ever. */
static void ring_wait(struct ring *r)
{
	struct timespec t = deadline_timespec(r->patience);

	if (r->seats >= r->threads)
		pthread_cond_wait(&r->passed, &r->guard);
	else if (pthread_cond_timedwait(&r->passed, &r->guard, &t))
		r->threads = 0;
}

static void ring_lock(struct ring *r)
{
	pthread_mutex_lock(&r->guard);

	unsigned seat = ring_seat(r);

	while (r->at != seat || r->seats < r->threads)
		ring_wait(r);
	pthread_mutex_unlock(&r->guard);
}

static void ring_unlock(struct ring *r)
{
	pthread_mutex_lock(&r->guard);
	if (--r->left == 0)
		ring_pass(r);
	pthread_mutex_unlock(&r->guard);
}

/* A mutex that is a ring and nothing else, named as its file. */
#define REGISTER_RING(turns_, brief_)                                          \
	static int init(void *mutex)                                           \
	{                                                                      \
		return ring_init(mutex, turns_);                               \
	}                                                                      \
                                                                               \
	static void lock(void *mutex, void *node)                              \
	{                                                                      \
		(void)node;                                                    \
		ring_lock(mutex);                                              \
	}                                                                      \
                                                                               \
	static void unlock(void *mutex, void *node)                            \
	{                                                                      \
		(void)node;                                                    \
		ring_unlock(mutex);                                            \
	}                                                                      \
                                                                               \
	REGISTER_MUTEX(.id = { .name = FILE_STEM,                              \
			       .brief = brief_,                                \
			       .source = "planted",                            \
			       .unsupported = "a known answer has no try or "  \
					      "timed form",                    \
			       .flags = IMPL_NEEDS_INIT | IMPL_LARGE,          \
			       .size = sizeof(struct ring) },                  \
		       .init = init, .lock = lock, .unlock = unlock)

#endif
