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
#define OP(...)                                                                \
	{                                                                      \
		.name = __VA_ARGS__                                            \
	}
#define THREAD(...)                                                            \
	{                                                                      \
		__VA_ARGS__                                                    \
	}

#define HISTORY(kind_, name_, about_, parameters_, ...)                        \
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
	       .about = about_, .lacks = lacks_##kind_##_##name_)              \
	{                                                                      \
		play_plan(&plan_##kind_##_##name_, impl);                      \
	}

/* ---- queue: capacity ---- */

HISTORY(queue, puts_gets, "two puts beside two gets, capacity for two",
	PARAMETERS(2), THREAD(OP("put"), OP("put")),
	THREAD(OP("get"), OP("get")))
/* It is never empty when they look, and never full. */
HISTORY(queue, never_empty, "a put and a try to get each", PARAMETERS(2),
	THREAD(OP("put"), OP("tryget")), THREAD(OP("put"), OP("tryget")))
HISTORY(queue, never_empty_unbounded,
	"a put and a try to get each, no capacity", PARAMETERS(0),
	THREAD(OP("put"), OP("tryget")), THREAD(OP("put"), OP("tryget")))
HISTORY(queue, never_full, "a put and a try to put beside a get and a put",
	PARAMETERS(2), THREAD(OP("put"), OP("tryput")),
	THREAD(OP("get"), OP("put")))
HISTORY(queue, full, "two tries to put beside a try to get and the length",
	PARAMETERS(1), THREAD(OP("tryput"), OP("tryput")),
	THREAD(OP("tryget"), OP("length")))
HISTORY(queue, close, "a put and close beside two gets", PARAMETERS(0),
	THREAD(OP("put"), OP("close")), THREAD(OP("get"), OP("get")))

/*
 * ---- counter ----
 *
 * Not an add and a read each: that no read counts the other's add is right by
 * what happens before what, and no order explains it.
 */

HISTORY(counter, adds_reads, "two adds beside two reads", PARAMETERS(0),
	THREAD(OP("add"), OP("add")), THREAD(OP("read"), OP("read")))

/* ---- semaphore: first value, most ---- */

HISTORY(semaphore, tries, "a try and a release beside two tries",
	PARAMETERS(1, 0), THREAD(OP("tryacquire"), OP("release", 1)),
	THREAD(OP("tryacquire"), OP("tryacquire")))
HISTORY(semaphore, values, "releases beside a try and the value",
	PARAMETERS(0, 0), THREAD(OP("release", 2), OP("release", 1)),
	THREAD(OP("tryacquire"), OP("value")))
HISTORY(semaphore, bounded, "releases of too many beside acquires",
	PARAMETERS(1, 2), THREAD(OP("release", 2), OP("release", 1)),
	THREAD(OP("acquire"), OP("tryacquire")))

/* ---- event ---- */

HISTORY(event, set_clear, "set and clear beside two looks", PARAMETERS(0),
	THREAD(OP("set"), OP("clear")), THREAD(OP("is_set"), OP("is_set")))
HISTORY(event, two_looks, "set and a look beside clear and a look",
	PARAMETERS(0), THREAD(OP("set"), OP("is_set")),
	THREAD(OP("clear"), OP("is_set")))
HISTORY(event, set_wait, "clear and set beside wait and a look", PARAMETERS(0),
	THREAD(OP("clear"), OP("set")), THREAD(OP("wait"), OP("is_set")))

/* ---- rwlock, mutexes: what is taken is released, too ---- */

HISTORY(rwlock, tries, "a try to read beside a try to write", PARAMETERS(0),
	THREAD(OP("tryrdlock")), THREAD(OP("trywrlock")))
HISTORY(rwlock, readers, "two tries to read", PARAMETERS(0),
	THREAD(OP("tryrdlock")), THREAD(OP("tryrdlock")))
HISTORY(rwlock, try_beside_reader, "a try to write beside a reader",
	PARAMETERS(0), THREAD(OP("rdlock")), THREAD(OP("trywrlock")))
HISTORY(rwlock, writer_then_reader,
	"a try to write, then to read, beside a try to read", PARAMETERS(0),
	THREAD(OP("trywrlock"), OP("unlock"), OP("tryrdlock")),
	THREAD(OP("tryrdlock")))

HISTORY(mutex, tries, "a try each", PARAMETERS(0), THREAD(OP("trylock")),
	THREAD(OP("trylock")))
HISTORY(mutex, try_beside_lock, "a try beside a section", PARAMETERS(0),
	THREAD(OP("lock")), THREAD(OP("trylock")))

HISTORY(recursive_mutex, tries, "a try and unlock beside a try and the depth",
	PARAMETERS(0), THREAD(OP("trylock"), OP("unlock")),
	THREAD(OP("trylock"), OP("depth")))
HISTORY(recursive_mutex, twice, "lock and a second try beside a try",
	PARAMETERS(0), THREAD(OP("lock"), OP("trylock")), THREAD(OP("trylock")))

/* ---- cond ---- */

HISTORY(cond, signal, "one that may give up beside a signal", PARAMETERS(0),
	THREAD(OP("lock"), OP("timedwait", 1000)),
	THREAD(OP("lock"), OP("signal", 1)))

/* ---- once ---- */

HISTORY(once, calls, "two calls beside a look and a call", PARAMETERS(0),
	THREAD(OP("call"), OP("call")), THREAD(OP("done"), OP("call")))
/* argument 1: it fails */
HISTORY(once, attempts, "an attempt that fails, one that does not, and looks",
	PARAMETERS(0), THREAD(OP("attempt", 1), OP("done")),
	THREAD(OP("attempt", 0), OP("done")))

/* ---- barrier: parties ---- */

HISTORY(barrier, rounds, "two rounds of two", PARAMETERS(2),
	THREAD(OP("wait"), OP("wait")), THREAD(OP("wait"), OP("wait")))
HISTORY(barrier, waiting, "a round of one beside two looks", PARAMETERS(1),
	THREAD(OP("wait"), OP("wait")), THREAD(OP("waiting"), OP("waiting")))
