/* SPDX-License-Identifier: MIT */
/*
 * A held mutex of any kind and family, as a condition sees it: something that
 * can be released whole and acquired again.
 */
#ifndef GUARD_H
#define GUARD_H

#include "mutex.h"
#include "recursive_mutex.h"

struct guard {
	const struct mutex_impl *mutex; /* one of the two */
	const struct recursive_mutex_impl *recursive;
	void *object;
	void *node; /* of the thread that waits; for mutex */
};

/* Release it, whatever its depth; what is returned goes to guard_acquire. */
static inline unsigned guard_release(const struct guard *g)
{
	if (g->recursive)
		return g->recursive->release_all(g->object);
	g->mutex->unlock(g->object, g->node);
	return 1;
}

static inline void guard_acquire(const struct guard *g, unsigned depth)
{
	if (g->recursive)
		g->recursive->reacquire(g->object, depth);
	else
		g->mutex->lock(g->object, g->node);
}

#endif
