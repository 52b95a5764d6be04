/* SPDX-License-Identifier: MIT */
/*
 * See engine.h.
 *
 * A fiber asks in op_do. What is in the graph already is answered on the spot,
 * as soon as the write that it reads from has been replayed; what is new waits
 * until all replaying is over (STANDING_ASKS), so that the search sees the
 * whole graph and chooses the thread.
 *
 * Loops. A thread that asks for a read at the same place, with the same
 * registers and stack, and has done nothing since that others could see, is in
 * a loop that only a new write can end: it is blocked, and the execution goes
 * on without it. What it would read next time is what its last read may read
 * otherwise, so nothing is lost (await termination: M. Kokologiannakis, X. Ren,
 * V. Vafeiadis, "Dynamic partial order reductions for spinloops", FMCAD 2021).
 * A loop that counts its turns has never the same state: if it says that it
 * passes time (op_relax), its reads see what they saw until it looks at
 * something else, or for ever.
 */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#include "call_thread.h"
#include "history.h"
#include "memory.h"
#include "options.h"
#include "race.h"
#include "report.h"
#include "search.h"
#include "violation.h"

struct thread threads[THREADS_MAX];
struct thread *running;
struct graph *graph;
uint32_t execution;
bool tracing;

/* Turns of a counted loop whose state is looked at: it may count modulo a small
 * number; and after which it is taken to be endless. */
enum { TURNS_HASHED = 512, TURNS_MAX = 20000 };

static int (*program)(int, char **, char **);
static int program_argc;
static char **program_argv, **program_envp;
static bool stopped;
static enum ending stopped_by;

void engine_start(int (*entry)(int, char **, char **), int argc, char **argv,
		  char **envp)
{
	program = entry;
	program_argc = argc;
	program_argv = argv;
	program_envp = envp;
	search_start();
}

unsigned op_thread(void)
{
	return (unsigned)(running - threads);
}

/*
 * On a fiber.
 */
static void pause_as(struct thread *t, enum standing standing)
{
	t->standing = standing;
	fiber_pause();
}

static bool replayed(eid e)
{
	const struct event *x = &graph->events[e];

	return x->index < threads[x->thread].next;
}

static void diverges(const struct op *op)
{
	violation_raise(UNSUPPORTED, op->pc,
			"the program does not repeat what it did: does it "
			"depend on time, addresses or input?");
}

static bool fits(const struct event *e, const struct op *op)
{
	if (e->op.kind != op->kind)
		return false;
	return e->op.key == op->key;
}

/* Others can see it. An update that writes back what it read tells nobody
 * anything new. */
static bool is_effect(const struct graph *g, const struct event *e)
{
	if (e->op.kind == OP_CHOICE)
		return false; /* what it decided is in the fiber's state */
	if (!(e->flags & EVENT_READS))
		return !graph_is_idle(g, e);
	return (e->flags & EVENT_EXCLUSIVE) &&
	       !graph_is_idle(g, graph_event(g, e->thread, e->index + 1U));
}

static bool may_loop(const struct op *op)
{
	return (op->kind == OP_READ || op->kind == OP_UPDATE) && op->pc &&
	       !(op->key >> 56);
}

static struct look *find_look(struct thread *t, const struct op *op)
{
	for (unsigned i = 0; i < t->looked; i++)
		if (t->looks[i].pc == op->pc && t->looks[i].key == op->key)
			return &t->looks[i];
	return NULL;
}

/* A compare-exchange that has failed expects now what it has found: it is no
 * repetition of what it did then. */
static struct look *find_same(struct thread *t, const struct op *op)
{
	struct look *l = find_look(t, op);
	uint64_t written;

	if (l && op->kind == OP_UPDATE && op->update(op, l->value, &written) &&
	    written != l->value)
		return NULL;
	return l;
}

/* What the location held before it has held for the last time. */
static void forget_older(struct thread *t)
{
	for (unsigned i = 0; i < t->looked; i++)
		if (t->looks[i].key == t->op->key &&
		    t->looks[i].value != t->answer)
			t->looks[i--] = t->looks[--t->looked];
}

/* The event with this index, asked for by t->op in this state. */
static void note_look(struct thread *t, unsigned index, uint64_t hash)
{
	struct look *l;

	forget_older(t);
	l = find_look(t, t->op);
	if (!l && t->looked < LOOKS_MAX)
		l = &t->looks[t->looked++];
	if (l)
		*l = (struct look){ .pc = t->op->pc,
				    .key = t->op->key,
				    .value = t->answer,
				    .hash = hash,
				    .index = (uint16_t)index,
				    .turn = ++t->turn };
}

/* More happens before it than before the event of its thread before it: what
 * other locations held they need hold no more. */
static bool has_learnt(const struct event *e)
{
	const struct event *before =
		graph_event(graph, e->thread, e->index - 1);
	struct view hb = e->hb;

	hb.of[e->thread] = before->hb.of[e->thread];
	return memcmp(&hb, &before->hb, sizeof(hb)) != 0;
}

static void after_event(struct thread *t, const struct event *e)
{
	unsigned parts =
		(e->flags & EVENT_READS) && (e->flags & EVENT_EXCLUSIVE) ? 2
									 : 1;

	t->answer = e->read;
	t->last = e->index;
	t->next = e->index + parts;
	t->relaxed = false; /* it looks at something else now */
	if (is_effect(graph, e) || (t->looked && has_learnt(e)))
		engine_effect(t);
	if (tracing)
		report_event(e);
}

/* A turn of a counted loop that was none of the graph's. */
static bool turns(struct thread *t, const struct op *op)
{
	struct look *l = t->relaxed && may_loop(op) ? find_same(t, op) : NULL;

	if (!l)
		return false;
	t->repeats++;
	l->turn = ++t->turn;
	t->answer = l->value;
	return true;
}

/* What the graph has for it; how it stands afterwards. */
static __attribute__((noinline)) enum standing replay(struct thread *t,
						      struct op *op)
{
	struct event *e;

	if (turns(t, op))
		return STANDING_RUNS;
	e = graph_event(graph, op_thread(), t->next);
	if (!fits(e, op))
		diverges(op);
	while ((e->flags & EVENT_READS) && e->rf != NOTHING && !replayed(e->rf))
		pause_as(t, STANDING_REPLAYS);
	race_event(graph, e);
	after_event(t, e);
	if (!may_loop(op) || is_effect(graph, e))
		return STANDING_RUNS;
	if (e->index >= t->settled)
		return STANDING_LOOKS;
	note_look(t, e->index, 0);
	return STANDING_RUNS;
}

uint64_t engine_do(struct op *op, const void *state)
{
	struct thread *t = running;

	if (t->repeats >= TURNS_HASHED && t->repeats < TURNS_MAX &&
	    turns(t, op))
		return t->answer;
	t->state = state;
	t->op = op;
	t->standing = t->next < graph->length[op_thread()] ? replay(t, op)
							   : STANDING_ASKS;
	if (t->standing != STANDING_RUNS)
		fiber_pause();
	return t->answer;
}

void op_relax(void)
{
	running->relaxed = true;
}

static void thread_main(void)
{
	struct thread *t = running;

	engine_end(t->start(t->argument));
}

static void *main_thread(void *unused)
{
	(void)unused;
	call_main_returned(program(program_argc, program_argv, program_envp));
}

void engine_spawn(unsigned thread, void *(*function)(void *), void *argument)
{
	struct thread *t = &threads[thread];

	t->start = function;
	t->argument = argument;
	t->fiber = fiber_begin(thread, thread_main);
	t->standing = STANDING_RUNS;
}

_Noreturn void engine_end(void *result)
{
	struct thread *t = running;

	t->result = result;
	call_thread_ended();
	for (;;)
		pause_as(t, STANDING_ENDED);
}

void engine_stop(enum ending ending)
{
	stopped = true;
	stopped_by = ending;
	while (running)
		fiber_pause();
}

/*
 * In the scheduler.
 */
static void resume(struct thread *t)
{
	running = t;
	t->standing = STANDING_RUNS;
	fiber_resume(t->fiber);
	running = NULL;
}

/* Index of the event after the last that others can see. */
static unsigned settled(const struct graph *g, unsigned thread)
{
	unsigned i = g->length[thread];

	while (i && !is_effect(g, graph_event(g, thread, i - 1)))
		i--;
	return i;
}

static void begin(struct graph *g)
{
	execution++;
	graph = g;
	stopped = false;
	violation.kind = NO_VIOLATION;
	memory_reset();
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		struct thread *t = &threads[i];

		t->standing = STANDING_NONE;
		t->next = t->looked = t->repeats = t->depth = 0;
		t->looked_at_clock = 0;
		t->weakly = NULL;
		t->relaxed = t->gave_up = t->detached = t->exited = false;
		t->settled = i < g->threads ? settled(g, i) : 0;
	}
	engine_spawn(0, main_thread, NULL);
}

static bool is_ready(struct thread *t, unsigned i)
{
	if (t->standing == STANDING_RUNS)
		return true;
	if (t->standing == STANDING_REPLAYS)
		return replayed(graph_event(graph, i, t->next)->rf);
	if (t->standing != STANDING_LOOKS)
		return false;
	note_look(t, t->last, fiber_hash(t->fiber, t->state));
	return true;
}

/* Threads that need nothing new go on until all do; they may create others. */
static void settle(void)
{
	bool moved = true;

	while (moved && !stopped) {
		moved = false;
		for (unsigned i = 0; i < graph->threads && !stopped; i++)
			if (is_ready(&threads[i], i)) {
				resume(&threads[i]);
				moved = true;
			}
	}
}

/* The first event of the reads since it has last asked for this one: it may
 * come before that, if what it reads was asked for again in between. */
static unsigned first_of_loop(const struct thread *t, const struct look *from)
{
	unsigned first = from->index;

	for (unsigned i = 0; i < t->looked; i++)
		if (t->looks[i].turn > from->turn && t->looks[i].index < first)
			first = t->looks[i].index;
	return first;
}

/* A loop in which it has seen nothing new. */
static void spin(struct thread *t, const struct look *from)
{
	t->standing = STANDING_SPINS;
	t->loop = first_of_loop(t, from);
	if (search_stale(graph, (unsigned)(t - threads), t->loop))
		engine_stop(ENDING_DROPPED);
}

/* The thread asks for a read that it has just done: answered without an event,
 * or not at all. */
static bool loops(struct thread *t, uint64_t *hash)
{
	struct look *l;

	if (!may_loop(t->op))
		return false;
	*hash = fiber_hash(t->fiber, t->state);
	l = find_same(t, t->op);
	if (!l)
		return false;
	if (*hash == l->hash) {
		spin(t, l);
		return true;
	}
	if (!t->relaxed)
		return false;
	if (++t->repeats > TURNS_MAX) {
		t->gave_up = true; /* perhaps it would have ended */
		atomic_store_explicit(&page->bounded, 1, memory_order_relaxed);
		spin(t, l);
		return true;
	}
	/* a tortoise that stops at powers of two (R. Brent, BIT 1980) */
	if ((t->repeats & (t->repeats - 1)) == 0)
		l->hash = *hash;
	l->turn = ++t->turn;
	t->answer = l->value;
	t->standing = STANDING_RUNS;
	return true;
}

static void note_event(struct thread *t, unsigned index, uint64_t hash)
{
	const struct event *e =
		graph_event(graph, (unsigned)(t - threads), index);

	running = t; /* whose stack a report records */
	after_event(t, e);
	running = NULL;
	if (may_loop(t->op) && !is_effect(graph, e))
		note_look(t, index, hash);
	t->standing = STANDING_RUNS;
}

/* One more event, or one turn of a loop. False: nobody can go on. */
static bool extend(void)
{
	uint32_t asking = 0;
	int i;

	for (unsigned j = 0; j < graph->threads; j++)
		if (threads[j].standing == STANDING_ASKS)
			asking |= 1U << j;
	while ((i = search_turn(asking)) >= 0) {
		struct thread *t = &threads[i];
		unsigned index = graph->length[i];
		uint64_t hash = 0;

		if (loops(t, &hash))
			return true;
		switch (search_add(graph, (unsigned)i, t->op)) {
		case ADDED:
			note_event(t, index, hash);
			return true;
		case ADDED_NOT:
			asking &= ~(1U << i);
			break;
		case ADDED_DEAD:
			engine_stop(ENDING_DROPPED);
			return true;
		case ADDED_BOUND:
			engine_stop(ENDING_BOUND);
			return true;
		}
	}
	return false;
}

/* Could the thread be blocked for ever? */
static bool is_stuck(const struct thread *t, unsigned i)
{
	if (t->standing == STANDING_SPINS)
		return !t->gave_up && search_up_to_date(graph, i, t->loop) &&
		       t->looked_at_clock <= t->loop; /* a deadline may pass */
	return !t->op->moot && !t->op->fresh;
}

/* Nobody can go on. */
static enum ending conclude(void)
{
	bool ended = true, over = false, stuck = true, spins = false;

	for (unsigned i = 0; i < graph->threads; i++) {
		const struct thread *t = &threads[i];

		over |= t->exited;
		if (t->standing == STANDING_ENDED ||
		    t->standing == STANDING_NONE)
			continue;
		ended = false;
		spins |= t->standing == STANDING_SPINS;
		stuck &= is_stuck(t, i);
	}
	if (ended || over)
		return ENDING_COMPLETE;
	if (!stuck)
		return ENDING_BLOCKED;
	if (spins)
		violation_raise(LIVELOCK, NULL,
				"threads spin for what nobody will write");
	else
		violation_raise(DEADLOCK, NULL,
				"every thread is blocked, and nobody is left "
				"to wake one");
	return ENDING_VIOLATION;
}

static enum ending run(void)
{
	for (;;) {
		settle();
		if (stopped)
			return stopped_by;
		if (!extend())
			return conclude();
		if (stopped)
			return stopped_by;
	}
}

static void look_for_leaks(void)
{
	const void *block, *pc;
	size_t size;
	unsigned n = memory_leaks(&block, &size, &pc);

	if (n)
		violation_raise(
			LEAK, pc,
			"%u blocks are neither freed nor reachable, one "
			"of %zu bytes",
			n, size);
}

enum ending engine_run(struct graph *g)
{
	enum ending ending;

	begin(g);
	ending = run();
	if (ending == ENDING_COMPLETE && page->leaks)
		look_for_leaks();
	if (ending == ENDING_COMPLETE && history_of == execution)
		history_judge(g);
	return violation.kind ? ENDING_VIOLATION : ending;
}
