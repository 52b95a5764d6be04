/* SPDX-License-Identifier: MIT */
/*
 * The contract laws: each a named test that runs for every implementation of
 * its kind, in a process of its own, with a time limit.
 *
 *	LAW(mutex, excludes, "two threads are never inside")
 *	{
 *		void *m = law_object(&impl->id);
 *		...
 *	}
 *
 * Inside a law `impl` is the implementation. A law depends on no speed: it
 * waits for conditions (EVENTUALLY) and leaves hanging to the time limit.
 */
#ifndef LAWS_H
#define LAWS_H

#include <check.h>
#include <pthread.h>

#include "../../primitives/register.h"

struct law {
	const char *kind;
	const char *name;
	const char *brief;
	void (*run)(const struct registration *r);
	int line; /* laws of a kind come in the order of their file */
};

#define LAW(kind_, name_, brief_)                                              \
	static void name_(const struct kind_##_impl *impl);                    \
	static void name_##_run(const struct registration *r)                  \
	{                                                                      \
		name_((const struct kind_##_impl *)r->id);                     \
	}                                                                      \
	static const struct law name_##_law = { #kind_, #name_, brief_,        \
						name_##_run, __LINE__ };       \
	__attribute__((section("synclab_law"), used,                           \
		       retain)) static const struct law *const name_##_entry = \
		&name_##_law;                                                  \
	static void name_(const struct kind_##_impl *impl)

/*
 * Fail the law, with the expression, file and line. Only a failure calls Check:
 * a success would mark its place in there, which takes most of a law's time and
 * might give threads edges that the primitive lacks.
 */
#define CHECK(condition)                                                       \
	do {                                                                   \
		if (unlikely(!(condition)))                                    \
			ck_abort_msg("%s", "not so: " #condition);             \
	} while (0)
#define CHECK_EQ(a, b)                                                         \
	do {                                                                   \
		long long a_ = (long long)(a), b_ = (long long)(b);            \
		if (unlikely(a_ != b_))                                        \
			ck_abort_msg("%s is %lld, not %s (%lld)", #a, a_, #b,  \
				     b_);                                      \
	} while (0)

/* Wait for what must come; if it does not, the time limit names the law. */
#define EVENTUALLY(condition)                                                  \
	do {                                                                   \
		while (!(condition))                                           \
			law_pause();                                           \
	} while (0)

/* End the law here and say aloud why it does not apply. */
_Noreturn void law_skip(const char *reason);

/* If hook is NULL, skip with the implementation's own reason. */
#define NEEDS(hook)                                                            \
	do {                                                                   \
		if (!impl->hook)                                               \
			law_skip(impl->id.unsupported);                        \
	} while (0)

/* n, more when the user gave more time, fewer under a sanitizer; at least 1. */
unsigned law_rounds(unsigned n);

/* A zeroed object, and a zeroed node (NULL if none is needed), 64-aligned. */
void *law_object(const struct implementation *id);
void *law_node(const struct implementation *id);

/* n threads that run body(shared, 0 .. n - 1) and are joined. */
typedef void law_body(void *shared, unsigned index);
void law_crew(unsigned n, law_body *body, void *shared);

/* The same in two steps, for laws that act while the crew runs. */
struct crew;
struct crew *crew_start(unsigned n, law_body *body, void *shared);
void crew_join(struct crew *c);

/* About a millisecond, for others to get somewhere. */
void law_pause(void);

/* Deadlines for laws: one that comes soon, one that means "hung". */
#define SOON deadline_in(20 * NS_PER_MS)

/* A thread that is about to wait says so, and another one finds out when it
 * does: when it sleeps, or has spun for a while since it said so. */
struct law_waiter {
	_Atomic int tid; /* 0 until it has said so */
	pthread_t thread;
	uint64_t cpu_ns;
};

void law_about_to_wait(struct law_waiter *w);
void law_until_waiting(struct law_waiter *w);

#endif
