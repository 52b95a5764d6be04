/* SPDX-License-Identifier: MIT */
/*
 * Which implementation answers each kind. NULL: the C library does, that is,
 * the kind was not named, or was named "pthread".
 */
#ifndef CHOSEN_H
#define CHOSEN_H

#include "../../primitives/barrier.h"
#include "../../primitives/cond.h"
#include "../../primitives/mutex.h"
#include "../../primitives/once.h"
#include "../../primitives/rwlock.h"
#include "../../primitives/semaphore.h"

struct chosen {
	const struct mutex_impl *mutex;
	const struct cond_impl *cond;
	const struct rwlock_impl *rwlock;
	const struct semaphore_impl *semaphore;
	const struct barrier_impl *barrier;
	const struct mutex_impl *spin; /* a spinlock is a small mutex */
	const struct once_impl *once;
};

/* Constant once the library has started. */
extern struct chosen chosen;

/* From the settings; a name that is not there ends the program. */
void chosen_find(void);

#endif
