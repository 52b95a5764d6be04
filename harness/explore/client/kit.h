/* SPDX-License-Identifier: MIT */
/*
 * What the stock clients share: objects, nodes, threads, deadlines, and the
 * words for what an implementation lacks.
 *
 * A client's globals are as its source has them when it begins: it runs once a
 * process, and the explorer restores them before each execution. Objects are
 * on the heap, of the size that the implementation says and not a byte more, so
 * that use beyond their end or after their destruction shows.
 */
#ifndef KIT_H
#define KIT_H

#include <stdlib.h>

#include "client.h"

enum { NODE_BYTES = 64, TOGETHER_MAX = 4 };

/* What a queue lock wants of each thread, on the thread's own stack. */
struct node {
	_Alignas(CACHE_LINE) char bytes[NODE_BYTES];
};

/* All-zero bytes, to be given back to free. */
static inline void *object_new(const struct implementation *id)
{
	void *object = calloc(1, id->size);

	assert(object != NULL);
	return object;
}

/* What a thread does; it says how often it did what the client counts. */
typedef unsigned part(void);

static inline void *play(void *function)
{
	return (void *)(uintptr_t)((part *)function)();
}

static inline pthread_t start(part *p)
{
	pthread_t thread;

	assert(!pthread_create(&thread, NULL, play, (void *)p));
	return thread;
}

static inline unsigned join(pthread_t thread)
{
	void *count;

	assert(!pthread_join(thread, &count));
	return (unsigned)(uintptr_t)count;
}

/* Play each part in a thread of its own; when all have ended, the sum of what
 * they say. No atomic counts that, which would order the threads. */
#define TOGETHER(...) together((part *const[]){ __VA_ARGS__, NULL })

static inline unsigned together(part *const parts[])
{
	pthread_t threads[TOGETHER_MAX];
	unsigned n = 0, sum = 0;

	for (; parts[n]; n++) {
		assert(n < TOGETHER_MAX);
		threads[n] = start(parts[n]);
	}
	while (n)
		sum += join(threads[--n]);
	return sum;
}

/* A deadline in the future, which the explorer lets pass at any moment. */
static inline uint64_t soon(void)
{
	return deadline_in(NS_PER_MS);
}

/* The answer of a timed form: too late only once the deadline has passed. */
static inline int not_early(int result, uint64_t deadline)
{
	assert(result != SYNC_TIMEOUT || now_ns() >= deadline);
	return result;
}

/* Define NAME(impl), for .lacks: has this kind's implementation the operation?
 */
#define LACKS(name, kind, operation)                                           \
	static const char *name(const void *impl)                              \
	{                                                                      \
		const struct kind##_impl *i = impl;                            \
                                                                               \
		if (i->operation)                                              \
			return NULL;                                           \
		return i->id.unsupported ? i->id.unsupported                   \
					 : "has no " #operation;               \
	}

/* For .lacks of clients that begin shortly before the counters wrap. */
static inline const char *lacks_age(const void *impl)
{
	const struct implementation *id = impl;

	return id->age ? NULL : "has no counters that wrap round";
}

#endif
