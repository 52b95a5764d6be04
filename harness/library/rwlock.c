/* SPDX-License-Identifier: MIT */
/*
 * Readers-writer locks. Who holds one is in a list of the thread's own, since
 * readers are many: unlock has to tell a reader from a passer-by, and each has
 * a node of its own where there are nodes.
 */
#include "../../primitives/rwlock.h"

#include "library.h"
#include "own.h"

struct sl_rwlock {
	const struct rwlock_impl *impl;
	void *rwlock;
	OWN_LINE _Atomic unsigned holders;
};

typedef void lock_forever(void *rwlock, void *node);
typedef int lock_try(void *rwlock, void *node);
typedef int lock_timed(void *rwlock, void *node, uint64_t deadline);

int sl_rwlock_create(const char *implementation, sl_rwlock **out)
{
	struct made made =
		library_make("rwlock", implementation, sizeof(**out), out);
	sl_rwlock *l = made.header;
	int r = made.result;

	if (r)
		return r;
	l->impl = made.impl;
	l->rwlock = made.object;
	if (l->impl->init)
		r = l->impl->init(l->rwlock);
	if (r)
		free(l);
	else
		*out = l;
	return r;
}

int sl_rwlock_destroy(sl_rwlock *l)
{
	if (!l)
		return SL_OK;
	if (anybody(&l->holders))
		return SL_BUSY;
	if (l->impl->destroy)
		l->impl->destroy(l->rwlock);
	free(l);
	return SL_OK;
}

static int lock(sl_rwlock *l, void *node, uint64_t timeout,
		lock_forever *forever, lock_try *try, lock_timed *timed)
{
	if (timeout == SL_TRY)
		return try ? try(l->rwlock, node) : SL_UNSUPPORTED;
	if (timeout != SL_FOREVER)
		return timed ? timed(l->rwlock, node, until(timeout))
			     : SL_UNSUPPORTED;
	forever(l->rwlock, node);
	return SL_OK;
}

static int hold(sl_rwlock *l, uint64_t timeout, lock_forever *forever,
		lock_try *try, lock_timed *timed)
{
	size_t bytes = l->impl->id.node_size;
	void *node = NULL;
	int r;

	if (own_held(l))
		return SL_DEADLOCK;
	if (!own_hold_room() || (bytes && !(node = own_node(bytes))))
		return SL_NO_MEMORY;
	r = lock(l, node, timeout, forever, try, timed);
	if (r) {
		own_node_back(node);
		return r;
	}
	arrived(&l->holders);
	own_hold(l, node);
	return SL_OK;
}

int sl_rwlock_rdlock(sl_rwlock *l, uint64_t timeout)
{
	return l ? hold(l, timeout, l->impl->rdlock, l->impl->tryrdlock,
			l->impl->timedrdlock)
		 : SL_INVALID;
}

int sl_rwlock_wrlock(sl_rwlock *l, uint64_t timeout)
{
	return l ? hold(l, timeout, l->impl->wrlock, l->impl->trywrlock,
			l->impl->timedwrlock)
		 : SL_INVALID;
}

int sl_rwlock_unlock(sl_rwlock *l)
{
	struct hold *h = l ? own_held(l) : NULL;
	void *node;

	if (!h)
		return l ? SL_NOT_OWNER : SL_INVALID;
	node = h->node;
	own_hold_end(h);
	departed(&l->holders);
	l->impl->unlock(l->rwlock, node); /* from here on l may be gone */
	own_node_back(node);
	return SL_OK;
}
