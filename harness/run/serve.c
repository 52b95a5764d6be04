/* SPDX-License-Identifier: MIT */
#include "serve.h"

#include <pthread.h>
#include <string.h>

#include "../../primitives/barrier.h"
#include "../../primitives/cond.h"
#include "../../primitives/mutex.h"
#include "../../primitives/once.h"
#include "../../primitives/rwlock.h"
#include "../../primitives/semaphore.h"

/* The name of the first hook that is NULL, or NULL. */
#define LACKS(hook) (!i->hook) ? "it has no operation " #hook

static const char *mutex_lacks(const struct mutex_impl *i)
{
	return LACKS(lock) : LACKS(trylock) : LACKS(unlock) : NULL;
}

static const char *cond_lacks(const struct cond_impl *i)
{
	return LACKS(timedwait) : LACKS(signal) : LACKS(broadcast) : NULL;
}

static const char *rwlock_lacks(const struct rwlock_impl *i)
{
	return LACKS(rdlock)
	    : LACKS(tryrdlock)
	    : LACKS(wrlock) : LACKS(trywrlock) : LACKS(unlock) : NULL;
}

static const char *semaphore_lacks(const struct semaphore_impl *i)
{
	return LACKS(init)
	    : LACKS(tryacquire)
	    : LACKS(timedacquire) : LACKS(release) : LACKS(value) : NULL;
}

static const char *barrier_lacks(const struct barrier_impl *i)
{
	return LACKS(init) : LACKS(wait) : NULL;
}

/* A once has no call that ends its life: nothing of it can lie elsewhere. */
static const char *once_lacks(const struct once_impl *i)
{
	if (i->id.size > sizeof(pthread_once_t))
		return "its object is larger than the 4 bytes of a "
		       "pthread_once_t";
	if (i->id.flags & IMPL_NEEDS_INIT)
		return "PTHREAD_ONCE_INIT, which is zeroes, does not "
		       "initialise it";
	return LACKS(call) : NULL;
}

const char *serve_lacks(enum choice_kind kind, const struct registration *r)
{
	const char *name = r->id->name;

	if (strcmp(name, "pthread") == 0) /* stands for the C library's own */
		return NULL;
	if (strncmp(name, "pthread", 7) == 0)
		return "it waits in the C library, where neither a deadline "
		       "nor a cancellation of the program reaches it";
	switch (kind) {
	case CHOICE_MUTEX:
	case CHOICE_SPIN:
		return mutex_lacks((const struct mutex_impl *)r->id);
	case CHOICE_COND:
		return cond_lacks((const struct cond_impl *)r->id);
	case CHOICE_RWLOCK:
		return rwlock_lacks((const struct rwlock_impl *)r->id);
	case CHOICE_SEMAPHORE:
		return semaphore_lacks((const struct semaphore_impl *)r->id);
	case CHOICE_BARRIER:
		return barrier_lacks((const struct barrier_impl *)r->id);
	case CHOICE_ONCE:
		return once_lacks((const struct once_impl *)r->id);
	case CHOICES:
		break;
	}
	return NULL;
}
