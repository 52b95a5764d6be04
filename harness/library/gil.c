/* SPDX-License-Identifier: MIT */
/* GILs, with the number of their holder. */
#include "../../primitives/gil.h"

#include "library.h"

struct sl_gil {
	const struct gil_impl *impl;
	void *gil;
	OWN_LINE _Atomic uint64_t owner; /* written by the holder alone */
	_Atomic uint64_t interval;
	_Atomic unsigned inside;
};

int sl_gil_create(const char *implementation, uint64_t interval, sl_gil **out)
{
	struct made made =
		library_make("gil", implementation, sizeof(**out), out);
	sl_gil *g = made.header;
	int r = made.result;

	if (r)
		return r;
	if (!interval)
		interval = GIL_SWITCH_INTERVAL_NS;
	g->impl = made.impl;
	g->gil = made.object;
	atomic_init(&g->interval, interval);
	r = g->impl->init(g->gil, interval);
	if (r)
		free(g);
	else
		*out = g;
	return r;
}

/* Who has it, comes or goes is inside. */
int sl_gil_destroy(sl_gil *g)
{
	if (!g)
		return SL_OK;
	if (anybody(&g->inside))
		return SL_BUSY;
	if (g->impl->destroy)
		g->impl->destroy(g->gil);
	free(g);
	return SL_OK;
}

/* relaxed, both: a thread has to know its own number alone */
static bool held(const sl_gil *g)
{
	return atomic_load_explicit(&g->owner, memory_order_relaxed) ==
	       sl_self();
}

static void set_owner(sl_gil *g, uint64_t number)
{
	atomic_store_explicit(&g->owner, number, memory_order_relaxed);
}

int sl_gil_acquire(sl_gil *g)
{
	if (!g)
		return SL_INVALID;
	if (held(g))
		return SL_DEADLOCK;
	arrived(&g->inside);
	g->impl->acquire(g->gil);
	set_owner(g, sl_self());
	return SL_OK;
}

int sl_gil_release(sl_gil *g)
{
	if (!g)
		return SL_INVALID;
	if (!held(g))
		return SL_NOT_OWNER;
	set_owner(g, 0);
	g->impl->release(g->gil);
	departed(&g->inside);
	return SL_OK;
}

int sl_gil_yield(sl_gil *g, int *switched)
{
	bool dropped;

	if (!g)
		return SL_INVALID;
	if (!held(g))
		return SL_NOT_OWNER;
	set_owner(g, 0);
	dropped = g->impl->yield(g->gil);
	set_owner(g, sl_self());
	if (switched)
		*switched = dropped;
	return SL_OK;
}

int sl_gil_set_interval(sl_gil *g, uint64_t interval)
{
	if (!g || !interval)
		return SL_INVALID;
	g->impl->set_interval(g->gil, interval);
	/* relaxed: only for who asks */
	atomic_store_explicit(&g->interval, interval, memory_order_relaxed);
	return SL_OK;
}

uint64_t sl_gil_interval(const sl_gil *g)
{
	return g ? atomic_load_explicit(&g->interval, memory_order_relaxed) : 0;
}

uint64_t sl_gil_owner(const sl_gil *g)
{
	return g ? atomic_load_explicit(&g->owner, memory_order_relaxed) : 0;
}

uint64_t sl_gil_switches(const sl_gil *g)
{
	return g ? g->impl->switches(g->gil) : 0;
}
