/* SPDX-License-Identifier: MIT */
/* Counters. */
#include "../../primitives/counter.h"

#include "library.h"

struct sl_counter {
	const struct counter_impl *impl;
	void *counter;
};

int sl_counter_create(const char *implementation, sl_counter **out)
{
	struct made made =
		library_make("counter", implementation, sizeof(**out), out);
	sl_counter *c = made.header;
	int r = made.result;

	if (r)
		return r;
	c->impl = made.impl;
	c->counter = made.object;
	if (c->impl->init)
		r = c->impl->init(c->counter);
	if (r)
		free(c);
	else
		*out = c;
	return r;
}

int sl_counter_destroy(sl_counter *c)
{
	if (c && c->impl->destroy)
		c->impl->destroy(c->counter);
	free(c);
	return SL_OK;
}

int sl_counter_add(sl_counter *c, uint64_t n)
{
	if (!c)
		return SL_INVALID;
	c->impl->add(c->counter, n);
	return SL_OK;
}

uint64_t sl_counter_read(const sl_counter *c)
{
	return c ? c->impl->read(c->counter) : 0;
}
