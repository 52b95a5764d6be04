/* SPDX-License-Identifier: MIT */
/*
 * An executor and a future of each thread: how far each is known to be.
 *
 * The workers run when they like, so a pending future may start, and a started
 * one be done, at any time: what a future is known to be is the least that the
 * operations so far have shown.
 *
 *	NONE	   not submitted
 *	PENDING	   or later, but not cancelled
 *	STARTED	   or done
 *	OVER	   done
 *	DEAD	   cancelled
 *	DOOMED	   pending as a shutdown began that cancels: anything
 *	DECIDED	   the same when it has returned: not pending any more
 *	SETTLED	   the same when it has waited: done or cancelled
 *
 * A task tells how often it has been run; it never waits, so neither does a
 * result for ever.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../../primitives/executor.h"
#include "../law/law.h"
#include "client.h"
#include "model.h"

enum { SUBMIT, RESULT_OF, TIMEDRESULT, CANCEL, STATE, SHUTDOWN, RUNS };

/* of a client */
enum { WORKERS };

/* the argument of shutdown, a set */
enum { NO_WAIT = 1, CANCEL_PENDING = 2 };

#define HOOK(member) .hook = offsetof(struct executor_impl, member)
#define OF_FUTURE    .argument = BELOW, .range = CLIENT_THREADS

static const struct operation operations[] = {
	[SUBMIT] = { "submit", HOOK(submit), .weight = 10, .answer = RESULT },
	[RESULT_OF] = { "result", HOOK(result), .weight = 6, OF_FUTURE,
			.answer = RESULT_NUMBER },
	[TIMEDRESULT] = { "timedresult", HOOK(result), .weight = 3, OF_FUTURE,
			  .answer = RESULT_NUMBER },
	[CANCEL] = { "cancel", HOOK(cancel), .weight = 5, OF_FUTURE,
		     .answer = RESULT },
	[STATE] = { "state", HOOK(state), .weight = 3, OF_FUTURE,
		    .answer = NUMBER },
	[SHUTDOWN] = { "shutdown", HOOK(shutdown), .weight = 3,
		       .argument = BELOW, .range = 4, .last = 1 },
	[RUNS] = { "runs", HOOK(submit), .answer = NUMBER, .last = 1 },
};

/* ---- the object ---- */

struct task {
	void *future;
	_Atomic bool submitted; /* [A] release, [B] acquire: it may be used */
	_Atomic unsigned runs;
};

static void *run_task(void *argument)
{
	struct task *t = argument;

	sched_yield();
	/* relaxed: a number, and nothing with it */
	return (void *)(uintptr_t)(1 +
				   atomic_fetch_add_explicit(
					   &t->runs, 1, memory_order_relaxed));
}

static void draw(struct client *c, struct dice *d)
{
	c->parameters[WORKERS] = 1 + (int)dice_below(d, 2);
}

static void setup(struct scene *s)
{
	const struct executor_impl *impl = (const void *)s->subject->id;
	struct task *tasks = calloc(CLIENT_THREADS, sizeof(*tasks));

	CHECK(tasks != NULL);
	for (unsigned i = 0; i < CLIENT_THREADS; i++) {
		tasks[i].future = malloc(impl->future_size);
		CHECK(tasks[i].future != NULL);
	}
	s->more = tasks;
	CHECK_EQ(impl->init(s->object,
			    (unsigned)s->client->parameters[WORKERS]),
		 0);
	law_age(&impl->id, s->object);
}

static void teardown(struct scene *s)
{
	const struct executor_impl *impl = (const void *)s->subject->id;
	struct task *tasks = s->more;

	impl->destroy(s->object);
	for (unsigned i = 0; i < CLIENT_THREADS; i++)
		free(tasks[i].future);
	free(tasks);
}

static bool of_future(const struct op *op)
{
	return op->code != SUBMIT && op->code != SHUTDOWN && op->code != RUNS;
}

/* A future is submitted once, by its thread, and can be used afterwards. */
static bool ready(const struct actor *a, const struct op *op)
{
	const struct task *tasks = a->scene->more;

	if (op->code == SUBMIT)
		return !atomic_load_explicit(&tasks[a->thread].submitted,
					     memory_order_relaxed);
	return !of_future(op) || /* [B] */
	       atomic_load_explicit(&tasks[op->argument].submitted,
				    memory_order_acquire);
}

static void perform_submit(struct actor *a, struct op *op)
{
	const struct executor_impl *impl = a->impl;
	struct task *mine = (struct task *)a->scene->more + a->thread;

	op->answer = impl->submit(a->object, mine->future, run_task, mine);
	if (op->answer == SYNC_OK) /* [A] */
		atomic_store_explicit(&mine->submitted, true,
				      memory_order_release);
}

static void perform_result(const struct executor_impl *impl, void *future,
			   struct op *op)
{
	uint64_t deadline = op->code == RESULT_OF ? DEADLINE_NEVER
						  : deadline_in(30 * NS_PER_US);
	void *value = NULL;

	op->answer = impl->result(future, deadline, &value);
	op->value = (uintptr_t)value;
}

static unsigned count_runs(const struct task *tasks)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < CLIENT_THREADS; i++)
		sum += atomic_load_explicit(&tasks[i].runs,
					    memory_order_relaxed);
	return sum;
}

static void perform(struct actor *a, struct op *op)
{
	const struct executor_impl *impl = a->impl;
	struct task *tasks = a->scene->more;

	switch (op->code) {
	case SUBMIT:
		perform_submit(a, op);
		return;
	case RESULT_OF:
	case TIMEDRESULT:
		perform_result(impl, tasks[op->argument].future, op);
		return;
	case CANCEL:
		op->answer = impl->cancel(tasks[op->argument].future);
		return;
	case STATE:
		op->value = impl->state(tasks[op->argument].future);
		return;
	case SHUTDOWN:
		impl->shutdown(a->object, !(op->argument & NO_WAIT),
			       op->argument & CANCEL_PENDING);
		return;
	default:
		op->value = count_runs(tasks);
		return;
	}
}

/* ---- the machine ---- */

/* PENDING is also a state that implementations tell. */
enum known { NONE, WAITS, STARTED, OVER, DEAD, DOOMED, DECIDED, SETTLED };

struct executor {
	uint8_t closed;
	uint8_t shutting; /* set of threads: shutdowns under way */
	uint8_t submitted;
	uint8_t known[CLIENT_THREADS];
	uint8_t place[CLIENT_THREADS]; /* in the order of submission */
} MODEL_STATE;

static enum step step_submit(struct executor *m, const struct op *op)
{
	if (op->answer == SYNC_CLOSED)
		return m->closed ? FINISHED : CANNOT;
	if (m->closed || op->answer != SYNC_OK)
		return CANNOT;
	m->known[op->thread] = WAITS;
	m->place[op->thread] = m->submitted++;
	return FINISHED;
}

/* It was seen to have started, or to be done; then so have those before it. */
static enum step has_run(struct executor *m, unsigned future, uint8_t known)
{
	uint8_t *now = &m->known[future];

	if (*now == NONE || *now == DEAD)
		return CANNOT;
	if (*now != OVER)
		*now = *now == SETTLED ? OVER : known;
	for (unsigned i = 0; i < CLIENT_THREADS; i++)
		if (m->known[i] == WAITS && m->place[i] < m->place[future])
			m->known[i] = STARTED;
	return FINISHED;
}

static enum step is_dead(struct executor *m, unsigned future)
{
	if (m->known[future] < DEAD)
		return CANNOT;
	m->known[future] = DEAD;
	return FINISHED;
}

/* It was seen not to be done yet. */
static enum step goes_on(struct executor *m, unsigned future)
{
	switch (m->known[future]) {
	case WAITS:
	case STARTED:
	case DOOMED:
		return FINISHED;
	case DECIDED:
		m->known[future] = STARTED;
		return FINISHED;
	default:
		return CANNOT;
	}
}

static enum step step_result(struct executor *m, const struct op *op)
{
	unsigned future = (unsigned)op->argument;

	switch (op->answer) {
	case SYNC_OK:
		return op->value == 1 ? has_run(m, future, OVER) : CANNOT;
	case SYNC_CANCELED:
		return is_dead(m, future);
	case SYNC_TIMEOUT:
		return goes_on(m, future);
	default:
		return CANNOT;
	}
}

static enum step step_cancel(struct executor *m, const struct op *op)
{
	unsigned future = (unsigned)op->argument;

	if (op->answer == SYNC_BUSY)
		return has_run(m, future, STARTED);
	if (op->answer != SYNC_OK)
		return CANNOT;
	if (m->known[future] == WAITS)
		m->known[future] = DEAD;
	return is_dead(m, future);
}

static enum step step_state(struct executor *m, const struct op *op)
{
	unsigned future = (unsigned)op->argument;

	switch (op->value) {
	case PENDING:
		return m->known[future] == WAITS || m->known[future] == DOOMED
			       ? FINISHED
			       : CANNOT;
	case RUNNING:
		if (m->known[future] == OVER || m->known[future] == SETTLED)
			return CANNOT;
		return has_run(m, future, STARTED);
	case DONE:
		return has_run(m, future, OVER);
	default:
		return is_dead(m, future);
	}
}

static enum step begin_shutdown(struct executor *m, const struct op *op)
{
	m->shutting |= (uint8_t)(1 << op->thread);
	m->closed = 1;
	for (unsigned i = 0; i < CLIENT_THREADS; i++)
		if (m->known[i] == WAITS && op->argument & CANCEL_PENDING)
			m->known[i] = DOOMED;
	return MORE;
}

static enum step step_shutdown(struct executor *m, const struct op *op)
{
	uint8_t me = (uint8_t)(1 << op->thread);

	if (!(m->shutting & me))
		return begin_shutdown(m, op);
	m->shutting &= (uint8_t)~me;
	for (unsigned i = 0; i < CLIENT_THREADS; i++) {
		uint8_t *now = &m->known[i];

		/* unless another one is still about to cancel it */
		if (*now == DOOMED && !m->shutting)
			*now = DECIDED;
		if (op->argument & NO_WAIT)
			continue;
		if (*now == WAITS || *now == STARTED)
			*now = OVER;
		else if (*now == DOOMED || *now == DECIDED)
			*now = SETTLED;
	}
	return FINISHED;
}

/* Asked when all is over. */
static enum step step_runs(const struct executor *m, const struct op *op)
{
	unsigned least = 0, most = 0;

	for (unsigned i = 0; i < CLIENT_THREADS; i++) {
		least += m->known[i] == OVER;
		most += m->known[i] == OVER || m->known[i] == SETTLED;
	}
	return op->value >= least && op->value <= most ? FINISHED : CANNOT;
}

static enum step step(struct state *s, const struct op *op)
{
	struct executor *m = (struct executor *)s;

	switch (op->code) {
	case SUBMIT:
		return step_submit(m, op);
	case RESULT_OF:
	case TIMEDRESULT:
		return step_result(m, op);
	case CANCEL:
		return step_cancel(m, op);
	case STATE:
		return step_state(m, op);
	case SHUTDOWN:
		return step_shutdown(m, op);
	default:
		return step_runs(m, op);
	}
}

static void show(const struct state *s, char *text, size_t size)
{
	static const char *const names[] = {
		"not submitted",
		"pending",
		"started",
		"done",
		"cancelled",
		"pending or cancelled",
		"started or cancelled",
		"done or cancelled",
	};
	const struct executor *m = (const struct executor *)s;
	int used = snprintf(text, size, "futures are");

	for (unsigned i = 0; i < CLIENT_THREADS; i++)
		if (m->known[i] != NONE && used < (int)size)
			used += snprintf(text + used, size - (size_t)used,
					 "%s %u %s", used > 11 ? "," : "", i,
					 names[m->known[i]]);
}

MODEL(.kind = "executor", OPERATIONS(operations), .draw = draw, .setup = setup,
      .teardown = teardown, .ready = ready, .perform = perform, .step = step,
      .show = show);
