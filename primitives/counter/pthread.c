/* SPDX-License-Identifier: MIT */
/*
 * A plain number under the C library's mutex.
 *
 * Source: POSIX.1-2017, pthread_mutex_lock. The mutex makes all edges.
 *
 * Progress: barging, parks at once. Costs: a pair of calls and two
 * read-modify-writes an add or a read. Loses to atomic.c everywhere.
 */
#include "../counter.h"
#include "../posix.h"

struct counter {
	pthread_mutex_t mutex;
	uint64_t value;
};

static int init(void *counter)
{
	struct counter *c = counter;

	c->value = 0;
	return pthread_mutex_init(&c->mutex, NULL);
}

static void destroy(void *counter)
{
	struct counter *c = counter;

	pthread_mutex_destroy(&c->mutex);
}

static inline void add(void *counter, uint64_t n)
{
	struct counter *c = counter;

	pthread_mutex_lock(&c->mutex);
	c->value += n;
	pthread_mutex_unlock(&c->mutex);
}

static uint64_t read_(void *counter)
{
	struct counter *c = counter;
	uint64_t value;

	pthread_mutex_lock(&c->mutex);
	value = c->value;
	pthread_mutex_unlock(&c->mutex);
	return value;
}

REGISTER_COUNTER(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "a plain number under a pthread_mutex_t",
		.source = "POSIX.1-2017",
		.flags = IMPL_LARGE,
		.size = sizeof(struct counter),
	},
	.init = init,
	.destroy = destroy,
	.add = add,
	.read = read_);
