/* SPDX-License-Identifier: MIT */
/*
 * A queue: the items in it by the order of their puts, the unfinished tasks.
 *
 * The contract orders the items of one putter only, so a get may take the
 * oldest item of any. An item is named by the thread that puts it and its place
 * there.
 */
#include <stdio.h>
#include <string.h>

#include "../../../primitives/queue.h"
#include "../law/law.h"
#include "client.h"
#include "model.h"

enum {
	PUT,
	TRYPUT,
	TIMEDPUT,
	GET,
	TRYGET,
	TIMEDGET,
	TASK_DONE,
	JOIN,
	TIMEDJOIN,
	CLOSE,
	LENGTH,
};

/* of a client */
enum { CAPACITY };

#define HOOK(member) .hook = offsetof(struct queue_impl, member)

static const struct operation operations[] = {
	[PUT] = { "put", HOOK(put), .weight = 8, .argument = OWN,
		  .answer = RESULT },
	[TRYPUT] = { "tryput", HOOK(tryput), .weight = 3, .argument = OWN,
		     .answer = RESULT },
	/* at most 30 us: the item takes the place of the argument */
	[TIMEDPUT] = { "timedput", HOOK(timedput), .weight = 3, .argument = OWN,
		       .answer = RESULT },
	[GET] = { "get", HOOK(get), .weight = 8, .answer = RESULT_NUMBER },
	[TRYGET] = { "tryget", HOOK(tryget), .weight = 3,
		     .answer = RESULT_NUMBER, .last = CLIENT_LAST },
	[TIMEDGET] = { "timedget", HOOK(timedget), .weight = 3,
		       .argument = WITHIN, .answer = RESULT_NUMBER },
	[TASK_DONE] = { "task_done", HOOK(task_done), .weight = 3,
			.answer = RESULT },
	[JOIN] = { "join", HOOK(join), .weight = 1, .answer = RESULT },
	[TIMEDJOIN] = { "timedjoin", HOOK(join), .weight = 1,
			.argument = WITHIN, .answer = RESULT },
	[CLOSE] = { "close", HOOK(close), .weight = 1 },
	[LENGTH] = { "length", HOOK(length), .weight = 1, .answer = NUMBER },
};

/* ---- the object ---- */

static void draw(struct client *c, struct dice *d)
{
	c->parameters[CAPACITY] = (int)dice_below(d, 3);
}

static void setup(struct scene *s)
{
	const struct queue_impl *impl = (const void *)s->subject->id;

	CHECK_EQ(impl->init(s->object, (size_t)s->client->parameters[CAPACITY]),
		 0);
	law_age(&impl->id, s->object);
}

static void teardown(struct scene *s)
{
	const struct queue_impl *impl = (const void *)s->subject->id;

	impl->destroy(s->object);
}

/* Items are never NULL, so that a get that hands out nothing is seen. */
static void *item_of(const struct op *op)
{
	return (void *)((uintptr_t)op->argument + 1);
}

static void perform_put(const struct queue_impl *impl, void *queue,
			struct op *op)
{
	if (op->code == PUT)
		op->answer = impl->put(queue, item_of(op));
	else if (op->code == TRYPUT)
		op->answer = impl->tryput(queue, item_of(op));
	else
		op->answer = impl->timedput(queue, item_of(op),
					    deadline_in(30 * NS_PER_US));
}

static void perform_get(const struct queue_impl *impl, void *queue,
			struct op *op)
{
	void *item = NULL;

	if (op->code == GET)
		op->answer = impl->get(queue, &item);
	else if (op->code == TRYGET)
		op->answer = impl->tryget(queue, &item);
	else
		op->answer = impl->timedget(queue, &item, op_deadline(op));
	op->value = (uintptr_t)item - 1;
}

static void perform(struct actor *a, struct op *op)
{
	const struct queue_impl *impl = a->impl;

	switch (op->code) {
	case PUT:
	case TRYPUT:
	case TIMEDPUT:
		perform_put(impl, a->object, op);
		return;
	case GET:
	case TRYGET:
	case TIMEDGET:
		perform_get(impl, a->object, op);
		return;
	case TASK_DONE:
		op->answer = impl->task_done(a->object);
		return;
	case JOIN:
		op->answer = impl->join(a->object, DEADLINE_NEVER);
		return;
	case TIMEDJOIN:
		op->answer = impl->join(a->object, op_deadline(op));
		return;
	case CLOSE:
		impl->close(a->object);
		return;
	default:
		op->value = impl->length(a->object);
		return;
	}
}

/* ---- the machine ---- */

enum { ITEMS = CLIENT_THREADS * CLIENT_OPS };

struct queue {
	uint8_t capacity, closed, unfinished;
	uint8_t n;
	uint8_t items[ITEMS]; /* the oldest first, nothing behind the last */
} MODEL_STATE;

static void initial(struct state *s, const struct client *c)
{
	((struct queue *)s)->capacity = (uint8_t)c->parameters[CAPACITY];
}

static bool full(const struct queue *m)
{
	return m->capacity && m->n >= m->capacity;
}

static enum step when(bool possible)
{
	return possible ? FINISHED : CANNOT;
}

static enum step step_put(struct queue *m, const struct op *op)
{
	switch (op->answer) {
	case SYNC_OK:
		if (m->closed || full(m) || m->n == ITEMS)
			return CANNOT;
		m->items[m->n++] = (uint8_t)op->argument;
		m->unfinished++;
		return FINISHED;
	case SYNC_CLOSED:
		return when(m->closed);
	case SYNC_NO_MEMORY:
		return when(m->capacity == 0 && !m->closed);
	default: /* busy or timeout, or no answer */
		return when(op->answer != NO_ANSWER && !m->closed && full(m));
	}
}

/* Take out an item that is the first of its putter. */
static enum step take(struct queue *m, uint64_t item)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (m->items[i] == item) {
			m->n--;
			memmove(&m->items[i], &m->items[i + 1], m->n - i);
			m->items[m->n] = 0;
			return FINISHED;
		}
		if (m->items[i] / CLIENT_OPS == item / CLIENT_OPS)
			return CANNOT;
	}
	return CANNOT;
}

static enum step step_get(struct queue *m, const struct op *op)
{
	switch (op->answer) {
	case SYNC_OK:
		return take(m, op->value);
	case SYNC_CLOSED:
		return when(m->closed && m->n == 0);
	default:
		return when(op->answer != NO_ANSWER && !m->closed && m->n == 0);
	}
}

static enum step step_task_done(struct queue *m, const struct op *op)
{
	if (op->answer != SYNC_OK)
		return when(m->unfinished == 0);
	if (m->unfinished == 0)
		return CANNOT;
	m->unfinished--;
	return FINISHED;
}

static enum step step(struct state *s, const struct op *op)
{
	struct queue *m = (struct queue *)s;

	switch (op->code) {
	case PUT:
	case TRYPUT:
	case TIMEDPUT:
		return step_put(m, op);
	case GET:
	case TRYGET:
	case TIMEDGET:
		return step_get(m, op);
	case TASK_DONE:
		return step_task_done(m, op);
	case JOIN:
	case TIMEDJOIN:
		return when((op->answer == SYNC_TIMEOUT) ==
			    (m->unfinished > 0));
	case CLOSE:
		m->closed = 1;
		return FINISHED;
	default:
		return when(op->value == m->n);
	}
}

static bool stuck(const struct state *s, const struct op *op)
{
	const struct queue *m = (const struct queue *)s;

	switch (op->code) {
	case PUT:
		return full(m) && !m->closed;
	case GET:
		return m->n == 0 && !m->closed;
	case JOIN:
		return m->unfinished > 0;
	default:
		return false;
	}
}

static void show(const struct state *s, char *text, size_t size)
{
	const struct queue *m = (const struct queue *)s;
	int used = snprintf(text, size, "the %s holds %u item%s",
			    m->closed ? "closed queue" : "queue", m->n,
			    m->n == 1 ? "" : "s");

	if (m->capacity)
		used += snprintf(text + used, size - (size_t)used, " of %u",
				 m->capacity);
	snprintf(text + used, size - (size_t)used, ", %u unfinished",
		 m->unfinished);
}

MODEL(.kind = "queue", OPERATIONS(operations), .draw = draw, .setup = setup,
      .teardown = teardown, .perform = perform, .initial = initial,
      .step = step, .stuck = stuck, .show = show);
