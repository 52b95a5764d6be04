/* SPDX-License-Identifier: MIT */
/*
 * Clients that assert nothing: what the operations of two threads answer, and
 * what is left in the object at the end, has to be linearizable.
 */
#include "kit.h"
#include "stage.h"

#include "../../../primitives/register.h"

static unsigned first(void)
{
	stage_play(0);
	return 0;
}

static unsigned second(void)
{
	stage_play(1);
	return 0;
}

static void play_plan(const struct plan *p, const void *impl)
{
	stage_begin(p, impl);
	TOGETHER(first, second);
	stage_end();
}

#define PARAMETERS(...)                                                        \
	{                                                                      \
		__VA_ARGS__                                                    \
	}
#define THREAD(...)                                                            \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

#define HISTORY(kind_, name_, about_, size_, parameters_, ...)                 \
	static const struct plan plan_##kind_##_##name_ = {                    \
		.kind = #kind_,                                                \
		.parameters = parameters_,                                     \
		.of = { __VA_ARGS__ },                                         \
	};                                                                     \
	static const char *lacks_##kind_##_##name_(const void *impl)           \
	{                                                                      \
		return stage_lacks(&plan_##kind_##_##name_, impl);             \
	}                                                                      \
	CLIENT(kind_, history_##name_, .threads = STAGE_THREADS,               \
	       .about = about_, .size = size_,                                 \
	       .lacks = lacks_##kind_##_##name_)                               \
	{                                                                      \
		play_plan(&plan_##kind_##_##name_, impl);                      \
	}

/* ---- queue: capacity ---- */

HISTORY(queue, puts_gets, "two puts beside two gets, capacity for two",
	CLIENT_SMALL, PARAMETERS(2), THREAD({ "put" }, { "put" }),
	THREAD({ "get" }, { "get" }))
HISTORY(queue, put_try, "a put and a try to get each", CLIENT_SMALL,
	PARAMETERS(2), THREAD({ "put" }, { "tryget" }),
	THREAD({ "put" }, { "tryget" }))
HISTORY(queue, full, "two tries to put beside a get and its length",
	CLIENT_SMALL, PARAMETERS(1), THREAD({ "tryput" }, { "tryput" }),
	THREAD({ "tryget" }, { "length" }))
HISTORY(queue, close, "a put and close beside two gets", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "put" }, { "close" }),
	THREAD({ "get" }, { "get" }))

/* ---- counter ---- */

HISTORY(counter, adds_reads, "two adds beside two reads", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "add" }, { "add" }),
	THREAD({ "read" }, { "read" }))
HISTORY(counter, add_read, "an add and a read each", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "add" }, { "read" }),
	THREAD({ "add" }, { "read" }))

/* ---- semaphore: first value, most ---- */

HISTORY(semaphore, tries, "a try and a release each, one permit", CLIENT_SMALL,
	PARAMETERS(1, 0), THREAD({ "tryacquire" }, { "release", 1 }),
	THREAD({ "tryacquire" }, { "tryacquire" }))
HISTORY(semaphore, values, "releases beside a try and the value", CLIENT_SMALL,
	PARAMETERS(0, 0), THREAD({ "release", 2 }, { "release", 1 }),
	THREAD({ "tryacquire" }, { "value" }))
HISTORY(semaphore, bounded, "a release too many beside acquires", CLIENT_SMALL,
	PARAMETERS(1, 2), THREAD({ "release", 2 }, { "release", 1 }),
	THREAD({ "acquire" }, { "tryacquire" }))

/* ---- event ---- */

HISTORY(event, set_clear, "set and clear beside two looks", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "set" }, { "clear" }),
	THREAD({ "is_set" }, { "is_set" }))
HISTORY(event, two_flags, "set and a look beside clear and a look",
	CLIENT_SMALL, PARAMETERS(0), THREAD({ "set" }, { "is_set" }),
	THREAD({ "clear" }, { "is_set" }))
HISTORY(event, set_wait, "clear and set beside wait and a look", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "clear" }, { "set" }),
	THREAD({ "wait" }, { "is_set" }))

/* ---- rwlock, mutexes ---- */

HISTORY(rwlock, tries, "a try to read beside a try to write", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "tryrdlock" }, { "unlock" }),
	THREAD({ "trywrlock" }, { "unlock" }))
HISTORY(rwlock, readers, "two tries to read", CLIENT_SMALL, PARAMETERS(0),
	THREAD({ "tryrdlock" }, { "unlock" }),
	THREAD({ "tryrdlock" }, { "unlock" }))
HISTORY(rwlock, try_beside_lock, "a try to write beside a reader", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "rdlock" }, { "unlock" }),
	THREAD({ "trywrlock" }, { "unlock" }))

HISTORY(mutex, tries, "a try and unlock each", CLIENT_SMALL, PARAMETERS(0),
	THREAD({ "trylock" }, { "unlock" }),
	THREAD({ "trylock" }, { "unlock" }))
HISTORY(mutex, try_beside_lock, "a try beside a section", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "lock" }, { "unlock" }),
	THREAD({ "trylock" }, { "unlock" }))

HISTORY(recursive_mutex, tries, "a try and unlock each", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "trylock" }, { "unlock" }),
	THREAD({ "trylock" }, { "unlock" }))
HISTORY(recursive_mutex, depth, "lock and release all beside a try and depth",
	CLIENT_SMALL, PARAMETERS(0), THREAD({ "lock" }, { "release_all" }),
	THREAD({ "trylock" }, { "depth" }))

/* ---- once ---- */

HISTORY(once, calls, "two calls beside a look and a call", CLIENT_SMALL,
	PARAMETERS(0), THREAD({ "call" }, { "call" }),
	THREAD({ "done" }, { "call" }))
HISTORY(once, attempts, "an attempt that fails beside one that does not",
	CLIENT_SMALL, PARAMETERS(0), THREAD({ "attempt", 0 }, { "done" }),
	THREAD({ "attempt", 1 }, { "done" }))

/* ---- barrier: parties ---- */

HISTORY(barrier, rounds, "two rounds of two", CLIENT_SMALL, PARAMETERS(2),
	THREAD({ "wait" }, { "wait" }), THREAD({ "wait" }, { "wait" }))
HISTORY(barrier, waiting, "a round of one beside two looks", CLIENT_SMALL,
	PARAMETERS(1), THREAD({ "wait" }, { "wait" }),
	THREAD({ "waiting" }, { "waiting" }))
