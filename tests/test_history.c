/* SPDX-License-Identifier: MIT */
/*
 * The judge of histories on histories written by hand, right and wrong, with
 * every model; and the diagram of one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../harness/check/history/client.h"
#include "../harness/check/history/judge.h"
#include "../harness/check/history/picture.h"
#include "../harness/check/history/play.h"
#include "../primitives/executor.h"
#include "units.h"

static const struct model *model;
static struct client client;
static struct history history;
static uint32_t events;

static void begin(const char *kind, int parameter, int second)
{
	model = model_of(kind);
	ck_assert_ptr_nonnull(model);
	client = (struct client){ .threads = CLIENT_THREADS,
				  .parameters = { parameter, second } };
	history.n = 0;
	events = 0;
}

static uint8_t code_of(const char *name)
{
	for (size_t i = 0; i < model->n; i++)
		if (strcmp(model->operations[i].name, name) == 0)
			return (uint8_t)i;
	ck_abort_msg("no operation %s", name);
}

/* A thread calls an operation; it is stuck unless it comes back. */
static void call(unsigned thread, const char *name, int argument)
{
	history.ops[history.n++] = (struct op){
		.code = code_of(name),
		.thread = (uint8_t)thread,
		.argument = argument,
		.answer = NO_ANSWER,
		.invoked = ++events,
	};
}

/* The thread's last call comes back. */
static void back(unsigned thread, int answer, uint64_t value)
{
	unsigned i = history.n;

	while (history.ops[--i].thread != thread)
		;
	history.ops[i].answer = answer;
	history.ops[i].value = value;
	history.ops[i].responded = ++events;
}

/* Both, with nothing in between. */
static void does(unsigned thread, const char *name, int argument, int answer,
		 uint64_t value)
{
	call(thread, name, argument);
	back(thread, answer, value);
}

static bool right(void)
{
	enum judgement j = judge(model, &client, &history, NULL);

	ck_assert_int_ne(j, UNDECIDED);
	return j == RIGHT;
}

/* What was done last would have been wrong; take it back. */
static bool wrong_and_undone(void)
{
	bool wrong = !right();

	history.n--;
	return wrong;
}

START_TEST(a_mutex_excludes)
{
	begin("mutex", 0, 0);
	call(0, "lock", 0);
	call(1, "lock", 0);
	back(1, SYNC_OK, 0);
	call(1, "unlock", 0);
	back(0, SYNC_OK, 0);
	ck_assert(!right()); /* unlock has not returned, and nothing stops it */
	back(1, SYNC_OK, 0);
	ck_assert(right()); /* 1 before 0 */
	does(2, "trylock", 0, SYNC_BUSY, 0);
	ck_assert(right());
	does(2, "timedlock", 5, SYNC_TIMEOUT, 0);
	ck_assert(right());
	does(2, "lock", 0, SYNC_OK, 0);
	ck_assert(!right()); /* two inside */
}
END_TEST

START_TEST(real_time_counts)
{
	begin("mutex", 0, 0);
	does(0, "lock", 0, SYNC_OK, 0);
	call(0, "unlock", 0);
	does(1, "trylock", 0, SYNC_BUSY, 0);
	back(0, SYNC_OK, 0);
	ck_assert(right()); /* before the unlock that runs beside it */
	does(1, "trylock", 0, SYNC_BUSY, 0);
	ck_assert(!right()); /* long after it */
}
END_TEST

START_TEST(a_stuck_operation_needs_a_reason)
{
	begin("mutex", 0, 0);
	does(0, "lock", 0, SYNC_OK, 0);
	call(1, "lock", 0);
	call(2, "lock", 0);
	ck_assert(right());
	does(0, "unlock", 0, SYNC_OK, 0);
	ck_assert(!right()); /* free, and two wait for it */
	back(2, SYNC_OK, 0);
	ck_assert(right()); /* thread 2 keeps it */
	does(2, "unlock", 0, SYNC_OK, 0);
	ck_assert(!right());
}
END_TEST

START_TEST(a_delegated_section_runs_once)
{
	begin("mutex", 0, 0);
	call(0, "call", 0);
	does(1, "call", 0, 0, 0);
	does(2, "trylock", 0, SYNC_BUSY, 0); /* 0 runs sections of others */
	back(0, 0, 1);
	ck_assert(right());
	does(2, "trylock", 0, SYNC_BUSY, 0);
	ck_assert(wrong_and_undone());
	does(1, "call", 0, 0, 1);
	ck_assert(!right()); /* one has run already after one section */
}
END_TEST

START_TEST(a_semaphore_counts)
{
	begin("semaphore", 1, 2);
	call(0, "acquire", 0);
	call(1, "acquire", 0);
	ck_assert(!right());
	back(1, SYNC_OK, 0);
	ck_assert(right());
	does(2, "tryacquire", 0, SYNC_BUSY, 0);
	does(2, "release", 2, SYNC_OK, 0);
	ck_assert(!right()); /* two permits, and one waits */
	back(0, SYNC_OK, 0);
	ck_assert(right());
	does(2, "value", 0, 0, 1);
	ck_assert(right());
	does(2, "release", 2, SYNC_OK, 0);
	ck_assert(wrong_and_undone()); /* above the bound */
	does(2, "release", 2, SYNC_OVERFLOW, 0);
	does(2, "release", 1, SYNC_OK, 0);
	ck_assert(right());
	does(2, "timedacquire", 0, SYNC_TIMEOUT, 0);
	ck_assert(!right());
}
END_TEST

START_TEST(a_recursive_mutex_has_an_owner)
{
	begin("recursive_mutex", 0, 0);
	does(0, "lock", 0, SYNC_OK, 0);
	does(0, "trylock", 0, SYNC_OK, 0);
	does(1, "trylock", 0, SYNC_BUSY, 0);
	does(1, "unlock", 0, SYNC_NOT_OWNER, 0);
	does(0, "depth", 0, 0, 2);
	does(0, "unlock", 0, SYNC_OK, 0);
	call(1, "lock", 0);
	ck_assert(right());
	does(0, "release_all", 0, 0, 1);
	ck_assert(!right());
	back(1, SYNC_OK, 0);
	ck_assert(right());
	does(0, "unlock", 0, SYNC_OK, 0);
	ck_assert(!right());
}
END_TEST

START_TEST(a_gil_switches)
{
	begin("gil", 0, 0);
	does(0, "acquire", 0, SYNC_OK, 0);
	does(0, "yield", 0, false, 0);
	ck_assert(right());
	does(0, "yield", 0, true, 0);
	ck_assert(wrong_and_undone()); /* nobody else has had it */
	call(1, "acquire", 0);
	call(0, "yield", 0);
	back(1, SYNC_OK, 0);
	ck_assert(right());
	does(1, "release", 0, SYNC_OK, 0);
	back(0, true, 0);
	ck_assert(right());
	does(1, "acquire", 0, SYNC_OK, 0);
	ck_assert(!right());
}
END_TEST

START_TEST(an_rwlock_excludes_writers)
{
	begin("rwlock", 0, 0);
	does(0, "rdlock", 0, SYNC_OK, 0);
	does(1, "tryrdlock", 0, SYNC_OK, 0);
	ck_assert(right());
	does(2, "tryrdlock", 0, SYNC_BUSY, 0);
	ck_assert(wrong_and_undone());
	does(2, "trywrlock", 0, SYNC_BUSY, 0);
	does(2, "wrlock", 0, SYNC_OK, 0);
	ck_assert(wrong_and_undone());
	call(2, "wrlock", 0);
	call(3, "rdlock", 0);
	ck_assert(right()); /* a writer waits: the reader may have to */
	does(0, "unlock", 0, SYNC_OK, 0);
	does(1, "unlock", 0, SYNC_OK, 0);
	ck_assert(!right()); /* nobody inside, two wait */
	back(3, SYNC_OK, 0);
	ck_assert(right()); /* the reader was first */

	begin("rwlock", 0, 0);
	does(0, "wrlock", 0, SYNC_OK, 0);
	call(1, "timedrdlock", 5);
	does(0, "unlock", 0, SYNC_OK, 0);
	does(0, "trywrlock", 0, SYNC_BUSY, 0); /* a reader has come */
	back(1, SYNC_TIMEOUT, 0);
	ck_assert(right());
	does(0, "trywrlock", 0, SYNC_BUSY, 0);
	ck_assert(!right());
}
END_TEST

START_TEST(an_event_releases_its_waiters)
{
	begin("event", 0, 0);
	does(0, "timedwait", 0, SYNC_TIMEOUT, 0);
	call(1, "wait", 0);
	ck_assert(right());
	does(0, "set", 0, SYNC_OK, 0);
	ck_assert(!right());
	does(0, "timedwait", 0, SYNC_TIMEOUT, 0);
	ck_assert(wrong_and_undone());
	does(0, "clear", 0, SYNC_OK, 0);
	ck_assert(right()); /* it has come too late */
	does(0, "is_set", 0, false, 0);
	back(1, SYNC_OK, 0);
	ck_assert(right()); /* or not, though the event is clear again */
	does(1, "wait", 0, SYNC_OK, 0);
	ck_assert(!right());
}
END_TEST

START_TEST(a_queue_keeps_the_order_of_each_putter)
{
	begin("queue", 3, 0);
	does(0, "put", 0, SYNC_OK, 0);
	does(0, "put", 1, SYNC_OK, 0);
	does(1, "put", CLIENT_OPS, SYNC_OK, 0);
	does(1, "tryput", CLIENT_OPS + 1, SYNC_BUSY, 0);
	does(2, "get", 0, SYNC_OK, 1);
	ck_assert(wrong_and_undone());
	does(2, "get", 0, SYNC_OK, CLIENT_OPS);
	does(2, "get", 0, SYNC_OK, 0);
	does(2, "tryget", 0, SYNC_BUSY, 0);
	ck_assert(wrong_and_undone());
	does(2, "length", 0, 0, 1);
	ck_assert(right());
	does(2, "get", 0, SYNC_OK, 0);
	ck_assert(wrong_and_undone()); /* it was got already */
	call(3, "get", 0);
	ck_assert(!right());
	back(3, SYNC_OK, 1);
	ck_assert(right());
}
END_TEST

START_TEST(a_queue_closes_and_counts_tasks)
{
	begin("queue", 1, 0);
	does(0, "put", 0, SYNC_OK, 0);
	call(1, "put", CLIENT_OPS);
	call(2, "join", 0);
	ck_assert(right());
	does(0, "close", 0, SYNC_OK, 0);
	ck_assert(!right()); /* the putter has to be told */
	back(1, SYNC_CLOSED, 0);
	does(0, "get", 0, SYNC_CLOSED, 0);
	ck_assert(wrong_and_undone());
	does(0, "get", 0, SYNC_OK, 0);
	does(0, "get", 0, SYNC_CLOSED, 0);
	ck_assert(right());
	does(0, "task_done", 0, SYNC_OK, 0);
	ck_assert(!right()); /* the joiner waits for nothing */
	back(2, SYNC_OK, 0);
	does(0, "task_done", 0, SYNC_INVALID, 0);
	ck_assert(right());
}
END_TEST

START_TEST(a_barrier_lets_a_round_through)
{
	begin("barrier", 2, 0);
	call(0, "wait", 0);
	ck_assert(right());
	call(1, "wait", 0);
	ck_assert(!right());
	back(1, SYNC_OK, 0);
	back(0, SYNC_OK, 1);
	ck_assert(right());
	history.ops[0].value = 0;
	ck_assert(!right()); /* two of them serial */
	history.ops[0].value = 1;
	call(2, "wait", 0);
	does(3, "timedwait", 5, SYNC_TIMEOUT, 0);
	ck_assert(!right()); /* two make a round, or one is sent away */
	begin("barrier", 3, 0);
	call(2, "wait", 0);
	does(3, "timedwait", 5, SYNC_TIMEOUT, 0);
	ck_assert(!right());
	back(2, SYNC_BROKEN, 0);
	does(1, "broken", 0, true, 0);
	ck_assert(right());
	does(1, "wait", 0, SYNC_BROKEN, 0);
	does(1, "reset", 0, SYNC_OK, 0);
	does(1, "waiting", 0, 0, 0);
	call(2, "wait", 0);
	ck_assert(right());
}
END_TEST

START_TEST(once_runs_once_and_a_counter_counts)
{
	begin("once", 0, 0);
	call(0, "call", 0);
	does(1, "done", 0, false, 0);
	call(1, "call", 0);
	back(0, 0, 3); /* it has run, and was over */
	back(1, 0, 2);
	does(1, "done", 0, true, 0);
	ck_assert(right());
	does(1, "call", 0, 0, 3);
	ck_assert(wrong_and_undone()); /* a second time */
	does(1, "call", 0, 0, 0);
	ck_assert(!right()); /* before it was over */

	begin("once", 0, 0);
	call(0, "attempt", 1);
	call(1, "attempt", 0);
	back(0, EIO, 1);     /* it has run, and failed */
	ck_assert(!right()); /* so the other one may not wait for it */
	back(1, 0, 3);
	ck_assert(right());
	does(2, "attempt", 1, 0, 2); /* its function is not run */
	ck_assert(right());
	does(2, "attempt", 1, EIO, 1);
	ck_assert(!right());

	begin("counter", 0, 0);
	does(0, "add", 0, SYNC_OK, 0);
	call(1, "add", 1);
	call(2, "add", 2);
	does(3, "read", 0, 0, 1 | 2);
	does(0, "read", 0, 0, 1 | 4); /* neither has a moment: both right */
	back(1, SYNC_OK, 0);
	back(2, SYNC_OK, 0);
	ck_assert(right());
	does(3, "read", 0, 0, 1 | 2);
	ck_assert(wrong_and_undone());
	does(3, "read", 0, 0, 7);
	ck_assert(right());
}
END_TEST

START_TEST(a_signal_wakes_a_waiter)
{
	begin("cond", 0, 0);
	for (unsigned t = 0; t < 2; t++) {
		does(t, "lock", 0, SYNC_OK, 0);
		call(t, t ? "timedwait" : "wait", 5);
	}
	does(2, "lock", 0, SYNC_OK, 0);
	does(2, "signal", 1, SYNC_OK, 0);
	ck_assert(right()); /* the mutex is held */
	does(2, "unlock", 0, SYNC_OK, 0);
	ck_assert(!right());
	back(1, SYNC_OK, 0);
	does(1, "unlock", 0, SYNC_OK, 0);
	ck_assert(right()); /* one has come back */
	history.ops[3].answer = SYNC_TIMEOUT;
	ck_assert(!right()); /* but not for the signal */
}
END_TEST

START_TEST(a_future_runs_or_is_cancelled)
{
	begin("executor", 1, 0);
	does(0, "submit", 0, SYNC_OK, 0);
	does(1, "submit", 0, SYNC_OK, 0);
	does(2, "state", 1, 0, RUNNING);
	does(2, "cancel", 0, SYNC_OK, 0);
	ck_assert(wrong_and_undone()); /* 0 has started before 1 */
	does(2, "timedresult", 0, SYNC_TIMEOUT, 0);
	does(2, "result", 0, SYNC_OK, 2);
	ck_assert(wrong_and_undone()); /* run twice */
	does(2, "result", 0, SYNC_OK, 1);
	does(2, "submit", 0, SYNC_OK, 0);
	call(3, "shutdown", 2); /* waits, cancels */
	does(2, "state", 2, 0, PENDING);
	does(2, "submit", 0, SYNC_CLOSED, 0);
	back(3, SYNC_OK, 0);
	ck_assert(right());
	does(2, "timedresult", 2, SYNC_TIMEOUT, 0);
	ck_assert(wrong_and_undone());
	does(2, "result", 2, SYNC_CANCELED, 0);
	does(2, "runs", 0, 0, 3);
	ck_assert(wrong_and_undone());
	does(2, "runs", 0, 0, 2);
	ck_assert(right());
	call(0, "result", 1);
	ck_assert(!right()); /* never waits for ever */
}
END_TEST

/* Two pairs, nothing between them: no times are like that. */
START_TEST(a_partial_order_counts)
{
	uint64_t before[4] = { 0 };

	begin("mutex", 0, 0);
	does(0, "lock", 0, SYNC_OK, 0);
	does(0, "unlock", 0, SYNC_OK, 0);
	does(1, "trylock", 0, SYNC_BUSY, 0);
	does(1, "trylock", 0, SYNC_OK, 0);
	ck_assert(!right());
	before[1] = 1 << 0;
	before[3] = 1 << 2;
	ck_assert_int_eq(judge_ordered(model, &client, &history, before, NULL),
			 RIGHT); /* the first between lock and unlock */
	before[2] = 1 << 1;
	ck_assert_int_eq(judge_ordered(model, &client, &history, before, NULL),
			 WRONG);
}
END_TEST

static const char *drawn(unsigned columns)
{
	static char text[4000];
	FILE *out = fmemopen(text, sizeof(text), "w");

	picture_print(model, &history, picture_threads, columns, out);
	fclose(out);
	return text;
}

START_TEST(a_history_is_cut_and_drawn)
{
	begin("mutex", 0, 0);
	call(0, "lock", 0);
	call(1, "timedlock", 30);
	back(0, SYNC_OK, 0);
	back(1, SYNC_TIMEOUT, 0);
	call(1, "lock", 0);
	does(2, "trylock", 0, SYNC_OK, 0);
	does(2, "unlock", 0, SYNC_OK, 0);
	ck_assert(!right());
	judge_cut(model, &client, &history);
	ck_assert_uint_eq(history.n, 4);
	ck_assert(history.ops[2].open || history.ops[3].open);
	ck_assert(!right());
	ck_assert_str_eq(drawn(80),
			 "thread 0  |-lock()-|\n"
			 "thread 1    |-timedlock(30 us)=timeout-| "
			 "|-lock() ...\n"
			 "thread 2                                   "
			 "|-trylock()=ok-|\n");
	ck_assert_str_eq(drawn(50), "thread 0  |-lock()-|\n"
				    "thread 1    |-timedlock(30 us)=timeout-|\n"
				    "thread 2\n"
				    "\n"
				    "thread 0\n"
				    "thread 1  |-lock() ...\n"
				    "thread 2    |-trylock()=ok-|\n");
}
END_TEST

UNITS(history, a_mutex_excludes, real_time_counts, a_partial_order_counts,
      a_stuck_operation_needs_a_reason, a_delegated_section_runs_once,
      a_semaphore_counts, a_recursive_mutex_has_an_owner, a_gil_switches,
      an_rwlock_excludes_writers, an_event_releases_its_waiters,
      a_queue_keeps_the_order_of_each_putter, a_queue_closes_and_counts_tasks,
      a_barrier_lets_a_round_through, once_runs_once_and_a_counter_counts,
      a_signal_wakes_a_waiter, a_future_runs_or_is_cancelled,
      a_history_is_cut_and_drawn)
