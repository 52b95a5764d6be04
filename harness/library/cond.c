/* SPDX-License-Identifier: MIT */
/*
 * Conditions over one mutex or recursive mutex of any implementation. While a
 * thread waits it does not own the mutex, and signals ask who does.
 */
#include "../../primitives/cond.h"

#include "locks.h"

struct sl_cond {
	const struct cond_impl *impl;
	void *cond;
	sl_mutex *mutex; /* one of the two */
	sl_recursive_mutex *recursive;
	OWN_LINE _Atomic unsigned waiting;
};

static int create(const char *implementation, sl_mutex *mutex,
		  sl_recursive_mutex *recursive, sl_cond **out)
{
	struct made made =
		library_make("cond", implementation, sizeof(**out), out);
	sl_cond *c = made.header;
	int r = made.result;

	if (r)
		return r;
	c->impl = made.impl;
	c->cond = made.object;
	c->mutex = mutex;
	c->recursive = recursive;
	if (c->impl->init)
		r = c->impl->init(c->cond);
	if (r) {
		free(c);
		return r;
	}
	arrived(mutex ? &mutex->over : &recursive->over);
	*out = c;
	return SL_OK;
}

int sl_cond_create(const char *implementation, sl_mutex *mutex, sl_cond **out)
{
	return mutex ? create(implementation, mutex, NULL, out) : SL_INVALID;
}

int sl_cond_create_recursive(const char *implementation,
			     sl_recursive_mutex *mutex, sl_cond **out)
{
	return mutex ? create(implementation, NULL, mutex, out) : SL_INVALID;
}

int sl_cond_destroy(sl_cond *c)
{
	if (!c)
		return SL_OK;
	if (anybody(&c->waiting))
		return SL_BUSY;
	if (c->impl->destroy)
		c->impl->destroy(c->cond);
	departed(c->mutex ? &c->mutex->over : &c->recursive->over);
	free(c);
	return SL_OK;
}

static bool held(const sl_cond *c)
{
	return owner_of(c->mutex ? &c->mutex->owner : &c->recursive->owner) ==
	       sl_self();
}

static int wait(sl_cond *c, const struct guard *g, uint64_t timeout)
{
	if (timeout != SL_FOREVER)
		return c->impl->timedwait(c->cond, g, until(timeout));
	c->impl->wait(c->cond, g);
	return SL_OK;
}

static int wait_plain(sl_cond *c, sl_mutex *m, uint64_t timeout)
{
	struct guard g = { .mutex = m->impl, .object = m->mutex };
	int r;

	g.node = m->node;
	if (!take_owner(&m->owner, sl_self()))
		return SL_NOT_OWNER;
	r = wait(c, &g, timeout);
	m->node = g.node;
	/* release: unlock_any by another thread wants the node */
	atomic_store_explicit(&m->owner, sl_self(), memory_order_release);
	return r;
}

static int wait_recursive(sl_cond *c, sl_recursive_mutex *m, uint64_t timeout)
{
	struct guard g = { .recursive = m->impl, .object = m->mutex };
	unsigned depth = depth_of(m);
	int r;

	set_owner(&m->owner, 0);
	set_depth(m, 0);
	r = wait(c, &g, timeout);
	set_owner(&m->owner, sl_self());
	set_depth(m, depth);
	return r;
}

int sl_cond_wait(sl_cond *c, uint64_t timeout)
{
	int r;

	if (!c)
		return SL_INVALID;
	if (!held(c))
		return SL_NOT_OWNER;
	arrived(&c->waiting);
	r = c->mutex ? wait_plain(c, c->mutex, timeout)
		     : wait_recursive(c, c->recursive, timeout);
	departed(&c->waiting);
	return r;
}

int sl_cond_signal_any(sl_cond *c, unsigned n)
{
	if (!c)
		return SL_INVALID;
	if (n == SL_ALL)
		c->impl->broadcast(c->cond);
	else
		c->impl->signal(c->cond, n);
	return SL_OK;
}

int sl_cond_signal(sl_cond *c, unsigned n)
{
	if (c && !held(c))
		return SL_NOT_OWNER;
	return sl_cond_signal_any(c, n);
}

unsigned sl_cond_waiting(const sl_cond *c)
{
	return c ? anybody(&c->waiting) : 0;
}
