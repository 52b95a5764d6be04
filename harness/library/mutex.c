/* SPDX-License-Identifier: MIT */
/*
 * Mutexes: an owner and, for queue locks, the node that a holder would carry.
 *
 * Edges  [A] release of owner by the holder pairs with [B]: its node
 *        [B] acquire of owner, and the exchange that takes it away, in unlock
 */
#include "locks.h"
#include "own.h"

int sl_mutex_create(const char *implementation, sl_mutex **out)
{
	struct made made =
		library_make("mutex", implementation, sizeof(**out), out);
	sl_mutex *m = made.header;
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

int sl_mutex_destroy(sl_mutex *m)
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

/* A node if the implementation wants one; false: no memory. */
static bool take_node(const sl_mutex *m, void **node)
{
	*node = NULL;
	if (likely(!m->impl->id.node_size))
		return true;
	*node = own_node(m->impl->id.node_size);
	return *node != NULL;
}

static int lock(sl_mutex *m, void *node, uint64_t timeout)
{
	const struct mutex_impl *i = m->impl;

	if (timeout == SL_TRY)
		return i->trylock ? i->trylock(m->mutex, node) : SL_UNSUPPORTED;
	if (timeout != SL_FOREVER)
		return i->timedlock
			       ? i->timedlock(m->mutex, node, until(timeout))
			       : SL_UNSUPPORTED;
	i->lock(m->mutex, node);
	return SL_OK;
}

int sl_mutex_lock(sl_mutex *m, uint64_t timeout)
{
	void *node;
	int r;

	if (!m)
		return SL_INVALID;
	if (!take_node(m, &node))
		return SL_NO_MEMORY;
	r = lock(m, node, timeout);
	if (r) {
		own_node_back(node);
		return r;
	}
	m->node = node;
	/* [A] */
	atomic_store_explicit(&m->owner, sl_self(), memory_order_release);
	return SL_OK;
}

/* The owner unlocks by whom we are called, unless another one is quicker. */
static int unlock(sl_mutex *m, uint64_t owner)
{
	void *node = m->node;

	/* [B] */
	if (!take_owner(&m->owner, owner))
		return SL_NOT_OWNER;
	m->impl->unlock(m->mutex, node); /* from here on m may be gone */
	own_node_back(node);
	return SL_OK;
}

int sl_mutex_unlock(sl_mutex *m)
{
	uint64_t self = sl_self();

	if (!m)
		return SL_INVALID;
	return owner_of(&m->owner) == self ? unlock(m, self) : SL_NOT_OWNER;
}

int sl_mutex_unlock_any(sl_mutex *m)
{
	uint64_t owner;

	if (!m)
		return SL_INVALID;
	/* [B] */
	owner = atomic_load_explicit(&m->owner, memory_order_acquire);
	return owner ? unlock(m, owner) : SL_NOT_OWNER;
}

int sl_mutex_call(sl_mutex *m, void (*section)(void *), void *argument)
{
	void *node;
	int r;

	if (!m || !section)
		return SL_INVALID;
	if (owner_of(&m->owner) == sl_self())
		return SL_DEADLOCK;
	if (m->impl->call) {
		if (!take_node(m, &node))
			return SL_NO_MEMORY;
		m->impl->call(m->mutex, node, section, argument);
		own_node_back(node);
		return SL_OK;
	}
	r = sl_mutex_lock(m, SL_FOREVER);
	if (r)
		return r;
	section(argument);
	return sl_mutex_unlock(m);
}

uint64_t sl_mutex_owner(const sl_mutex *m)
{
	return m ? owner_of(&m->owner) : 0;
}
