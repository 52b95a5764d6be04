/* SPDX-License-Identifier: MIT */
/*
 * Where the implementation's object lies: in the program's own bytes if it fits
 * and is valid as zeroes, else outside, with a pointer to it in those bytes.
 *
 * An object outside knows its home, since the program may copy the bytes of an
 * object, or write zeroes over them and begin again (std::mutex is never
 * destroyed): a pointer to an object with another home counts as zeroes, and
 * where a home asks anew it gets its own back, fresh.
 *
 * Edges  [A] acquire load of the pointer pairs with [B] release of the store
 *            that publishes an object that was made just now
 */
#ifndef PLACE_H
#define PLACE_H

#include "../../primitives/register.h"
#include "slab.h"

struct place {
	const struct implementation *id;
	/* Of the kind; NULL: zeroes will do. destroy may be NULL as well. */
	int (*init)(void *object);
	void (*destroy)(void *object);
	/* Optional: object is a fresh one for bytes that were copied to home
	 * from another. One thread at a time. */
	void (*copied)(void *home, void *object);
	bool is_outside;
	struct slab slab;
};

/* bytes: what the kind has for an object in place. */
void place_settle(struct place *p, const struct implementation *id,
		  int (*init)(void *object), void (*destroy)(void *object),
		  size_t bytes);

struct outside {
	void *home;
	const struct place *place;
	struct outside *next; /* of those with the same hash */
	_Alignas(CACHE_LINE) char object[];
};

/* NULL never: without memory the program ends, as a lock cannot say so. */
void *place_outside(struct place *p, void *home);

/* The object whose home is there. */
static ALWAYS_INLINE void *place_object(struct place *p, void *home)
{
	if (likely(!p->is_outside))
		return home;

	/* [A] */
	struct outside *o = atomic_load_explicit(
		(_Atomic(struct outside *) *)home, memory_order_acquire);

	return likely(o && o->home == home) ? o->object
					    : place_outside(p, home);
}

/* Its life is over, or begins anew: the bytes in place are zeroed. */
void place_clear(struct place *p, void *home);

/* Its life is over. */
void place_destroy(struct place *p, void *home);

/* Around a fork: the table of those outside is whole. */
void places_close(void);
void places_open(void);

#endif
