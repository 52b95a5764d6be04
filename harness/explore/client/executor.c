/* SPDX-License-Identifier: MIT */
/*
 * Clients of executors: primitives/executor.h. Tasks and results are plain
 * memory. Futures are on the heap and freed as soon as they may be.
 */
#include <semaphore.h>

#include "kit.h"

#include "../../../primitives/executor.h"

LACKS(lacks_callback, executor, on_done)

static const struct executor_impl *e;
static void *executor;

/* What a task is given, and what becomes of it. */
struct task {
	void *future;
	unsigned given, done;
};

static struct task tasks[3];

static void begin(const void *impl, unsigned workers)
{
	e = impl;
	executor = object_new(&e->id);
	assert(e->init(executor, workers) == SYNC_OK);
}

static void end(void)
{
	e->destroy(executor);
	free(executor);
}

static void *future_new(void)
{
	void *future = malloc(e->future_size);

	assert(future != NULL);
	return future;
}

static void *perform(void *argument)
{
	struct task *task = argument;

	task->done += task->given;
	return task;
}

static void submit(struct task *task)
{
	task->future = future_new();
	task->given = 7;
	int result = e->submit(executor, task->future, perform, task);

	assert(result == SYNC_OK);
}

static void await_result(struct task *task)
{
	void *value;

	assert(e->result(task->future, DEADLINE_NEVER, &value) == SYNC_OK);
	assert(value == task && task->done == 7);
	free(task->future);
}

CLIENT(executor, submit_result, .threads = 1,
       .about = "a task and its result; the future is freed at once")
{
	begin(impl, 1);
	submit(&tasks[0]);
	await_result(&tasks[0]);
	end();
}

CLIENT(executor, after_idling, .threads = 1,
       .about = "a task, and another one when that is done")
{
	begin(impl, 1);
	for (unsigned i = 0; i < 2; i++) {
		submit(&tasks[i]);
		await_result(&tasks[i]);
	}
	end();
}

/* Plain: a task of one worker's sees what the one before it has done. */
static unsigned order;

static void *in_order(void *argument)
{
	struct task *task = argument;

	assert(order == task->given);
	order++;
	return task;
}

CLIENT(executor, in_order, .threads = 1, .about = "two tasks of one worker")
{
	void *value;

	begin(impl, 1);
	for (unsigned i = 0; i < 2; i++) {
		tasks[i] = (struct task){ .future = future_new(), .given = i };
		int result = e->submit(executor, tasks[i].future, in_order,
				       &tasks[i]);

		assert(result == SYNC_OK);
	}
	for (unsigned i = 0; i < 2; i++) {
		assert(!e->result(tasks[i].future, DEADLINE_NEVER, &value));
		free(tasks[i].future);
	}
	end();
}

/* The second one may be done before its submit has asked for a worker. */
CLIENT(executor, no_task_is_stranded, .threads = 1, .size = CLIENT_LARGE,
       .about = "three tasks of one worker")
{
	begin(impl, 1);
	for (unsigned i = 0; i < 3; i++)
		submit(&tasks[i]);
	for (unsigned i = 0; i < 3; i++)
		await_result(&tasks[i]);
	end();
}

CLIENT(executor, two_workers, .threads = 2, .size = CLIENT_LARGE,
       .about = "two tasks, two workers")
{
	begin(impl, 2);
	submit(&tasks[0]);
	submit(&tasks[1]);
	await_result(&tasks[0]);
	await_result(&tasks[1]);
	end();
}

CLIENT(executor, destroy_runs_queued, .threads = 1,
       .about = "a task that nobody waits for runs before destroy returns")
{
	begin(impl, 1);
	submit(&tasks[0]);
	end();
	assert(e->state(tasks[0].future) == DONE);
	await_result(&tasks[0]);
}

CLIENT(executor, result_in_time, .threads = 1,
       .about = "a wait for a result that may give up; then another one")
{
	begin(impl, 1);
	submit(&tasks[0]);
	int result = e->result(tasks[0].future, soon(), NULL);

	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	await_result(&tasks[0]);
	end();
}

CLIENT(executor, state_follows, .threads = 1,
       .about = "who is told that it is done sees what it did")
{
	begin(impl, 1);
	submit(&tasks[0]);
	enum future_state state = e->state(tasks[0].future);

	assert(state == PENDING || state == RUNNING || state == DONE);
	if (state == DONE)
		assert(tasks[0].done == 7);
	await_result(&tasks[0]);
	end();
}

/* It runs or is cancelled; whoever waits is told which. */
static void check_canceled_or_done(struct task *task, bool canceled)
{
	int result = e->result(task->future, DEADLINE_NEVER, NULL);

	assert(result == (canceled ? SYNC_CANCELED : SYNC_OK));
	assert(task->done == (canceled ? 0 : 7));
	free(task->future);
}

CLIENT(executor, cancel_beside_start, .threads = 1,
       .about = "a task that is cancelled as it starts")
{
	begin(impl, 1);
	submit(&tasks[0]);
	int result = e->cancel(tasks[0].future);

	assert(result == SYNC_OK || result == SYNC_BUSY);
	check_canceled_or_done(&tasks[0], result == SYNC_OK);
	end();
}

CLIENT(executor, shutdown_cancels, .threads = 1,
       .about = "a shutdown that cancels what has not started")
{
	begin(impl, 1);
	submit(&tasks[0]);
	e->shutdown(executor, true, true);
	check_canceled_or_done(&tasks[0],
			       e->state(tasks[0].future) == CANCELED);
	end();
}

static unsigned shut_down(void)
{
	e->shutdown(executor, true, false);
	return 0;
}

static unsigned submit_if_open(void)
{
	struct task *task = &tasks[0];
	int result;

	task->future = future_new();
	task->given = 7;
	result = e->submit(executor, task->future, perform, task);
	assert(result == SYNC_OK || result == SYNC_CLOSED);
	if (result == SYNC_OK)
		await_result(task);
	else
		free(task->future);
	return result == SYNC_OK;
}

CLIENT(executor, submit_beside_shutdown, .threads = 3, .size = CLIENT_LARGE,
       .about = "a task that is accepted runs, one that is refused does not")
{
	begin(impl, 1);
	unsigned accepted = TOGETHER(submit_if_open, shut_down);

	end();
	assert(tasks[0].done == 7 * accepted);
}

/* The look is plain: nothing but the shutdown orders it behind the task. */
static unsigned shut_down_and_look(void)
{
	e->shutdown(executor, true, false);
	assert(tasks[0].done == 7);
	return 0;
}

CLIENT(executor, shutdowns_all_wait, .threads = 2,
       .about = "after either of two shutdowns the task has run")
{
	begin(impl, 1);
	submit(&tasks[0]);
	pthread_t other = start(shut_down_and_look);

	shut_down_and_look();
	join(other);
	assert(e->state(tasks[0].future) == DONE);
	await_result(&tasks[0]);
	end();
}

static unsigned await_first(void)
{
	void *value;

	assert(!e->result(tasks[0].future, DEADLINE_NEVER, &value));
	assert(value == &tasks[0] && tasks[0].done == 7);
	return 0;
}

CLIENT(executor, wakes_all_waiters, .threads = 3, .size = CLIENT_LARGE,
       .about = "two wait for one result")
{
	begin(impl, 1);
	submit(&tasks[0]);
	TOGETHER(await_first, await_first);
	await_result(&tasks[0]);
	end();
}

static unsigned called; /* plain: before result returns */

static void count_call(void *argument)
{
	const struct task *task = argument;

	assert(task->done == 7);
	called++;
}

CLIENT(executor, callback_before_result, .threads = 1, .lacks = lacks_callback,
       .about = "the callback has ended when result returns")
{
	begin(impl, 1);
	submit(&tasks[0]);
	assert(!e->on_done(tasks[0].future, count_call, &tasks[0]));
	await_result(&tasks[0]);
	assert(called == 1);
	end();
}

static void free_future(void *argument)
{
	count_call(argument);
	free(((struct task *)argument)->future);
}

CLIENT(executor, callback_frees, .threads = 1, .lacks = lacks_callback,
       .about = "the callback frees the future")
{
	begin(impl, 1);
	submit(&tasks[0]);
	assert(!e->on_done(tasks[0].future, free_future, &tasks[0]));
	end();
	assert(called == 1);
}

static void *twice(void *argument)
{
	return (void *)(2 * (uintptr_t)argument);
}

CLIENT(executor, map_two, .threads = 1, .size = CLIENT_LARGE,
       .about = "two items, in their order")
{
	void *items[2] = { (void *)1, (void *)2 };

	begin(impl, 1);
	assert(e->map(executor, twice, items, items, 2) == SYNC_OK);
	assert(items[0] == (void *)2 && items[1] == (void *)4);
	end();
}

static unsigned map_if_open(void)
{
	/* on the heap, to be gone when map has returned */
	struct task *items = calloc(2, sizeof(*items));
	void *in[2] = { &items[0], &items[1] }, *out[2];
	int result;

	assert(items != NULL);
	items[0].given = items[1].given = 7;
	result = e->map(executor, perform, in, out, 2);
	assert(result == SYNC_OK || result == SYNC_CLOSED);
	if (result == SYNC_OK)
		assert(items[0].done == 7 && items[1].done == 7);
	free(items);
	return 0;
}

CLIENT(executor, map_beside_shutdown, .threads = 2, .size = CLIENT_LARGE,
       .about = "a map ends before it returns, also one that is refused")
{
	begin(impl, 1);
	pthread_t mapper = start(map_if_open);

	e->shutdown(executor, false, false);
	join(mapper);
	end();
}

static void count_end(void *argument)
{
	(void)argument;
	called++;
}

static unsigned add_callback(void)
{
	assert(!e->on_done(tasks[0].future, count_end, NULL));
	return 0;
}

CLIENT(executor, callback_beside_cancel, .threads = 2, .lacks = lacks_callback,
       .about = "a callback that comes beside a cancel runs once")
{
	begin(impl, 1);
	submit(&tasks[0]);
	pthread_t other = start(add_callback);
	int result = e->cancel(tasks[0].future);

	join(other);
	check_canceled_or_done(&tasks[0], result == SYNC_OK);
	end();
	assert(called == 1);
}

static unsigned await_end(void)
{
	int result = e->result(tasks[0].future, DEADLINE_NEVER, NULL);

	assert(result == SYNC_OK || result == SYNC_CANCELED);
	return result == SYNC_CANCELED;
}

CLIENT(executor, cancel_beside_wait, .threads = 2,
       .about = "who waits is told of a cancellation")
{
	begin(impl, 1);
	submit(&tasks[0]);
	pthread_t waiter = start(await_end);
	int result = e->cancel(tasks[0].future);

	assert(join(waiter) == (result == SYNC_OK));
	check_canceled_or_done(&tasks[0], result == SYNC_OK);
	end();
}

static unsigned await_in_time(void)
{
	int result = e->result(tasks[0].future, soon(), NULL);

	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	return 0;
}

CLIENT(executor, give_up_beside_wait, .threads = 3, .size = CLIENT_LARGE,
       .about = "one of two that wait for a result may give up")
{
	begin(impl, 1);
	submit(&tasks[0]);
	TOGETHER(await_first, await_in_time);
	await_result(&tasks[0]);
	end();
}

CLIENT(executor, destroy_beside_wait, .threads = 2,
       .about = "who waits for a result needs no executor")
{
	begin(impl, 1);
	submit(&tasks[0]);
	pthread_t waiter = start(await_first);

	end();
	join(waiter);
	await_result(&tasks[0]);
}

static sem_t ran;

static void *perform_and_say(void *argument)
{
	assert(!sem_post(&ran));
	return perform(argument);
}

static unsigned submit_last(void)
{
	struct task *task = &tasks[0];

	assert(!e->submit(executor, task->future, perform_and_say, task));
	return 0;
}

CLIENT(executor, destroy_beside_submit, .threads = 2,
       .about = "the task of the last submit lets its executor be destroyed")
{
	begin(impl, 1);
	assert(!sem_init(&ran, 0, 0));
	tasks[0] = (struct task){ .future = future_new(), .given = 7 };
	pthread_t submitter = start(submit_last);

	while (sem_wait(&ran))
		; /* EINTR */
	end();
	join(submitter);
	await_result(&tasks[0]);
}
