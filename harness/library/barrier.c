/* SPDX-License-Identifier: MIT */
/* Barriers: the implementation's own, or one with an action. */
#include "../../primitives/barrier.h"

#include "rounds.h"

struct sl_barrier {
	const struct barrier_impl *impl;
	void *barrier;
	unsigned parties;
	struct rounds *rounds; /* NULL: no action */
	OWN_LINE _Atomic unsigned inside;
};

int sl_barrier_create(const char *implementation, unsigned parties,
		      sl_action *action, void *argument, sl_barrier **out)
{
	struct made made =
		library_make("barrier", implementation, sizeof(**out), out);
	sl_barrier *b = made.header;
	int r = made.result;

	if (r)
		return r;
	b->impl = made.impl;
	b->barrier = made.object;
	b->parties = parties;
	if (!action)
		r = b->impl->init(b->barrier, parties);
	else if (!parties)
		r = SL_INVALID;
	else
		r = rounds_make(b->impl->id.family, parties, action, argument,
				&b->rounds);
	if (r)
		free(b);
	else
		*out = b;
	return r;
}

int sl_barrier_destroy(sl_barrier *b)
{
	if (!b)
		return SL_OK;
	if (anybody(&b->inside))
		return SL_BUSY;
	if (b->rounds)
		rounds_free(b->rounds);
	else if (b->impl->destroy)
		b->impl->destroy(b->barrier);
	free(b);
	return SL_OK;
}

int sl_barrier_wait(sl_barrier *b, uint64_t timeout, unsigned *index)
{
	int r;

	if (!b)
		return SL_INVALID;
	if (timeout != SL_FOREVER && !b->rounds && !b->impl->abort)
		return SL_UNSUPPORTED;
	arrived(&b->inside);
	r = b->rounds ? rounds_wait(b->rounds, until(timeout), index)
		      : b->impl->wait(b->barrier, until(timeout), index);
	departed(&b->inside);
	return r;
}

int sl_barrier_abort(sl_barrier *b)
{
	if (!b)
		return SL_INVALID;
	if (b->rounds)
		rounds_abort(b->rounds);
	else if (b->impl->abort)
		b->impl->abort(b->barrier);
	else
		return SL_UNSUPPORTED;
	return SL_OK;
}

int sl_barrier_reset(sl_barrier *b)
{
	if (!b)
		return SL_INVALID;
	if (b->rounds)
		rounds_reset(b->rounds);
	else if (b->impl->reset)
		b->impl->reset(b->barrier);
	else
		return SL_UNSUPPORTED;
	return SL_OK;
}

unsigned sl_barrier_parties(const sl_barrier *b)
{
	return b ? b->parties : 0;
}

unsigned sl_barrier_waiting(const sl_barrier *b)
{
	if (b && b->rounds)
		return rounds_waiting(b->rounds);
	return b && b->impl->waiting ? b->impl->waiting(b->barrier) : 0;
}

int sl_barrier_broken(const sl_barrier *b)
{
	if (b && b->rounds)
		return rounds_broken(b->rounds);
	return b && b->impl->broken && b->impl->broken(b->barrier);
}
