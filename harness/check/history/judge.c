/* SPDX-License-Identifier: MIT */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

/* Which operations are done, and the machine's state after them. */
struct configuration {
	uint64_t done;
	struct state state;
};

/* Those that were tried and led nowhere; open addressing. Kept between
 * judgements: what an earlier one has left does not count. */
struct slot {
	uint64_t judgement;
	struct configuration c;
};

enum { SLOTS = 1 << 17, SLOTS_USED_MAX = SLOTS / 2 };

static struct slot *slots;
static uint64_t judgement;

struct search {
	const struct model *model;
	const struct history *history;
	const uint64_t *before;
	uint64_t returned; /* operations that must be explained */
	uint64_t stuck;	   /* that must have reason to wait */
	unsigned tried;
	bool given_up;
	struct nearest *nearest;
};

static uint64_t hash(const struct configuration *c)
{
	uint64_t words[sizeof(*c) / 8], h = 0;

	memcpy(words, c, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / 8; i++) {
		h = (h ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h;
}

/* Has it been tried? It has now. */
static bool tried(struct search *s, const struct configuration *c)
{
	struct slot *slot = &slots[hash(c) % SLOTS];

	while (slot->judgement == judgement) {
		if (memcmp(&slot->c, c, sizeof(*c)) == 0)
			return true;
		if (++slot == slots + SLOTS)
			slot = slots;
	}
	if (s->tried++ == SLOTS_USED_MAX) {
		s->given_up = true;
		return true;
	}
	slot->judgement = judgement;
	slot->c = *c;
	return false;
}

static bool explained(const struct search *s, const struct configuration *c)
{
	const struct model *m = s->model;

	if ((c->done & s->returned) != s->returned)
		return false;
	for (unsigned i = 0; i < s->history->n; i++)
		if (s->stuck >> i & 1 &&
		    !(m->stuck && m->stuck(&c->state, &s->history->ops[i])))
			return false;
	return true;
}

static void note(struct search *s, const struct configuration *c)
{
	struct nearest *n = s->nearest;

	if (n &&
	    __builtin_popcountll(c->done) >= __builtin_popcountll(n->done)) {
		n->done = c->done;
		n->state = c->state;
	}
}

static bool explain(struct search *s, const struct configuration *c)
{
	if (explained(s, c))
		return true;
	if (tried(s, c))
		return false;
	note(s, c);
	for (unsigned i = 0; i < s->history->n; i++) {
		const struct op *op = &s->history->ops[i];
		struct configuration next = *c;
		enum step step;

		if (c->done >> i & 1 || s->before[i] & ~c->done)
			continue;
		step = s->model->step(&next.state, op);
		if (step == FINISHED && !(s->stuck >> i & 1))
			next.done |= UINT64_C(1) << i;
		else if (step != MORE)
			continue;
		if (explain(s, &next))
			return true;
	}
	return false;
}

enum judgement judge_ordered(const struct model *m, const struct client *c,
			     const struct history *h, const uint64_t *before,
			     struct nearest *nearest)
{
	struct search s = {
		.model = m, .history = h, .before = before, .nearest = nearest
	};
	struct configuration start = { 0 };

	_Static_assert(HISTORY_OPS <= 64, "a bit for each");
	if (!slots)
		slots = calloc(SLOTS, sizeof(*slots));
	if (!slots)
		abort();
	judgement++;
	for (unsigned i = 0; i < h->n; i++)
		if (h->ops[i].responded)
			s.returned |= UINT64_C(1) << i;
		else if (!h->ops[i].open)
			s.stuck |= UINT64_C(1) << i;
	if (nearest)
		*nearest = (struct nearest){ 0 };
	if (m->initial)
		m->initial(&start.state, c);
	if (explain(&s, &start))
		return RIGHT;
	return s.given_up ? UNDECIDED : WRONG;
}

enum judgement judge(const struct model *m, const struct client *c,
		     const struct history *h, struct nearest *nearest)
{
	uint64_t before[HISTORY_OPS] = { 0 };

	for (unsigned i = 0; i < h->n; i++)
		for (unsigned j = 0; j < h->n; j++)
			if (h->ops[j].responded &&
			    h->ops[j].responded < h->ops[i].invoked)
				before[i] |= UINT64_C(1) << j;
	return judge_ordered(m, c, h, before, nearest);
}

/* The history up to an event. */
static void cut(const struct history *h, uint32_t end, struct history *out)
{
	out->n = 0;
	for (unsigned i = 0; i < h->n; i++) {
		struct op op = h->ops[i];

		if (op.invoked > end)
			continue;
		if (op.responded == 0 || op.responded > end) {
			op.responded = 0;
			op.open = true;
		}
		out->ops[out->n++] = op;
	}
}

void judge_cut(const struct model *m, const struct client *c, struct history *h)
{
	static struct history shorter, best;
	uint32_t end = UINT32_MAX;

	for (unsigned i = 0; i < h->n; i++) {
		uint32_t at = h->ops[i].responded;

		if (at == 0 || at >= end)
			continue;
		cut(h, at, &shorter);
		if (judge(m, c, &shorter, NULL) == WRONG) {
			end = at;
			best = shorter;
		}
	}
	if (end != UINT32_MAX)
		*h = best;
}
