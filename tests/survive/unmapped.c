/* SPDX-License-Identifier: MIT */
/*
 * Memory that the next owner unmaps as soon as it may: who touches the object
 * after that dies of it.
 *
 * Prints: nobody looked back
 */
#include "survive.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <sys/mman.h>

struct objects {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	sem_t semaphore;
	pthread_barrier_t barrier;
	int left; /* users of the mutex */
	int ready;
	_Atomic int inside;
};

static struct objects *map(void)
{
	struct objects *o = mmap(NULL, sizeof(*o), PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(o != MAP_FAILED);
	return o;
}

static void unmap(struct objects *o)
{
	CHECK(!munmap(o, sizeof(*o)));
}

/* The last to drop its reference frees it, as a reference count does. */
static void *drop(void *objects)
{
	struct objects *o = objects;
	int left;

	pthread_mutex_lock(&o->mutex);
	left = --o->left;
	pthread_mutex_unlock(&o->mutex);
	if (!left) {
		CHECK(!pthread_mutex_destroy(&o->mutex));
		unmap(o);
	}
	return NULL;
}

static void mutex(void)
{
	struct objects *o = map();
	pthread_t t[2];

	o->left = 3;
	for (int i = 0; i < 2; i++)
		t[i] = start(drop, o);
	drop(o);
	for (int i = 0; i < 2; i++)
		join(t[i]);
}

static void *await(void *objects)
{
	struct objects *o = objects;

	pthread_mutex_lock(&o->mutex);
	o->left++;
	while (!o->ready)
		pthread_cond_wait(&o->cond, &o->mutex);
	pthread_mutex_unlock(&o->mutex);
	atomic_fetch_sub(&o->inside, 1);
	return NULL;
}

/* POSIX's own example: destroyed right after the broadcast. The mutex lives
 * until all are out. */
static void cond(void)
{
	struct objects *o = map(), *c = map();
	pthread_t t[3];

	o->inside = 3;
	for (int i = 0; i < 3; i++)
		t[i] = start(await, o);
	for (int there = 0; there < 3;) {
		sched_yield();
		pthread_mutex_lock(&o->mutex);
		there = o->left;
		if (there == 3) {
			o->ready = 1;
			pthread_cond_broadcast(&o->cond);
			CHECK(!pthread_cond_destroy(&o->cond));
			memset(&o->cond, 0x55, sizeof(o->cond));
		}
		pthread_mutex_unlock(&o->mutex);
	}
	while (atomic_load(&o->inside))
		sched_yield();
	for (int i = 0; i < 3; i++)
		join(t[i]);
	unmap(o);
	unmap(c);
}

/* Under the mutex: the one that wakes frees the condition and the mutex. */
static void *signal_it(void *objects)
{
	struct objects *o = objects;

	pthread_mutex_lock(&o->mutex);
	o->ready = 1;
	pthread_cond_signal(&o->cond);
	pthread_mutex_unlock(&o->mutex);
	return NULL;
}

static void completion(void)
{
	struct objects *o = map();
	pthread_t t;

	pthread_mutex_lock(&o->mutex);
	t = start(signal_it, o);
	while (!o->ready)
		pthread_cond_wait(&o->cond, &o->mutex);
	pthread_mutex_unlock(&o->mutex);
	CHECK(!pthread_cond_destroy(&o->cond));
	CHECK(!pthread_mutex_destroy(&o->mutex));
	unmap(o);
	join(t);
}

static void *post(void *objects)
{
	sem_post(&((struct objects *)objects)->semaphore);
	return NULL;
}

static void semaphore(void)
{
	struct objects *o = map();
	pthread_t t;

	CHECK(!sem_init(&o->semaphore, 0, 0));
	t = start(post, o);
	CHECK(!sem_wait(&o->semaphore));
	CHECK(!sem_destroy(&o->semaphore));
	unmap(o);
	join(t);
}

/* Destroyed by whoever is told so, while others are on their way out. */
static void *meet(void *objects)
{
	struct objects *o = objects;

	if (pthread_barrier_wait(&o->barrier) ==
	    PTHREAD_BARRIER_SERIAL_THREAD) {
		CHECK(!pthread_barrier_destroy(&o->barrier));
		unmap(o);
	}
	return NULL;
}

static void barrier(void)
{
	struct objects *o = map();
	pthread_t t[2];

	CHECK(!pthread_barrier_init(&o->barrier, NULL, 3));
	for (int i = 0; i < 2; i++)
		t[i] = start(meet, o);
	meet(o);
	for (int i = 0; i < 2; i++)
		join(t[i]);
}

int main(void)
{
	for (int i = 0; i < 100; i++) {
		mutex();
		cond();
		completion();
		semaphore();
		barrier();
	}
	puts("nobody looked back");
	return 0;
}
