/* SPDX-License-Identifier: MIT */
/*
 * All consistent executions of a litmus program, by brute force: each read may
 * read from each write of its location, each order of a location's writes may
 * be its co; what the axioms forbid is thrown away. Slow and plain on purpose:
 * the explorer is judged by it and shares nothing with it.
 *
 * Sources: RC11 as in O. Lahav, V. Vafeiadis, J. Kang, C.-K. Hur, D. Dreyer,
 * "Repairing Sequential Consistency in C/C++11" (PLDI 2017), figure 1 and
 * definition 1, with the release sequences of C++20 (P0982: chains of
 * read-modify-writes only). TSO as in J. Alglave, L. Maranget, M. Tautschnig,
 * "Herding Cats" (TOPLAS 2014), figure 38, under the mapping of C11 to x86 in
 * which seq_cst stores carry the fence (P. Sewell et al., "C/C++11 mappings to
 * processors"); a locked instruction is a fence even if its comparison fails.
 *
 * A read-modify-write is two events with an edge of `rmw`, as in the papers.
 */
#include <stddef.h>

#include "litmus.h"
#include "relation.h"

struct event {
	int thread;			/* -1: initial writes */
	const struct instruction *code; /* a store, of initial writes */
	int order, location;
	int rmw;     /* the other half; -1: none */
	int from;    /* a read's write */
	int value;   /* read or written */
	bool absent; /* the write of a compare-exchange that has failed */
	bool known;  /* value and absent are */
};

struct execution {
	const struct litmus *litmus;
	enum model model;
	struct tally *tally;
	uint64_t candidates, limit;

	/* the loop that this thread never leaves; or its length */
	int cut[THREADS];
	int n;
	struct event event[EVENTS];
	set reads, writes, fences;
	struct relation po, rf, co, rmw, same_location;
	int final[THREADS][REGISTERS];
};

#define BIT(e) (UINT64_C(1) << (e))

/* The consistency axioms. */

static set with_order(const struct execution *x, int a, int b, int c)
{
	set s = 0;

	for (int e = 0; e < x->n; e++)
		if (x->event[e].thread >= 0 &&
		    (x->event[e].order == a || x->event[e].order == b ||
		     x->event[e].order == c))
			s |= BIT(e);
	return s;
}

static struct relation from_read(const struct execution *x)
{
	return compose(inverse(x->rf), x->co);
}

/* rf u co u fr */
static struct relation communication(const struct execution *x)
{
	return unite(unite(x->rf, x->co), from_read(x));
}

/* irreflexive(po; eco) and no write in the middle of an rmw: all models have
 * it, and it speaks of one location at a time. */
static bool coherent(const struct execution *x)
{
	struct relation eco = closure(communication(x));

	return irreflexive(compose(x->po, eco)) && irreflexive(eco) &&
	       empty(common(x->rmw, compose(from_read(x), x->co)));
}

static struct relation synchronizes(const struct execution *x, set fences)
{
	set release = with_order(x, __ATOMIC_RELEASE, __ATOMIC_ACQ_REL,
				 __ATOMIC_SEQ_CST) &
		      (x->writes | fences);
	set acquire = with_order(x, __ATOMIC_ACQUIRE, __ATOMIC_ACQ_REL,
				 __ATOMIC_SEQ_CST) &
		      (x->reads | fences);
	struct relation all = identity(~UINT64_C(0));
	struct relation step = compose(x->rf, x->rmw);
	struct relation rs = between(x->writes, maybe(closure(step)), ~(set)0);
	struct relation out = unite(all, between(fences, x->po, ~(set)0));
	struct relation in = unite(all, between(~(set)0, x->po, fences));

	in = compose(identity(x->reads), in);
	return between(release, compose(compose(compose(out, rs), x->rf), in),
		       acquire);
}

static bool psc_acyclic(const struct execution *x, struct relation hb)
{
	set sc = with_order(x, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST,
			    __ATOMIC_SEQ_CST);
	set fence = sc & x->fences;
	struct relation eco = closure(communication(x));
	struct relation po_other = without(x->po, x->same_location);
	struct relation scb =
		unite(unite(x->po, compose(compose(po_other, hb), po_other)),
		      unite(common(hb, x->same_location),
			    unite(x->co, from_read(x))));
	struct relation left =
		unite(identity(sc), compose(identity(fence), maybe(hb)));
	struct relation right =
		unite(identity(sc), compose(maybe(hb), identity(fence)));
	struct relation base = compose(compose(left, scb), right);
	struct relation of_fences =
		between(fence, unite(hb, compose(compose(hb, eco), hb)), fence);

	return acyclic(unite(base, of_fences));
}

static bool rc11(const struct execution *x)
{
	struct relation eco = closure(communication(x));
	struct relation hb = closure(unite(x->po, synchronizes(x, x->fences)));

	return irreflexive(compose(hb, maybe(eco))) && psc_acyclic(x, hb) &&
	       acyclic(unite(x->po, x->rf));
}

static bool sc(const struct execution *x)
{
	return acyclic(unite(x->po, communication(x)));
}

/* Between these two in program order stands what drains the store buffer. */
static bool drained(const struct execution *x, int a, int b)
{
	const struct event *from = &x->event[a], *to = &x->event[b];

	for (int e = 0; e < x->n; e++)
		if (x->event[e].code->kind == FENCE &&
		    x->event[e].order == __ATOMIC_SEQ_CST &&
		    has(&x->po, a, e) && has(&x->po, e, b))
			return true;
	return from->order == __ATOMIC_SEQ_CST || from->code->kind > STORE ||
	       (to->code->kind > STORE && to->code->kind != AWAIT);
}

static bool tso(const struct execution *x)
{
	struct relation order = x->po, external = x->rf;

	for (int a = 0; a < x->n; a++)
		for (int b = 0; b < x->n; b++) {
			if (x->event[a].thread == x->event[b].thread)
				external.row[a] &= ~BIT(b);
			if (!has(&x->po, a, b))
				continue;
			/* fences order by `drained` alone */
			if ((x->fences >> a & 1) || (x->fences >> b & 1) ||
			    ((x->writes >> a & 1) && (x->reads >> b & 1) &&
			     !drained(x, a, b)))
				order.row[a] &= ~BIT(b);
		}
	return acyclic(
		unite(unite(order, external), unite(x->co, from_read(x))));
}

static bool (*const consistent[MODELS])(const struct execution *) = { rc11, sc,
								      tso };

/* Values, from those that are known on, until nothing is new. */

static int operand(const struct execution *x, int e, struct operand o,
		   bool *known)
{
	int value = 0;

	if (!o.is_register)
		return o.value;
	for (int b = 0; b < e; b++) {
		const struct event *before = &x->event[b];

		if (before->thread != x->event[e].thread ||
		    !(x->reads >> b & 1) || before->code->target != o.value)
			continue;
		*known &= before->known;
		value = before->value;
	}
	return value;
}

static bool never_left(const struct execution *x, const struct event *e)
{
	return e->thread >= 0 &&
	       e->code - x->litmus->code[e->thread].at == x->cut[e->thread];
}

/* What it reads ends the loop. */
static bool leaves(const struct execution *x, int e)
{
	const struct event *r = &x->event[e];
	bool known = true;

	if (r->code->kind == LOCK)
		return r->value == operand(x, e, r->code->expected, &known);
	return (r->value == operand(x, e, r->code->value, &known)) ==
	       (r->code->kind == AWAIT);
}

static void evaluate_read(struct execution *x, int e)
{
	const struct event *from = &x->event[x->event[e].from];

	x->event[e].known = from->known;
	x->event[e].value = from->value;
}

static void evaluate_write(struct execution *x, int e)
{
	struct event *w = &x->event[e];
	bool known = w->rmw < 0 || x->event[w->rmw].known;
	int old = w->rmw < 0 ? 0 : x->event[w->rmw].value;

	w->value = operand(x, e, w->code->value, &known);
	if (w->code->kind == ADD)
		w->value += old;
	if (spins(w->code))
		w->absent = never_left(x, w);
	if (w->code->kind == COMPARE)
		w->absent =
			old != operand(x, w->rmw, w->code->expected, &known);
	w->known = known;
}

static bool evaluate(struct execution *x)
{
	for (int e = 0; e < x->n; e++)
		x->event[e].known =
			x->event[e].thread < 0 || x->fences >> e & 1;
	/* porf is acyclic: each pass gets to know one event or more */
	for (int pass = 0; pass < x->n; pass++)
		for (int e = 0; e < x->n; e++)
			if (x->event[e].known)
				continue;
			else if (x->reads >> e & 1)
				evaluate_read(x, e);
			else
				evaluate_write(x, e);
	for (int e = 0; e < x->n; e++) {
		const struct event *r = &x->event[e];

		if (!(x->reads >> e & 1))
			continue;
		if (x->event[r->from].absent)
			return false;
		if (spins(r->code) && leaves(x, e) == never_left(x, r))
			return false;
	}
	return true;
}

/* The read half of a compare-exchange that has failed is a load with an order
 * of its own; its write was never there. */
static struct execution without_absent(const struct execution *x)
{
	struct execution y = *x;

	for (int e = 0; e < y.n; e++) {
		if (!y.event[e].absent)
			continue;
		if (y.event[e].code->kind == COMPARE ||
		    y.event[e].code->kind == LOCK)
			y.event[y.event[e].rmw].order = y.event[e].code->failed;
		y.event[e].order = __ATOMIC_RELAXED;
		y.writes &= ~BIT(e);
		for (int a = 0; a < y.n; a++) {
			y.po.row[a] &= ~BIT(e);
			y.rmw.row[a] &= ~BIT(e);
		}
		y.po.row[e] = y.rmw.row[e] = 0;
	}
	return y;
}

/* What is left when an execution has an end. */

static bool co_last(const struct execution *x, int w)
{
	return (x->writes >> w & 1) && !x->co.row[w];
}

static struct outcome outcome(const struct execution *x)
{
	struct outcome o = { 0 };

	for (int e = 0; e < x->n; e++) {
		const struct event *v = &x->event[e];

		if ((x->reads >> e & 1) && v->code->target >= 0)
			outcome_register(&o, v->thread, v->code->target,
					 v->value);
		if (co_last(x, e))
			outcome_location(&o, v->location, v->value);
	}
	return o;
}

static bool is_cut(const struct execution *x, int thread)
{
	return x->cut[thread] < x->litmus->code[thread].length;
}

static bool all_stuck_for_ever(const struct execution *x)
{
	for (int e = 0; e < x->n; e++)
		if ((x->reads >> e & 1) && never_left(x, &x->event[e]) &&
		    !co_last(x, x->event[e].from))
			return false;
	return true;
}

static void complete(struct execution *x)
{
	bool stuck = false;

	for (int t = 0; t < x->litmus->threads; t++)
		stuck |= is_cut(x, t);
	if (!consistent[x->model](x))
		return;
	if (!stuck)
		tally_add(x->tally, outcome(x));
	else if (all_stuck_for_ever(x))
		x->tally->stuck++;
}

/* Each order of each location's writes, the initial one first. */

static void choose_co(struct execution *x, int location, int last, set rest);

static void next_co(struct execution *x, int location)
{
	set writes = 0;

	if (location == x->litmus->locations) {
		complete(x);
		return;
	}
	for (int e = x->litmus->locations; e < x->n; e++)
		if ((x->writes >> e & 1) && x->event[e].location == location)
			writes |= BIT(e);
	choose_co(x, location, location, writes);
}

static void choose_co(struct execution *x, int location, int last, set rest)
{
	x->candidates++;
	if (!rest) {
		if (coherent(x))
			next_co(x, location + 1);
		return;
	}
	for (set s = rest; s; s &= s - 1) {
		int w = __builtin_ctzll(s);
		struct relation co = x->co;

		for (int e = 0; e < x->n; e++)
			if (e == last || has(&x->co, e, last))
				pair(&x->co, e, w);
		choose_co(x, location, w, rest & ~BIT(w));
		x->co = co;
	}
}

/* Each read has its write: what do they write, and in which orders? */
static void with_values(struct execution *x)
{
	struct execution y;

	if (!evaluate(x))
		return;
	y = without_absent(x);
	next_co(&y, 0);
	x->candidates = y.candidates;
}

/* Each write for each read. */

static void choose_rf(struct execution *x, int e)
{
	while (e < x->n && !(x->reads >> e & 1))
		e++;
	if (x->candidates > x->limit)
		return;
	if (e == x->n) {
		with_values(x);
		return;
	}
	for (int w = 0; w < x->n; w++) {
		if (!(x->writes >> w & 1) ||
		    x->event[w].location != x->event[e].location)
			continue;
		x->candidates++;
		x->event[e].from = w;
		pair(&x->rf, w, e);
		if (acyclic(unite(x->po, x->rf)))
			choose_rf(x, e + 1);
		x->rf.row[w] &= ~BIT(e);
	}
}

/* The events of the program, with each await left, or for ever in it. */

static int add(struct execution *x, int thread, const struct instruction *code,
	       int location, int order)
{
	static const struct instruction initial_write = { .kind = STORE };
	int e = x->n++;

	x->event[e] = (struct event){ .thread = thread,
				      .code = code ? code : &initial_write,
				      .location = location,
				      .order = order,
				      .rmw = -1 };
	for (int b = 0; b < e; b++)
		if (x->event[b].thread < 0 || x->event[b].thread == thread)
			if (thread >= 0)
				pair(&x->po, b, e);
	for (int b = 0; b <= e; b++)
		if (location >= 0 && x->event[b].location == location) {
			pair(&x->same_location, b, e);
			pair(&x->same_location, e, b);
		}
	return e;
}

static void add_instruction(struct execution *x, int t,
			    const struct instruction *i)
{
	int r = -1, w = -1;

	if (i->kind == FENCE) {
		x->fences |= BIT(add(x, t, i, -1, i->order));
		return;
	}
	if (i->kind != STORE) {
		r = add(x, t, i, i->location, i->order);
		x->reads |= BIT(r);
	}
	if (i->kind != LOAD && i->kind != AWAIT) {
		w = add(x, t, i, i->location, i->order);
		x->writes |= BIT(w);
	}
	if (r >= 0 && w >= 0) {
		x->event[r].rmw = w;
		x->event[w].rmw = r;
		pair(&x->rmw, r, w);
	}
}

static void events(struct execution *x)
{
	const struct litmus *l = x->litmus;

	x->n = 0;
	x->reads = x->writes = x->fences = 0;
	x->po = x->rf = x->co = x->rmw = x->same_location =
		(struct relation){ 0 };
	for (int i = 0; i < l->locations; i++) {
		int e = add(x, -1, NULL, i, __ATOMIC_RELAXED);

		x->event[e].value = l->initial[i];
		x->writes |= BIT(e);
	}
	for (int t = 0; t < l->threads; t++)
		for (int i = 0; i < l->code[t].length && i <= x->cut[t]; i++)
			add_instruction(x, t, &l->code[t].at[i]);
	events_in_use = x->n;
	choose_rf(x, 0);
}

static void choose_cuts(struct execution *x, int t)
{
	const struct code *c = &x->litmus->code[t];

	if (t == x->litmus->threads) {
		events(x);
		return;
	}
	for (int i = 0; i <= c->length; i++)
		if (i == c->length || spins(&c->at[i])) {
			x->cut[t] = i;
			choose_cuts(x, t + 1);
		}
}

bool oracle(const struct litmus *l, enum model model, uint64_t limit,
	    struct tally *t)
{
	struct execution x = {
		.litmus = l, .model = model, .tally = t, .limit = limit
	};

	*t = (struct tally){ 0 };
	choose_cuts(&x, 0);
	return x.candidates <= limit;
}
