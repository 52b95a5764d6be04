/* SPDX-License-Identifier: MIT */
/*
 * Who decides instead of the search: a trace that is followed, or chance.
 *
 * Random walks go over consistent graphs: a random thread adds its event, a
 * read reads a random one of the writes that it may, a write gets a random
 * place. PCT: a random priority for each thread, and at `depth` - 1 random
 * events the running thread falls behind all others; what is read is random
 * still. A bug that needs d ordered events of n threads and k events is found
 * by a walk with probability 1/(n k^(d-1)) at least, under SC. (S. Burckhardt,
 * P. Kothari, M. Musuvathi, S. Nagarakatte, "A randomized scheduler with
 * probabilistic guarantees of finding bugs", ASPLOS 2010.)
 */
#include <stdlib.h>

#include "../../kit/splitmix.h"
#include "options.h"
#include "search.h"
#include "tally.h"
#include "violation.h"

/*
 * Following a trace.
 */
static const struct step *steps;
static unsigned step_count, step_at;
static unsigned events; /* of the graph when this step began */

/* A turn may be one of a loop, and no event. */
static void note_step(const struct graph *g)
{
	if (step_at < step_count && g->n != events) {
		step_at++;
		events = g->n;
	}
}

/* After the last step nothing is added; but a thread that asks for what it has
 * just read is to be seen as one that spins. */
static int follow_turn(uint32_t asking)
{
	note_step(graph);
	if (step_at < step_count)
		return asking & 1U << steps[step_at].thread
			       ? steps[step_at].thread
			       : -1;
	for (; asking; asking &= asking - 1) {
		int t = __builtin_ctz(asking);

		if (threads[t].op->kind == OP_READ ||
		    threads[t].op->kind == OP_UPDATE)
			return t;
	}
	return -1;
}

static bool is_named(const struct graph *g, eid e, unsigned thread,
		     unsigned index)
{
	if (e == NOTHING)
		return thread == 0xff;
	return g->events[e].thread == thread && g->events[e].index == index;
}

static int follow_among(const struct graph *g, const struct event *e,
			const eid *candidates, unsigned n)
{
	const struct step *s = &steps[step_at];
	bool reads = e->op.kind != OP_WRITE;

	if (step_at == step_count)
		return -1;
	if (!candidates)
		return s->choice < n ? (int)s->choice : -1;
	for (unsigned i = 0; i < n; i++)
		if (is_named(g, candidates[i],
			     reads ? s->rf_thread : s->co_thread,
			     reads ? s->rf_index : s->co_index))
			return (int)i;
	return -1;
}

static const struct chooser follower = { follow_turn, follow_among };

/* A thread went wrong before the last step; that all are blocked only means
 * that it was not what the steps say. */
static bool is_early(enum ending ending)
{
	return ending == ENDING_VIOLATION && violation.kind != DEADLOCK &&
	       violation.kind != LIVELOCK;
}

struct graph *search_follow(const struct step *s, unsigned n,
			    enum ending *ending)
{
	struct graph *g = graph_new();

	steps = s;
	step_count = n;
	step_at = events = 0;
	chooser = &follower;
	*ending = engine_run(g);
	chooser = NULL;
	note_step(g);
	if (step_at == step_count || is_early(*ending))
		return g;
	graph_free(g);
	return NULL;
}

/*
 * Chance.
 */
static uint64_t state;

static uint64_t below(uint64_t n)
{
	return splitmix_next(&state) % n;
}

static int random_turn(uint32_t asking)
{
	uint64_t skip = below((uint64_t)__builtin_popcount(asking));

	while (skip--)
		asking &= asking - 1;
	return __builtin_ctz(asking);
}

static int random_among(const struct graph *g, const struct event *e,
			const eid *candidates, unsigned n)
{
	(void)g, (void)e, (void)candidates;
	return (int)below(n);
}

static const struct chooser walker = { random_turn, random_among };

/* Priorities, the highest runs; points of change, counted in turns. */
enum { POINTS_MAX = 32 };
static uint64_t priority[THREADS_MAX], point[POINTS_MAX];
static unsigned points;
static uint64_t turn, turns_before;

static void begin_pct(void)
{
	uint64_t length = turns_before ? turns_before : 100;

	for (unsigned i = 0; i < THREADS_MAX; i++)
		priority[i] = POINTS_MAX + below(1U << 30);
	points = page->depth ? (unsigned)page->depth - 1 : 2;
	if (points > POINTS_MAX)
		points = POINTS_MAX;
	for (unsigned i = 0; i < points; i++)
		point[i] = below(length);
	turn = 0;
}

static int highest(uint32_t asking)
{
	int best = -1;

	for (uint32_t left = asking; left; left &= left - 1) {
		int i = __builtin_ctz(left);

		if (best < 0 || priority[i] > priority[best])
			best = i;
	}
	return best;
}

static int pct_turn(uint32_t asking)
{
	int i = highest(asking);

	turn++;
	for (unsigned j = 0; j < points; j++)
		if (point[j] == turn) {
			priority[i] = j;
			return highest(asking);
		}
	return i;
}

static const struct chooser pct = { pct_turn, random_among };

void search_random(void)
{
	struct graph *g = graph_new();
	uint64_t walks = page->walks ? page->walks : 10000;

	state = page->seed;
	page->check_duplicates = true; /* for the coverage */
	chooser = page->mode == EXPLORE_PCT ? &pct : &walker;
	for (uint64_t i = 0; i < walks && !tally_over(); i++) {
		enum ending ending;

		begin_pct();
		graph_cut(g, 0);
		ending = engine_run(g);
		turns_before = turn;
		chooser = NULL; /* a report may follow */
		tally_execution(g, ending);
		chooser = page->mode == EXPLORE_PCT ? &pct : &walker;
	}
	atomic_store_explicit(&page->bounded, 1, memory_order_relaxed);
}
