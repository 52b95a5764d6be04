/* SPDX-License-Identifier: MIT */
/*
 * A counter with one share per thread. At the end of a thread its share leaves
 * the list, and then its value is added to the sum of the dead; a read in
 * between finds it in neither.
 *
 * The repaired one does both under the list's lock.
 *
 * Bug:       counter-exit-flush
 * Source:    folly issue 133 (2015), ThreadCachedInt; the same with processors
 *            in Linux' percpu_counter, whose percpu_counter_sum_all (2022) is
 *            for it
 * Scenario:  a thread adds, says so and ends; another one reads meanwhile
 * Violation: an add that happened before is missing
 */
#include <pthread.h>
#include <stdlib.h>

#include "../../../../primitives/counter.h"
#include "../canary.h"

struct share {
	_Atomic uint64_t value;
	_Atomic(struct counter *) counter; /* NULL: destroyed since */
	struct share *next;		   /* of the counter */
	struct share *mine;		   /* next of the thread */
};

struct counter {
	uint64_t dead; /* under the lock */
	struct share *shares;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key; /* its destructor runs at the end of a thread */
static _Thread_local struct share *shares;

static void unlist(struct counter *c, const struct share *s)
{
	struct share **p = &c->shares;

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
}

static void give_back(struct share *s)
{
	struct counter *c;

	pthread_mutex_lock(&lock);
	c = atomic_load_explicit(&s->counter, memory_order_relaxed);
	if (c) {
		unlist(c, s);
#if BROKEN
		pthread_mutex_unlock(&lock);
		pthread_mutex_lock(&lock);
#endif
		c->dead +=
			atomic_load_explicit(&s->value, memory_order_relaxed);
	}
	pthread_mutex_unlock(&lock);
	free(s);
}

static void thread_ends(void *unused)
{
	(void)unused;
	while (shares) {
		struct share *s = shares;

		shares = s->mine;
		give_back(s);
	}
}

static void create_key(void)
{
	pthread_key_create(&key, thread_ends);
}

static int init(void *counter)
{
	pthread_once(&once, create_key);
	*(struct counter *)counter = (struct counter){ 0 };
	return SYNC_OK;
}

static void destroy(void *counter)
{
	struct counter *c = counter;

	pthread_mutex_lock(&lock);
	for (struct share *s = c->shares; s; s = s->next)
		atomic_store_explicit(&s->counter, NULL, memory_order_relaxed);
	pthread_mutex_unlock(&lock);
}

/* The caller's new share, or NULL if there is no memory for one. */
static struct share *enlist(struct counter *c)
{
	struct share *s = calloc(1, sizeof(*s));

	if (!s || pthread_setspecific(key, &shares)) {
		free(s);
		return NULL;
	}
	s->mine = shares;
	shares = s;
	atomic_init(&s->counter, c);
	pthread_mutex_lock(&lock);
	s->next = c->shares;
	c->shares = s;
	pthread_mutex_unlock(&lock);
	return s;
}

static void add(void *counter, uint64_t n)
{
	struct share *s = shares;

	while (s && atomic_load_explicit(&s->counter, memory_order_relaxed) !=
			    counter)
		s = s->mine;
	if (!s)
		s = enlist(counter);
	if (s) {
		/* [A]; a plain add would do: it is this thread's own */
		atomic_fetch_add_explicit(&s->value, n, memory_order_release);
		return;
	}
	pthread_mutex_lock(&lock);
	((struct counter *)counter)->dead += n;
	pthread_mutex_unlock(&lock);
}

static uint64_t read_value(void *counter)
{
	struct counter *c = counter;
	uint64_t sum;

	pthread_mutex_lock(&lock);
	sum = c->dead;
	for (struct share *s = c->shares; s; s = s->next)
		/* pairs with [A] */
		sum += atomic_load_explicit(&s->value, memory_order_acquire);
	pthread_mutex_unlock(&lock);
	return sum;
}

REGISTER_COUNTER(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a dying thread's share is in no sum"),
		.source = "folly issue 133",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct counter),
	},
	.init = init,
	.destroy = destroy,
	.add = add,
	.read = read_value);
