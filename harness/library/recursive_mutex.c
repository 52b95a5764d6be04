/* SPDX-License-Identifier: MIT */
/*
 * Recursive mutexes. The implementation knows its owner; here number and depth
 * are kept once more, for others to see.
 */
#include "locks.h"

int sl_recursive_mutex_create(const char *implementation,
			      sl_recursive_mutex **out)
{
	struct made made = library_make("recursive_mutex", implementation,
					sizeof(**out), out);
	sl_recursive_mutex *m = made.header;
	int r = made.result;

	if (r)
		return r;
	m->impl = made.impl;
	m->mutex = made.object;
	if (m->impl->init)
		r = m->impl->init(m->mutex);
	if (r)
		free(m);
	else
		*out = m;
	return r;
}

int sl_recursive_mutex_destroy(sl_recursive_mutex *m)
{
	if (!m)
		return SL_OK;
	if (owner_of(&m->owner) || anybody(&m->over))
		return SL_BUSY;
	if (m->impl->destroy)
		m->impl->destroy(m->mutex);
	free(m);
	return SL_OK;
}

int sl_recursive_mutex_lock(sl_recursive_mutex *m, uint64_t timeout)
{
	int r;

	if (!m)
		return SL_INVALID;
	if (timeout == SL_TRY)
		r = m->impl->trylock(m->mutex);
	else if (timeout == SL_FOREVER)
		r = m->impl->lock(m->mutex);
	else
		r = m->impl->timedlock(m->mutex, until(timeout));
	if (!r) {
		set_owner(&m->owner, sl_self());
		set_depth(m, depth_of(m) + 1);
	}
	return r;
}

int sl_recursive_mutex_unlock(sl_recursive_mutex *m)
{
	unsigned depth;

	if (!m)
		return SL_INVALID;
	if (owner_of(&m->owner) != sl_self())
		return SL_NOT_OWNER;
	depth = depth_of(m);
	if (depth == 1)
		set_owner(&m->owner, 0);
	set_depth(m, depth - 1);
	return m->impl->unlock(m->mutex);
}

int sl_recursive_mutex_release_all(sl_recursive_mutex *m, unsigned *depth)
{
	if (!m || !depth)
		return SL_INVALID;
	if (owner_of(&m->owner) != sl_self())
		return SL_NOT_OWNER;
	set_owner(&m->owner, 0);
	set_depth(m, 0);
	*depth = m->impl->release_all(m->mutex);
	return SL_OK;
}

int sl_recursive_mutex_reacquire(sl_recursive_mutex *m, unsigned depth)
{
	if (!m || depth == 0 || depth > m->impl->max_depth ||
	    owner_of(&m->owner) == sl_self())
		return SL_INVALID;
	m->impl->reacquire(m->mutex, depth);
	set_owner(&m->owner, sl_self());
	set_depth(m, depth);
	return SL_OK;
}

uint64_t sl_recursive_mutex_owner(const sl_recursive_mutex *m)
{
	return m ? owner_of(&m->owner) : 0;
}

unsigned sl_recursive_mutex_depth(const sl_recursive_mutex *m)
{
	return m ? depth_of(m) : 0;
}
