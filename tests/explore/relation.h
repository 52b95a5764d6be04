/* SPDX-License-Identifier: MIT */
/*
 * Relations on at most 64 events, as bit matrices, in the notation of the
 * papers: union, composition (r;s), inverse, closure, [S];r;[S].
 */
#ifndef RELATION_H
#define RELATION_H

#include <stdbool.h>
#include <stdint.h>

enum { EVENTS = 64 };

typedef uint64_t set;

/* How many there are: the rows beyond are empty. */
static int events_in_use = EVENTS;

struct relation {
	set row[EVENTS]; /* row[a] has bit b: (a, b) */
};

static inline bool has(const struct relation *r, int a, int b)
{
	return r->row[a] >> b & 1;
}

static inline void pair(struct relation *r, int a, int b)
{
	r->row[a] |= UINT64_C(1) << b;
}

static inline struct relation unite(struct relation r, struct relation s)
{
	for (int a = 0; a < events_in_use; a++)
		r.row[a] |= s.row[a];
	return r;
}

static inline struct relation common(struct relation r, struct relation s)
{
	for (int a = 0; a < events_in_use; a++)
		r.row[a] &= s.row[a];
	return r;
}

static inline struct relation without(struct relation r, struct relation s)
{
	for (int a = 0; a < events_in_use; a++)
		r.row[a] &= ~s.row[a];
	return r;
}

/* r;s */
static inline struct relation compose(struct relation r, struct relation s)
{
	struct relation to = { 0 };

	for (int a = 0; a < events_in_use; a++)
		for (set rest = r.row[a]; rest; rest &= rest - 1)
			to.row[a] |= s.row[__builtin_ctzll(rest)];
	return to;
}

static inline struct relation inverse(struct relation r)
{
	struct relation to = { 0 };

	for (int a = 0; a < events_in_use; a++)
		for (set rest = r.row[a]; rest; rest &= rest - 1)
			pair(&to, __builtin_ctzll(rest), a);
	return to;
}

/* [s] */
static inline struct relation identity(set s)
{
	struct relation to = { 0 };

	s &= ~UINT64_C(0) >> (EVENTS - events_in_use);
	for (; s; s &= s - 1)
		pair(&to, __builtin_ctzll(s), __builtin_ctzll(s));
	return to;
}

/* r? */
static inline struct relation maybe(struct relation r)
{
	return unite(r, identity(~UINT64_C(0)));
}

/* r+, by Warshall's algorithm */
static inline struct relation closure(struct relation r)
{
	for (int b = 0; b < events_in_use; b++)
		for (int a = 0; a < events_in_use; a++)
			if (has(&r, a, b))
				r.row[a] |= r.row[b];
	return r;
}

/* [from];r;[to] */
static inline struct relation between(set from, struct relation r, set to)
{
	for (int a = 0; a < events_in_use; a++)
		r.row[a] = from >> a & 1 ? r.row[a] & to : 0;
	return r;
}

static inline bool irreflexive(struct relation r)
{
	for (int a = 0; a < events_in_use; a++)
		if (has(&r, a, a))
			return false;
	return true;
}

static inline bool acyclic(struct relation r)
{
	return irreflexive(closure(r));
}

static inline bool empty(struct relation r)
{
	for (int a = 0; a < events_in_use; a++)
		if (r.row[a])
			return false;
	return true;
}

#endif
