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
#ifndef LAW_H
#define LAW_H

#include <pthread.h>

#include "../../../primitives/register.h"
#include "../trial/trial.h"
#include "../trial/watchdog.h"

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

/* Fail the law, with the expression, file and line. Success costs nothing and
 * gives threads no edges that the primitive lacks. */
#define CHECK(condition)                                                       \
	do {                                                                   \
		if (unlikely(!(condition)))                                    \
			trial_fail("%s:%d: not so: %s", __FILE__, __LINE__,    \
				   #condition);                                \
	} while (0)
#define CHECK_EQ(a, b)                                                         \
	do {                                                                   \
		long long a_ = (long long)(a), b_ = (long long)(b);            \
		if (unlikely(a_ != b_))                                        \
			trial_fail("%s:%d: %s is %lld, not %s (%lld)",         \
				   __FILE__, __LINE__, #a, a_, #b, b_);        \
	} while (0)

/* Wait for what others must do, by turns; if it does not come, the watchdog
 * names the law. */
#define UNTIL(condition, turn)                                                 \
	do {                                                                   \
		if (condition)                                                 \
			break;                                                 \
		do {                                                           \
			watchdog_poll(true);                                   \
			turn();                                                \
		} while (!(condition));                                        \
		watchdog_poll(false);                                          \
	} while (0)

/* What comes when it comes, and what comes within microseconds, thousands of
 * times. */
#define EVENTUALLY(condition) UNTIL(condition, law_pause)
#define SHORTLY(condition)    UNTIL(condition, sched_yield)

/* If hook is NULL, skip with the implementation's own reason. */
#define NEEDS(hook)                                                            \
	do {                                                                   \
		if (!impl->hook)                                               \
			trial_skip(impl->id.unsupported);                      \
	} while (0)

/* n, more when the user gave more time, fewer under a sanitizer; at least 1. */
unsigned law_rounds(unsigned n);

/* A zeroed object, and a zeroed node (NULL if none is needed), 64-aligned. */
void *law_object(const struct implementation *id);
void *law_node(const struct implementation *id);

/* Where the trial is an aged one, bring a fresh object's counters shortly
 * before the point where they wrap round, 1 to 4096 uses drawn from the seed:
 * some wrap at the first use, some once all threads are there. After init,
 * before use. */
void law_age(const struct implementation *id, void *object);

/*
 * The same for an object that somebody destroys while others may still be on
 * their way out of it: any access after law_bury ends the law (the page is
 * gone; under a sanitizer it is freed memory).
 */
void *law_mortal(const struct implementation *id);
void law_bury(const struct implementation *id, void *object);

/* n threads that run body(shared, 0 .. n - 1) and are joined. */
typedef void law_body(void *shared, unsigned index);
void law_crew(unsigned n, law_body *body, void *shared);

/* The same in two steps, for laws that act while the crew runs. */
struct crew;
struct crew *crew_start(unsigned n, law_body *body, void *shared);
void crew_join(struct crew *c);

/* How many threads the kernel sees in this process; at most 256. */
unsigned law_threads(void);

/*
 * Runs attempt(shared) with the first, the second ... allocation or
 * pthread_create refused, until there are not so many. Each time it has to
 * answer SYNC_NO_MEMORY or SYNC_NO_THREAD, or 0 if it does without, and to
 * leave no thread behind. It cleans up what it has made.
 */
typedef int law_attempt(void *shared);
void law_without_memory(law_attempt *attempt, void *shared);
void law_without_threads(law_attempt *attempt, void *shared);

/*
 * To see a store buffer at work two threads have to run at the same time
 * (cpu_pin), and stores that miss, to lines that both write, keep the store
 * after them in the buffer for long.
 */
void law_store_far(void);

/* About a millisecond, for others to get somewhere. */
void law_pause(void);

/* Until the word is this, awake: for threads that are to meet right after. */
void law_meet(const _Atomic unsigned *word, unsigned value);

/* Awake until then: for what is to happen at about that time. */
void law_busy_until(uint64_t ns);

/* Deadlines for laws: one that comes soon, one that means "hung". */
#define SOON deadline_in(20 * NS_PER_MS)

/* Others mean "as long as it takes": each index up to that has another one,
 * beyond what somebody counts microseconds, milliseconds, seconds or signed
 * nanoseconds with. */
enum { FAR_DEADLINES = 6 };
uint64_t law_far_deadline(unsigned index);

/* A thread that is about to wait says so, and another one finds out when it
 * does: when it sleeps, or has spun for a while since it said so. */
struct law_waiter {
	_Atomic int tid; /* 0 until it has said so */
	pthread_t thread;
	uint64_t cpu_ns;
};

void law_about_to_wait(struct law_waiter *w);
void law_until_waiting(struct law_waiter *w);

/* crew_start, and back once all of them wait: body(shared, i) says of
 * waiters[i] that it is about to. */
struct crew *crew_start_waiting(unsigned n, law_body *body, void *shared,
				struct law_waiter *waiters);

/*
 * Signals to a waiter, about a millisecond apart, until *done: whatever it
 * blocks in returns, each time. It has to be done by its deadline: the law has
 * failed when a hundred more have found it waiting. One at a time in a law.
 */
void law_interrupt(struct law_waiter *w, uint64_t deadline,
		   const _Atomic bool *done);

#endif
