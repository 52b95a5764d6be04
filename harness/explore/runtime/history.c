/* SPDX-License-Identifier: MIT */
/*
 * Histories by happens-before. In weak memory there is no time that all threads
 * share; a responded before b was invoked if what a did last happens before
 * what b does first. Then a run exists in which a has returned when b begins:
 * the same graph, nobody delayed in between. If b's first event acquires what
 * a has released, they are concurrent still.
 *
 * Source: M. Herlihy and J. Wing, "Linearizability" (TOPLAS 1990), with hb in
 * the place of real time as in M. Batty, M. Dodds, A. Gotsman, "Library
 * abstraction for C/C++ concurrency" (POPL 2013).
 */
#include "history.h"

#include "call.h"
#include "engine.h"

uint32_t history_of;

static struct operation_told told[OPERATIONS_MAX];
static unsigned n;

/*
 * On a fiber.
 */
CALL void explore_history(const char *kind, int first, int second);
CALL int explore_invoke(const char *operation, int argument);
CALL void explore_respond(int answer, uint64_t value);

static void refuse(const void *pc, const char *what, const char *name)
{
	violation_raise(UNSUPPORTED, pc, "%s%s", what, name);
}

void explore_history(const char *kind, int first, int second)
{
	const void *pc = __builtin_return_address(0);

	if (!running)
		return;
	if (history_of == execution)
		refuse(pc, "a second history in one execution: ", kind);
	if (!linear_begin(kind, first, second))
		refuse(pc, "no model of histories is called ", kind);
	history_of = execution;
	n = 0;
}

static unsigned operations_of(unsigned thread)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count += told[i].thread == thread;
	return count;
}

int explore_invoke(const char *operation, int argument)
{
	const void *pc = __builtin_return_address(0);
	unsigned thread;
	int code;

	if (!running || history_of != execution)
		return argument;
	thread = op_thread();
	code = linear_code(operation);
	if (code < 0)
		refuse(pc, "the model of this history has no ", operation);
	argument =
		linear_argument(code, thread, operations_of(thread), argument);
	if (n == OPERATIONS_MAX || thread >= linear_threads || argument < 0)
		refuse(pc, "too many operations or threads in a history: ",
		       operation);
	told[n++] = (struct operation_told){
		.thread = (uint8_t)thread,
		.code = (uint8_t)code,
		.from = (uint16_t)running->next,
		.argument = argument,
	};
	return argument;
}

void explore_respond(int answer, uint64_t value)
{
	struct operation_told *o = told + n;

	if (!running || history_of != execution)
		return;
	do {
		if (o == told)
			return; /* it was not invoked */
		o--;
	} while (o->thread != op_thread());
	o->responded = true;
	o->to = (uint16_t)running->next;
	o->answer = answer;
	o->value = value;
}

/*
 * In the scheduler.
 */
static const struct event *invoked_after(const struct graph *g,
					 const struct operation_told *o)
{
	if (o->from)
		return graph_event(g, o->thread, o->from - 1U);
	return g->created[o->thread] == NOTHING
		       ? NULL
		       : &g->events[g->created[o->thread]];
}

/* An operation without events is over when its thread does something else. */
static bool precedes(const struct graph *g, const struct operation_told *a,
		     const struct operation_told *b)
{
	const struct event *e = invoked_after(g, b);
	unsigned last = a->to > a->from ? a->to - 1U : a->to;

	if (!a->responded)
		return false;
	if (a->thread == b->thread)
		return a < b;
	return e && view_has(&e->hb, a->thread, last);
}

void history_judge(const struct graph *g)
{
	uint64_t before[OPERATIONS_MAX] = { 0 };
	char text[sizeof(violation.text)];

	for (unsigned i = 0; i < n; i++)
		for (unsigned j = 0; j < n; j++)
			if (precedes(g, &told[j], &told[i]))
				before[i] |= UINT64_C(1) << j;
	if (!linear_judge(told, n, before, text, sizeof(text)))
		violation_raise(NOT_LINEARIZABLE, NULL, "%s", text);
}
