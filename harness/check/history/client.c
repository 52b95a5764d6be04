/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <string.h>

#include "../../kit/splitmix.h"

uint64_t dice_roll(struct dice *d)
{
	return splitmix_next(&d->seed);
}

unsigned dice_below(struct dice *d, unsigned n)
{
	return (unsigned)(dice_roll(d) % n);
}

bool client_has(const struct operation *o, const struct registration *r)
{
	const void *hook;

	memcpy(&hook, (const char *)r->id + o->hook, sizeof(hook));
	return hook != NULL;
}

/* May be drawn for a thread that holds so many? */
static bool fits(const struct operation *o, const struct registration *r,
		 int held)
{
	return o->weight && client_has(o, r) &&
	       (o->when == ALWAYS || (o->when == HOLDING) == (held > 0));
}

/* By weight, of those that fit; -1 if none does. */
static int draw_code(const struct model *m, const struct registration *r,
		     int held, struct dice *d)
{
	unsigned sum = 0, at;

	for (size_t i = 0; i < m->n; i++)
		if (fits(&m->operations[i], r, held))
			sum += m->operations[i].weight;
	if (sum == 0)
		return -1;
	at = dice_below(d, sum);
	for (size_t i = 0; i < m->n; i++) {
		if (!fits(&m->operations[i], r, held))
			continue;
		if (at < m->operations[i].weight)
			return (int)i;
		at -= m->operations[i].weight;
	}
	return -1;
}

/* Long enough to be overtaken, short enough to be met; some have passed. */
static const int microseconds[] = { 0, 5, 30, 100, 300 };

enum { N_MICROSECONDS = sizeof(microseconds) / sizeof(microseconds[0]) };

static int draw_argument(const struct operation *o, unsigned thread,
			 unsigned place, struct dice *d)
{
	switch (o->argument) {
	case NOTHING:
		return 0;
	case UP_TO:
		return 1 + (int)dice_below(d, (unsigned)o->range);
	case BELOW:
		return (int)dice_below(d, (unsigned)o->range);
	case WITHIN:
		return microseconds[dice_below(d, N_MICROSECONDS)];
	case OWN:
		return (int)(thread * CLIENT_OPS + place);
	}
	return 0;
}

/* Often none: what comes at once meets the others. Now and then so long that
 * they fall asleep. */
static uint8_t draw_pause(struct dice *d)
{
	switch (dice_below(d, 8)) {
	case 0:
	case 1:
		return (uint8_t)(1 + dice_below(d, PAUSE_TURNS - 1));
	case 2:
		return PAUSE_YIELD;
	case 3:
		return PAUSE_SLEEP;
	default:
		return 0;
	}
}

static struct op *add(struct client *c, const struct model *m, unsigned thread,
		      unsigned code, struct dice *d)
{
	unsigned place = c->n[thread]++;
	struct op *op = &c->ops[thread][place];

	*op = (struct op){
		.code = (uint8_t)code,
		.thread = (uint8_t)thread,
		.pause = draw_pause(d),
		.argument =
			draw_argument(&m->operations[code], thread, place, d),
		.answer = NO_ANSWER,
	};
	return op;
}

static void draw_thread(struct client *c, const struct model *m,
			const struct registration *r, unsigned thread,
			unsigned n, struct dice *d)
{
	int held = 0;

	for (unsigned i = 0; i < n; i++) {
		int code = draw_code(m, r, held, d);

		if (code < 0)
			break;
		add(c, m, thread, (unsigned)code, d);
		held += m->operations[code].holds;
	}
	for (size_t i = 0; i < m->n && held > 0; i++)
		if (m->operations[i].gives_up &&
		    client_has(&m->operations[i], r)) {
			add(c, m, thread, (unsigned)i, d);
			break;
		}
}

/* A step further every so many seeds, up to the largest. */
enum { SEEDS_OF_A_SIZE = 6 };

void client_draw(struct client *c, const struct model *m,
		 const struct registration *r, uint64_t seed)
{
	struct dice d = { seed };
	uint64_t size = (seed ? seed - 1 : 0) / SEEDS_OF_A_SIZE;
	unsigned most =
		size < CLIENT_DRAWN - 1 ? (unsigned)size + 1 : CLIENT_DRAWN;
	unsigned threads = size < 2 ? 2 : size < 4 ? 3 : CLIENT_THREADS;

	memset(c, 0, sizeof(*c));
	c->threads = 2 + dice_below(&d, threads - 1);
	if (m->draw)
		m->draw(c, &d);
	for (unsigned t = 0; t < c->threads; t++)
		draw_thread(c, m, r, t, 1 + dice_below(&d, most), &d);
	/* often all wait for one that comes late */
	if (dice_below(&d, 2))
		c->ops[dice_below(&d, c->threads)][0].pause = PAUSE_SLEEP;
}

static void drop_thread(struct client *c, unsigned thread)
{
	c->threads--;
	for (unsigned t = thread; t < c->threads; t++) {
		c->n[t] = c->n[t + 1];
		memcpy(c->ops[t], c->ops[t + 1], sizeof(c->ops[t]));
		for (unsigned i = 0; i < c->n[t]; i++)
			c->ops[t][i].thread = (uint8_t)t;
	}
}

static void drop_op(struct client *c, unsigned thread, unsigned place)
{
	struct op *at = &c->ops[thread][place];

	c->n[thread]--;
	memmove(at, at + 1, (c->n[thread] - place) * sizeof(*at));
}

bool client_smaller(const struct client *c, unsigned k, struct client *out)
{
	*out = *c;
	if (k < c->threads && c->threads > 1) {
		drop_thread(out, k);
		return true;
	}
	k -= c->threads > 1 ? c->threads : 0;
	for (unsigned t = 0; t < c->threads; t++) {
		if (k < c->n[t]) {
			drop_op(out, t, k);
			return true;
		}
		k -= c->n[t];
	}
	return false;
}
