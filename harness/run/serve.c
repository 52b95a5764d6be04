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

#define NEED(hook)                                                             \
	do {                                                                   \
		if (!i->hook)                                                  \
			return "it has no operation " #hook;                   \
	} while (0)

static const char *mutex_lacks(const struct mutex_impl *i)
{
	NEED(lock);
	NEED(trylock);
	NEED(unlock);
	return NULL;
}

/* Every wait is one with a deadline: ../preload/wait.h. */
static const char *cond_lacks(const struct cond_impl *i)
{
	NEED(timedwait);
	NEED(signal);
	NEED(broadcast);
	return NULL;
}

static const char *rwlock_lacks(const struct rwlock_impl *i)
{
	NEED(rdlock);
	NEED(tryrdlock);
	NEED(wrlock);
	NEED(trywrlock);
	NEED(unlock);
	return NULL;
}

static const char *semaphore_lacks(const struct semaphore_impl *i)
{
	NEED(init);
	NEED(tryacquire);
	NEED(timedacquire);
	NEED(release);
	NEED(value);
	return NULL;
}

static const char *barrier_lacks(const struct barrier_impl *i)
{
	NEED(init);
	NEED(wait);
	return NULL;
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
	NEED(done);
	NEED(attempt);
	NEED(abandon);
	return NULL;
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
