/* SPDX-License-Identifier: MIT */
/*
 * What the files of the library share: how an object is made from a name, and
 * how the caller's times become deadlines.
 *
 * An object of the library is a header of its own and, on a line behind it, the
 * object of the implementation. The header's first line is only read once it is
 * made; words that operations write are on a line of their own, so that waiters
 * who look at the implementation's object do not disturb the holder.
 */
#ifndef LIBRARY_H
#define LIBRARY_H

#include <stdlib.h>

#include "../../primitives/register.h"
#include "synclab.h"

#define OWN_LINE _Alignas(CACHE_LINE)

/* What registered itself under a name (NULL: SL_DEFAULT), or NULL. */
const struct registration *library_find(const char *kind, const char *name);

struct made {
	int result;	  /* 0, SL_UNKNOWN, SL_INVALID, SL_NO_MEMORY */
	void *header;	  /* zeroed, to be freed with free */
	void *object;	  /* zeroed, within the same memory */
	const void *impl; /* the kind's struct */
};

/* An object of the kind; out is what the caller of create gave us. */
struct made library_make(const char *kind, const char *name, size_t header,
			 const void *out);

static inline uint64_t until(uint64_t timeout)
{
	return timeout == SL_TRY ? 0 : deadline_in(timeout);
}

/* What a wait of this time answers, given what the one with a deadline has. */
static inline int answer(int result, uint64_t timeout)
{
	return result == SYNC_TIMEOUT && timeout == SL_TRY ? SL_BUSY : result;
}

/*
 * How many threads are inside operations that wait, for destroy. The departure
 * is the last touch of an object by who leaves.
 *
 * Edges  [A] release of departed pairs with [B] acquire of anybody
 */
static inline void arrived(_Atomic unsigned *inside)
{
	/* relaxed: destroy may not run beside an operation that starts */
	atomic_fetch_add_explicit(inside, 1, memory_order_relaxed);
}

static inline void departed(_Atomic unsigned *inside)
{
	/* [A] */
	atomic_fetch_sub_explicit(inside, 1, memory_order_release);
}

static inline unsigned anybody(const _Atomic unsigned *inside)
{
	/* [B] */
	return atomic_load_explicit(inside, memory_order_acquire);
}

#endif
