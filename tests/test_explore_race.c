/* SPDX-License-Identifier: MIT */
/*
 * The explorer's race detector on a graph made by hand: two cells of memory,
 * two threads, events that hand on what their makers had seen.
 */
/* another runtime, linked with this, has threads of its own */
#define threads race_test_threads
/* NOLINTNEXTLINE(bugprone-suspicious-include): what it calls is made up here */
#include "../harness/explore/runtime/race.c"
#include "units.h"

struct thread threads[THREADS_MAX], *running;
struct graph *graph;
bool tracing;

static _Alignas(8) unsigned char bytes[16];
static struct cell cells[2];
static enum violation_kind raised;

static struct fiber no_fiber;
static eid at[THREADS_MAX][EVENTS_MAX];
static struct event events[16];
static struct location locations[8];
static struct graph the_graph;

struct cell *memory_cell(uintptr_t a)
{
	uintptr_t at_byte = a - (uintptr_t)bytes;

	return at_byte < sizeof(bytes) ? &cells[at_byte / 8] : NULL;
}

void memory_check(uintptr_t a, size_t size, const char *verb, const void *pc)
{
	(void)a, (void)size, (void)verb, (void)pc;
}

void violation_race(const struct violation *v)
{
	raised = v->kind;
}

void violation_raise(enum violation_kind kind, const void *pc,
		     const char *format, ...)
{
	(void)pc, (void)format;
	raised = kind;
}

void report_access(uintptr_t a, size_t size, bool write, const void *pc)
{
	(void)a, (void)size, (void)write, (void)pc;
}

unsigned graph_location(struct graph *g, uintptr_t key, unsigned size,
			uint64_t initial)
{
	for (unsigned i = 0; i < g->locations; i++)
		if (g->location[i].key == key)
			return i;
	g->location[g->locations] = (struct location){
		.key = key,
		.size = (uint8_t)size,
		.initial = initial,
		.co_first = NOTHING,
		.co_last = NOTHING,
		.newest = NOTHING,
	};
	return g->locations++;
}

static void begin(void)
{
	memset(bytes, 0, sizeof(bytes));
	memset(cells, 0, sizeof(cells));
	memset(threads, 0, sizeof(threads));
	the_graph = (struct graph){
		.threads = 2,
		.at = at,
		.events = events,
		.location = locations,
	};
	for (unsigned t = 0; t < THREADS_MAX; t++) {
		threads[t].fiber = &no_fiber;
		the_graph.created[t] = NOTHING;
	}
	graph = &the_graph;
	raised = NO_VIOLATION;
}

/* An access by this thread; was it a race? */
static bool plain(unsigned thread, unsigned byte, size_t size, bool write)
{
	running = &threads[thread];
	race_plain((uintptr_t)&bytes[byte], size, write, NULL);
	return raised == DATA_RACE;
}

/* The thread's next event, after `seen` as well (or NULL). */
static struct event *event(unsigned thread, unsigned location, unsigned flags,
			   const struct event *seen)
{
	struct graph *g = &the_graph;
	struct location *l = &locations[location];
	struct event *e = &events[g->n];

	*e = (struct event){
		.thread = (uint8_t)thread,
		.flags = (uint8_t)flags,
		.index = (uint16_t)threads[thread].next,
		.location = (uint16_t)location,
		.same = l->newest,
		.co_before = l->co_last,
		.op = { .size = l->size, .key = race_address(l->key) },
		.hb = *view_of(g, thread),
	};
	if (seen)
		e->hb = view_join(e->hb, seen->hb);
	e->hb.of[thread] = (uint16_t)(e->index + 1);
	at[thread][e->index] = (eid)g->n;
	l->newest = (eid)g->n;
	if (flags & EVENT_WRITES)
		l->co_last = (eid)g->n;
	g->n++;
	threads[thread].next = ++g->length[thread];
	return e;
}

static unsigned locate(unsigned thread, unsigned byte, unsigned size)
{
	return race_location(&the_graph, thread, (uintptr_t)&bytes[byte],
			     size) -
	       1;
}

static struct event *atomic_store(unsigned thread, unsigned byte, uint64_t v,
				  const struct event *seen)
{
	struct event *e =
		event(thread, locate(thread, byte, 4), EVENT_WRITES, seen);

	e->written = v;
	e->co = (uint16_t)the_graph.n; /* as they come */
	race_event(&the_graph, e);
	return e;
}

static int32_t value_at(unsigned byte)
{
	int32_t v;

	memcpy(&v, &bytes[byte], sizeof(v));
	return v;
}

START_TEST(unordered_accesses_race)
{
	begin();
	ck_assert(!plain(0, 0, 4, false));
	ck_assert(!plain(1, 0, 4, false));
	ck_assert(plain(1, 2, 1, true));
	begin();
	ck_assert(!plain(0, 0, 4, true));
	ck_assert(!plain(1, 4, 4, true));
	ck_assert(plain(1, 0, 8, false));
	begin();
	ck_assert(!plain(0, 12, 4, true));
	ck_assert(plain(1, 0, 16, false));
}
END_TEST

START_TEST(ordered_accesses_do_not)
{
	struct event *e;

	begin();
	plain(0, 0, 8, true);
	e = atomic_store(0, 8, 1, NULL);
	atomic_store(1, 8, 2, e);
	ck_assert(!plain(1, 0, 8, true));
	/* thread 0 has not seen that one */
	ck_assert(plain(0, 0, 1, false));
	begin();
	atomic_store(0, 8, 1, NULL);
	plain(0, 0, 8, true); /* after what thread 1 gets to see */
	atomic_store(1, 8, 2, &events[0]);
	ck_assert(plain(1, 0, 8, false));
}
END_TEST

START_TEST(what_others_stand_for_is_forgotten)
{
	begin();
	for (unsigned i = 0; i < 8; i++) {
		plain(0, i, 1, true);
		event(0, locate(0, 8, 4), EVENT_READS, NULL);
	}
	ck_assert_int_ne(cells[0].accesses[7].time, 0);
	ck_assert(!plain(0, 0, 8, true));
	ck_assert_int_eq(cells[0].accesses[1].time, 0);
	for (unsigned i = 0; i < 8; i++) {
		raised = NO_VIOLATION;
		ck_assert(plain(1, i, 1, false));
	}
}
END_TEST

START_TEST(a_read_stands_for_no_write)
{
	begin();
	plain(0, 0, 4, true);
	event(0, locate(0, 8, 4), EVENT_READS, NULL);
	plain(0, 0, 4, false);
	ck_assert(plain(1, 0, 4, false));
}
END_TEST

START_TEST(atomic_and_plain_race)
{
	begin();
	plain(0, 0, 4, false);
	atomic_store(1, 0, 1, NULL);
	ck_assert_int_eq(raised, DATA_RACE);
	begin();
	atomic_store(1, 0, 1, NULL);
	ck_assert(plain(0, 3, 1, false));
	begin();
	event(1, locate(1, 0, 4), EVENT_READS, NULL);
	ck_assert(!plain(0, 0, 4, false));
	ck_assert(plain(0, 0, 4, true));
}
END_TEST

/* The event takes place after the plain access, though it is in the graph. */
START_TEST(replayed_events_race)
{
	struct event *e;

	begin();
	e = event(1, locate(1, 0, 4), EVENT_WRITES, NULL);
	memset(cells, 0, sizeof(cells));
	ck_assert(!plain(0, 0, 4, true));
	race_event(&the_graph, e);
	ck_assert_int_eq(raised, DATA_RACE);
}
END_TEST

/* Between events of its location that are ordered around it. */
START_TEST(replayed_accesses_do_not)
{
	struct event *e;

	begin();
	atomic_store(0, 0, 1, NULL);
	plain(0, 0, 4, false);
	e = atomic_store(0, 8, 1, NULL);
	atomic_store(1, 8, 2, e);
	atomic_store(1, 0, 2, NULL);
	ck_assert_int_eq(raised, NO_VIOLATION);
	memset(cells, 0, sizeof(cells));
	race_event(&the_graph, &events[0]);
	threads[0].next = 1;
	ck_assert(!plain(0, 0, 4, false));
	ck_assert_int_eq(value_at(0), 1);
}
END_TEST

START_TEST(memory_has_the_last_value_of_the_graph)
{
	begin();
	atomic_store(0, 0, 7, NULL);
	ck_assert_int_eq(value_at(0), 7);
	atomic_store(0, 0, 8, NULL);
	ck_assert_int_eq(value_at(0), 8);
	/* in a replay, which need not follow co */
	memset(cells, 0, sizeof(cells));
	race_event(&the_graph, &events[1]);
	race_event(&the_graph, &events[0]);
	ck_assert_int_eq(value_at(0), 8);
	memset(cells, 0, sizeof(cells));
	race_event(&the_graph, &events[0]);
	ck_assert_int_eq(value_at(0), 7);
	ck_assert_int_eq(raised, NO_VIOLATION);
}
END_TEST

START_TEST(plain_writes_begin_another_incarnation)
{
	unsigned first, second;

	begin();
	bytes[0] = 5;
	first = locate(0, 0, 4);
	ck_assert_uint_eq(locations[first].initial, 5);
	atomic_store(0, 0, 7, NULL);
	ck_assert_uint_eq(locate(0, 0, 4), first);
	/* one byte: the others keep what the graph had */
	atomic_store(0, 0, 0x01020304, NULL);
	plain(0, 0, 1, true);
	bytes[0] = 0x7f;
	second = locate(0, 0, 4);
	ck_assert_uint_ne(second, first);
	ck_assert_uint_eq(locations[second].initial, 0x0102037f);
	ck_assert_uint_eq(race_address(locations[second].key),
			  (uintptr_t)bytes);
	ck_assert_int_eq(raised, NO_VIOLATION);
}
END_TEST

START_TEST(sizes_change_only_in_order)
{
	begin();
	atomic_store(0, 0, 7, NULL);
	ck_assert_uint_eq(locations[locate(0, 0, 8)].initial, 7);
	ck_assert_int_eq(raised, NO_VIOLATION);
	begin();
	atomic_store(0, 0, 7, NULL);
	locate(1, 0, 8);
	ck_assert_int_eq(raised, UNSUPPORTED);
	begin();
	locate(0, 6, 4);
	ck_assert_int_eq(raised, UNSUPPORTED);
}
END_TEST

START_TEST(free_comes_after_all)
{
	begin();
	plain(0, 0, 4, false);
	race_free((uintptr_t)bytes, 16, NULL);
	ck_assert_int_eq(raised, NO_VIOLATION);
	running = &threads[1];
	race_free((uintptr_t)bytes, 16, NULL);
	ck_assert_int_eq(raised, USE_AFTER_FREE);
	begin();
	atomic_store(0, 12, 1, NULL);
	running = &threads[1];
	race_free((uintptr_t)bytes, 16, NULL);
	ck_assert_int_eq(raised, USE_AFTER_FREE);
	begin();
	running = &threads[1];
	race_free((uintptr_t)bytes, 16, NULL);
	ck_assert_int_eq(raised, NO_VIOLATION);
	atomic_store(0, 12, 1, NULL);
	ck_assert_int_eq(raised, USE_AFTER_FREE);
}
END_TEST

UNITS(explore_race, unordered_accesses_race, ordered_accesses_do_not,
      what_others_stand_for_is_forgotten, a_read_stands_for_no_write,
      atomic_and_plain_race, replayed_events_race, replayed_accesses_do_not,
      memory_has_the_last_value_of_the_graph,
      plain_writes_begin_another_incarnation, sizes_change_only_in_order,
      free_comes_after_all)
