/* SPDX-License-Identifier: MIT */
/*
 * Laws of the C library, for whoever uses it: every answer of every operation,
 * for every implementation that the library itself lists.
 */
#ifndef LAWS_H
#define LAWS_H

#include <stdbool.h>
#include <synclab.h>

#define MS UINT64_C(1000000)

/* The call must give this answer. */
#define IS(wanted, call)                                                       \
	law_is((long long)(wanted), (long long)(call), __FILE__, __LINE__,     \
	       #call)
#define HOLDS(condition) IS(true, !!(condition))

void law_is(long long wanted, long long got, const char *file, int line,
	    const char *call);

/* An operation in another thread: begin, and end for its answer; or both. A
 * function of the library with an object, and perhaps a time. */
typedef int operation(void *object, uint64_t timeout);
#define OPERATION(function) ((operation *)(void *)(function))

struct call;
struct call *begin(operation *function, void *object, uint64_t timeout);
int end(struct call *c);
int elsewhere(operation *function, void *object, uint64_t timeout);

/* The same, back when that thread is waiting in the kernel, or yields. Nobody
 * else may do either meanwhile. */
struct call *begin_and_wait(operation *function, void *object,
			    uint64_t timeout);

/* faults.c: from now on this thread gets no memory, nobody gets a thread. */
extern _Thread_local bool no_memory;
extern bool no_threads;
/* How often anybody has gone to sleep or yielded. */
unsigned waits(void);

/* One kind: what all kinds have in common, and a law of its own. */
struct kind {
	const char *name;
	int (*create)(const char *implementation, void **out);
	int (*destroy)(void *object);
	void (*law)(const char *implementation);
};

extern const struct kind law_mutex, law_recursive_mutex, law_rwlock, law_gil,
	law_cond, law_event, law_semaphore, law_barrier, law_once, law_queue,
	law_executor, law_thread, law_local, law_counter;

#endif
