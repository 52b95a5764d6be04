/* SPDX-License-Identifier: MIT */
/* Semaphores. */
#include "../../primitives/semaphore.h"

#include "library.h"

_Static_assert(SL_SEMAPHORE_MAX == SEMAPHORE_MAX, "one maximum");

struct sl_semaphore {
	const struct semaphore_impl *impl;
	void *semaphore;
	OWN_LINE _Atomic unsigned waiting;
};

int sl_semaphore_create(const char *implementation, unsigned initial,
			unsigned bound, sl_semaphore **out)
{
	struct made made =
		library_make("semaphore", implementation, sizeof(**out), out);
	sl_semaphore *s = made.header;
	int r = made.result;

	if (r)
		return r;
	s->impl = made.impl;
	s->semaphore = made.object;
	r = s->impl->init(s->semaphore, initial, bound);
	if (r)
		free(s);
	else
		*out = s;
	return r;
}

int sl_semaphore_destroy(sl_semaphore *s)
{
	if (!s)
		return SL_OK;
	if (anybody(&s->waiting))
		return SL_BUSY;
	if (s->impl->destroy)
		s->impl->destroy(s->semaphore);
	free(s);
	return SL_OK;
}

int sl_semaphore_acquire(sl_semaphore *s, uint64_t timeout)
{
	int r;

	if (!s)
		return SL_INVALID;
	r = s->impl->tryacquire(s->semaphore);
	if (r != SYNC_BUSY || timeout == SL_TRY)
		return r;
	arrived(&s->waiting);
	if (timeout == SL_FOREVER) {
		s->impl->acquire(s->semaphore);
		r = SL_OK;
	} else {
		r = s->impl->timedacquire(s->semaphore, until(timeout));
	}
	departed(&s->waiting);
	return r;
}

int sl_semaphore_release(sl_semaphore *s, unsigned n)
{
	return s && n ? s->impl->release(s->semaphore, n) : SL_INVALID;
}

unsigned sl_semaphore_value(const sl_semaphore *s)
{
	return s ? s->impl->value(s->semaphore) : 0;
}
