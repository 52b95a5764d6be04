/* SPDX-License-Identifier: MIT */
/* Locals. */
#include "../../primitives/local.h"

#include "library.h"

struct sl_local {
	const struct local_impl *impl;
	void *local;
};

int sl_local_create(const char *implementation, void (*destructor)(void *),
		    sl_local **out)
{
	struct made made =
		library_make("local", implementation, sizeof(**out), out);
	sl_local *l = made.header;
	int r = made.result;

	if (r)
		return r;
	l->impl = made.impl;
	l->local = made.object;
	r = l->impl->init(l->local, destructor);
	if (r)
		free(l);
	else
		*out = l;
	return r;
}

int sl_local_destroy(sl_local *l)
{
	if (l)
		l->impl->destroy(l->local);
	free(l);
	return SL_OK;
}

void *sl_local_get(const sl_local *l)
{
	return l ? l->impl->get(l->local) : NULL;
}

int sl_local_set(sl_local *l, void *value)
{
	return l ? l->impl->set(l->local, value) : SL_INVALID;
}
