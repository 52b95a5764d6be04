/* SPDX-License-Identifier: MIT */
/*
 * pthread_barrier_*, by the chosen implementation, in memory of its own.
 *
 * Any party may destroy the barrier, and free it, as soon as its own wait has
 * returned (POSIX.1-2017, pthread_barrier_destroy, rationale; glibc as well).
 * Few implementations stand that, so those inside are counted here, and destroy
 * waits for them: the count is the last that a leaving thread touches, and its
 * memory is never given back to the system.
 *
 * Edges  [A] release of the decrement in leave pairs with [B] acquire in
 *            destroy: nobody is inside when the memory is used again
 */
#include "kinds.h"

#include <string.h>

#include "chosen.h"
#include "counts.h"
#include "own.h"
#include "slab.h"

struct kept {
	_Atomic uint32_t inside;
	_Alignas(CACHE_LINE) char object[];
};

#define DESTROYED UINT32_C(0x80000000) /* and somebody waits for inside = 0 */

static struct slab slab;

static ALWAYS_INLINE struct own_barrier *own(pthread_barrier_t *b)
{
	return (struct own_barrier *)b;
}

static ALWAYS_INLINE bool is_libc(pthread_barrier_t *b)
{
	return unlikely(own(b)->shared);
}

static void leave(struct kept *k)
{
	/* [A] */
	if (unlikely(atomic_fetch_sub_explicit(&k->inside, 1,
					       memory_order_release) ==
		     (DESTROYED | 1)))
		futex_wake(&k->inside, 1);
}

static int wait(pthread_barrier_t *b)
{
	struct kept *k = own(b)->outside;
	unsigned index = 1;
	int r;

	if (is_libc(b))
		return libc.pthread_barrier_wait(b);
	if (!k)
		return EINVAL;
	/* relaxed: we are inside before anybody can destroy it */
	atomic_fetch_add_explicit(&k->inside, 1, memory_order_relaxed);
	r = chosen.barrier->wait(k->object, DEADLINE_NEVER, &index);
	leave(k);
	return r ? r : index ? 0 : PTHREAD_BARRIER_SERIAL_THREAD;
}

/* The C library judges the arguments. */
static int init(pthread_barrier_t *b, const pthread_barrierattr_t *attributes,
		unsigned parties)
{
	int r = libc.pthread_barrier_init(b, attributes, parties);
	struct kept *k;

	if (r)
		return r;
	if (is_libc(b)) {
		count(COUNT_barriers_shared);
		return 0;
	}
	k = slab_take(&slab, sizeof(*k) + chosen.barrier->id.size);
	if (!k)
		return ENOMEM;
	r = chosen.barrier->init(k->object, parties);
	if (r) {
		slab_give(&slab, k);
		return r;
	}
	memset(b, 0, sizeof(*b));
	own(b)->outside = k;
	count(COUNT_barriers);
	return 0;
}

static void await_empty(struct kept *k)
{
	uint32_t inside = atomic_fetch_or_explicit(&k->inside, DESTROYED,
						   memory_order_relaxed) |
			  DESTROYED;

	while (inside != DESTROYED) {
		futex_wait(&k->inside, inside, DEADLINE_NEVER);
		/* [B] */
		inside = atomic_load_explicit(&k->inside, memory_order_acquire);
	}
}

static int destroy(pthread_barrier_t *b)
{
	struct kept *k = own(b)->outside;

	if (is_libc(b))
		return libc.pthread_barrier_destroy(b);
	if (!k)
		return EINVAL;
	if (chosen.barrier->waiting && chosen.barrier->waiting(k->object))
		return EBUSY;
	own(b)->outside = NULL;
	await_empty(k);
	if (chosen.barrier->destroy)
		chosen.barrier->destroy(k->object);
	slab_give(&slab, k);
	return 0;
}

void barrier_answer(struct calls *table)
{
	if (!chosen.barrier)
		return;
	table->pthread_barrier_init = init;
	table->pthread_barrier_destroy = destroy;
	table->pthread_barrier_wait = wait;
}
