/* SPDX-License-Identifier: MIT */
/*
 * SC and TSO: no cycle in the global order.
 *
 * SC (L. Lamport, 1979; axioms as in J. Alglave et al., "Herding cats", TOPLAS
 * 2014, section 4.4): po u rf u co u fr is acyclic. TSO (S. Owens et al.,
 * TPHOLs 2009; axioms in the same place): so is the relation without po from a
 * write to a later read, and without rf inside of a thread; a seq_cst fence, a
 * seq_cst store (exchange, or a store and MFENCE) and each half of a
 * read-modify-write are ordered with everything. Coherence within a thread is
 * checked already.
 *
 * The event added is the last of its thread, so what leaves it is co or fr to
 * the next write alone: walk backwards from it, and see if we come there.
 */
#include <string.h>

#include "model.h"

struct walk {
	const struct graph *g;
	uint64_t seen[EVENTS_MAX / 64];
	eid todo[EVENTS_MAX];
	unsigned n;
};

static struct walk walk;

static void visit(eid e)
{
	uint64_t bit = UINT64_C(1) << e % 64;

	if (walk.seen[e / 64] & bit)
		return;
	walk.seen[e / 64] |= bit;
	walk.todo[walk.n++] = e;
}

/* What stands before e by co and fr. */
static void visit_overwritten(const struct event *e)
{
	const struct graph *g = walk.g;

	if (e->co_before != NOTHING)
		visit(e->co_before);
	for (eid id = g->location[e->location].newest; id != NOTHING;
	     id = g->events[id].same) {
		const struct event *r = &g->events[id];

		if (r != e && (r->flags & EVENT_READS) && r->rf == e->co_before)
			visit(id);
	}
}

/* A write that a later read of its thread may overtake. */
static bool buffered(const struct event *e)
{
	return (e->flags & EVENT_WRITES) && !(e->flags & EVENT_EXCLUSIVE) &&
	       e->order != __ATOMIC_SEQ_CST;
}

/* A locked instruction does not, even if it writes nothing. */
static bool overtakes(const struct event *e)
{
	return (e->flags & EVENT_READS) && e->op.kind == OP_READ;
}

/* Only a seq_cst fence is an instruction. */
static bool is_nothing(const struct event *e)
{
	return e->op.kind == OP_FENCE && e->order != __ATOMIC_SEQ_CST;
}

static void visit_program_order(const struct event *e, bool tso)
{
	const struct graph *g = walk.g;
	bool reads = false;

	if (!e->index) {
		if (g->created[e->thread] != NOTHING)
			visit(g->created[e->thread]);
		return;
	}
	for (unsigned i = e->index; i-- > 0;) {
		const struct event *before = graph_event(g, e->thread, i);

		if (tso &&
		    (is_nothing(before) || (overtakes(e) && buffered(before))))
			continue;
		/* beyond a plain read lie writes that it does not wait for */
		if (!reads || !overtakes(before))
			visit(graph_id(g, before));
		if (!tso || !overtakes(before))
			return;
		reads = true;
		if (overtakes(e))
			return;
	}
	if (g->created[e->thread] != NOTHING)
		visit(g->created[e->thread]);
}

static bool comes_back(const struct graph *g, const struct event *added,
		       bool tso)
{
	const struct event *next = model_overwriter(g, added);

	if (!next)
		return false;
	walk.g = g;
	walk.n = 0;
	memset(walk.seen, 0, (g->n + 63) / 64 * sizeof(walk.seen[0]));
	visit(graph_id(g, added));
	while (walk.n) {
		const struct event *e = &g->events[walk.todo[--walk.n]];

		if (e == next)
			return true;
		visit_program_order(e, tso);
		if ((e->flags & EVENT_READS) && e->rf != NOTHING &&
		    !(tso && g->events[e->rf].thread == e->thread))
			visit(e->rf);
		if (e->flags & EVENT_WRITES)
			visit_overwritten(e);
	}
	return false;
}

static bool sc_consistent(const struct graph *g, const struct event *added)
{
	return !comes_back(g, added, false);
}

static bool tso_consistent(const struct graph *g, const struct event *added)
{
	return !comes_back(g, added, true);
}

const struct model model_sc = { "sc", sc_consistent };
const struct model model_tso = { "tso", tso_consistent };
