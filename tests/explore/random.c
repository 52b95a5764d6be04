/* SPDX-License-Identifier: MIT */
/*
 * Random litmus programs: 2 to 4 threads of 1 to 4 instructions on 1 to 3
 * locations. Most accesses are loads and stores. Half of the programs are
 * shaped as critical cycles are (D. Shasha, M. Snir, TOPLAS 1988): each thread
 * goes from its own location to the next thread's; half have many seq_cst
 * accesses.
 */
#include "litmus.h"

/* xorshift64*, S. Vigna (2016) */
static unsigned below(uint64_t *state, unsigned n)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (unsigned)((*state * 0x2545f4914f6cdd1d) >> 33) % n;
}

static const int loads[] = { __ATOMIC_RELAXED, __ATOMIC_ACQUIRE,
			     __ATOMIC_SEQ_CST };
static const int stores[] = { __ATOMIC_RELAXED, __ATOMIC_RELEASE,
			      __ATOMIC_SEQ_CST };
static const int fences[] = { __ATOMIC_ACQUIRE, __ATOMIC_RELEASE,
			      __ATOMIC_ACQ_REL, __ATOMIC_SEQ_CST,
			      __ATOMIC_SEQ_CST };
static const int updates[] = { __ATOMIC_RELAXED, __ATOMIC_ACQUIRE,
			       __ATOMIC_RELEASE, __ATOMIC_ACQ_REL,
			       __ATOMIC_SEQ_CST };

static const enum kind mix[] = { LOAD,	LOAD,  LOAD,	 LOAD,	STORE,	 STORE,
				 STORE, STORE, EXCHANGE, ADD,	COMPARE, FENCE,
				 FENCE, LOAD,  STORE,	 AWAIT, LOCK,	 TAS };

struct style {
	int locations;
	bool awaits, shaped, strong;
};

static struct instruction instruction(uint64_t *s, const struct style *style,
				      int reads)
{
	struct instruction i = { .target = -1 };

	do
		i.kind = mix[below(s, sizeof mix / sizeof *mix)];
	while (spins(&i) && !style->awaits);
	i.order = updates[below(s, 5)];
	if (i.kind == LOAD || i.kind == AWAIT)
		i.order = loads[below(s, 3)];
	else if (i.kind == STORE)
		i.order = stores[below(s, 3)];
	else if (i.kind == TAS)
		i.order = below(s, 2) ? __ATOMIC_ACQUIRE : __ATOMIC_RELAXED;
	else if (i.kind == FENCE)
		i.order = fences[below(s, 5)];
	if (style->strong && i.kind != TAS && below(s, 2))
		i.order = __ATOMIC_SEQ_CST;
	do /* not stronger than that of success: C11 7.17.7.4p2 */
		i.failed = loads[below(s, 3)];
	while (i.failed > i.order);
	i.location = (int)below(s, (unsigned)style->locations);
	i.value.value = 1 + (int)below(s, i.kind == ADD ? 2 : 3);
	i.expected.value = (int)below(s, 3);
	if (reads && i.kind == STORE && !below(s, 5))
		i.value = (struct operand){ true,
					    (int)below(s, (unsigned)reads) };
	return i;
}

struct litmus litmus_random(uint64_t seed)
{
	static const char names[LOCATIONS][2] = { "x", "y", "z", "u" };
	uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15;
	struct litmus l = { 0 };
	struct style style = { .awaits = !below(&state, 4),
			       .shaped = below(&state, 2),
			       .strong = below(&state, 2),
			       .locations = 1 + (int)below(&state, 3) };

	if (style.shaped && style.locations == 1)
		style.locations = 2;
	l.locations = style.locations;
	l.threads = 2 + (int)below(&state, 3);
	for (int i = 0; i < l.locations; i++) {
		l.name[i][0] = names[i][0];
		l.initial[i] = below(&state, 4) ? 0 : 1;
	}
	for (int t = 0; t < l.threads; t++) {
		int reads = 0;

		l.code[t].length = 1 + (int)below(&state, 4);
		for (int k = 0; k < l.code[t].length; k++) {
			struct instruction *i = &l.code[t].at[k];

			*i = instruction(&state, &style, reads);
			if (style.shaped)
				i->location =
					(t + (2 * k >= l.code[t].length)) %
					l.locations;
			if (i->kind != STORE && i->kind != FENCE &&
			    i->kind != AWAIT && reads < REGISTERS)
				i->target = reads++;
		}
	}
	return l;
}
