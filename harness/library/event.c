/* SPDX-License-Identifier: MIT */
/* Events. */
#include "../../primitives/event.h"

#include "library.h"

struct sl_event {
	const struct event_impl *impl;
	void *event;
	OWN_LINE _Atomic unsigned waiting;
};

int sl_event_create(const char *implementation, sl_event **out)
{
	struct made made =
		library_make("event", implementation, sizeof(**out), out);
	sl_event *e = made.header;
	int r = made.result;

	if (r)
		return r;
	e->impl = made.impl;
	e->event = made.object;
	if (e->impl->init)
		r = e->impl->init(e->event);
	if (r)
		free(e);
	else
		*out = e;
	return r;
}

int sl_event_destroy(sl_event *e)
{
	if (!e)
		return SL_OK;
	if (anybody(&e->waiting))
		return SL_BUSY;
	if (e->impl->destroy)
		e->impl->destroy(e->event);
	free(e);
	return SL_OK;
}

int sl_event_set(sl_event *e)
{
	if (!e)
		return SL_INVALID;
	e->impl->set(e->event);
	return SL_OK;
}

int sl_event_clear(sl_event *e)
{
	if (!e)
		return SL_INVALID;
	e->impl->clear(e->event);
	return SL_OK;
}

int sl_event_is_set(const sl_event *e)
{
	return e && e->impl->is_set(e->event);
}

int sl_event_wait(sl_event *e, uint64_t timeout)
{
	int r = SL_OK;

	if (!e)
		return SL_INVALID;
	if (e->impl->is_set(e->event))
		return SL_OK;
	if (timeout == SL_TRY)
		return SL_BUSY;
	arrived(&e->waiting);
	if (timeout == SL_FOREVER)
		e->impl->wait(e->event);
	else
		r = e->impl->timedwait(e->event, until(timeout));
	departed(&e->waiting);
	return r;
}
