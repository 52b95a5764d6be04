/* SPDX-License-Identifier: MIT */
/*
 * Futures. Callbacks are pushed onto a list, the newest first, until the end of
 * the task replaces it by `ended`; who comes later runs his own at once.
 *
 * Edges  [A] release of the push pairs with [B]: the callback
 *        [B] acquire of the exchange at the end
 *        [C] acq_rel of the last keeper's leave: the others have left
 */
#include "future.h"

#include <string.h>

static struct callback ended;

sl_future *future_make(const struct executor_impl *impl)
{
	/* both of them whole lines, for their alignment */
	size_t header = sizeof(sl_future);
	size_t object =
		(impl->future_size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
	sl_future *f = aligned_alloc(CACHE_LINE, header + object);

	if (!f)
		return NULL;
	memset(f, 0, header);
	f->impl = impl;
	f->future = (char *)f + header;
	atomic_init(&f->keepers, 2);
	return f;
}

void future_drop(sl_future *f)
{
	/* [C] */
	if (atomic_fetch_sub_explicit(&f->keepers, 1, memory_order_acq_rel) ==
	    1)
		free(f);
}

static struct callback *reversed(struct callback *c)
{
	struct callback *first = NULL, *next;

	for (; c; c = next) {
		next = c->next;
		c->next = first;
		first = c;
	}
	return first;
}

/* The implementation's one callback: the future is done or cancelled. */
static void end(void *future)
{
	sl_future *f = future;
	/* [B] */
	struct callback *c = reversed(atomic_exchange_explicit(
		&f->callbacks, &ended, memory_order_acq_rel));

	while (c) {
		struct callback *next = c->next;

		c->function(f, c->argument);
		free(c);
		c = next;
	}
	future_drop(f);
}

void future_submitted(sl_future *f)
{
	f->impl->on_done(f->future, end, f);
}

int sl_future_on_done(sl_future *f, sl_callback *function, void *argument)
{
	struct callback *c;

	if (!f || !function)
		return SL_INVALID;
	c = malloc(sizeof(*c));
	if (!c)
		return SL_NO_MEMORY;
	/* acquire, like the failure below: what the task did comes before a
	 * callback that is run at once */
	struct callback *last =
		atomic_load_explicit(&f->callbacks, memory_order_acquire);

	do {
		if (last == &ended) {
			free(c);
			function(f, argument);
			return SL_OK;
		}
		*c = (struct callback){ last, function, argument };
		/* [A] */
	} while (!atomic_compare_exchange_weak_explicit(&f->callbacks, &last, c,
							memory_order_release,
							memory_order_acquire));
	return SL_OK;
}

int sl_future_result(sl_future *f, uint64_t timeout, void **value)
{
	if (!f)
		return SL_INVALID;
	return answer(f->impl->result(f->future, until(timeout), value),
		      timeout);
}

int sl_future_cancel(sl_future *f)
{
	return f ? f->impl->cancel(f->future) : SL_INVALID;
}

enum sl_future_state sl_future_state(const sl_future *f)
{
	_Static_assert((int)SL_FUTURE_PENDING == (int)PENDING &&
			       (int)SL_FUTURE_RUNNING == (int)RUNNING &&
			       (int)SL_FUTURE_DONE == (int)DONE &&
			       (int)SL_FUTURE_CANCELED == (int)CANCELED,
		       "the same states");
	return f ? (enum sl_future_state)f->impl->state(f->future)
		 : SL_FUTURE_PENDING;
}

int sl_future_destroy(sl_future *f)
{
	if (f)
		future_drop(f);
	return SL_OK;
}
