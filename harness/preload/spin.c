/* SPDX-License-Identifier: MIT */
/*
 * pthread_spin_*, by a mutex implementation.
 *
 * Four bytes hold neither most mutexes nor a mark that tells the C library's
 * spinlocks (those shared by processes) from ours. So they are a number: that
 * of the lock in a table, beyond the values that the C library's takes (1 and
 * below on x86-64, 0 and 1 elsewhere). Each lock has a cache line to itself.
 *
 * Source: POSIX.1-2017, pthread_spin_lock; glibc, pthread_spin_lock.
 */
#include "spin.h"

#include "chosen.h"
#include "counts.h"
#include "fork.h"
#include "node.h"
#include "own.h"

struct kept {
	_Atomic uint32_t owner, generation;
	uint32_t number; /* its own, or while it is free the next free one's */
	void *node;
	_Alignas(16) char object[];
};

enum { CHUNK = 1 << 10, CHUNKS = 1 << 12, MARK = 1 << 30 };

static struct latch latch;
static struct kept *table[CHUNKS]; /* by chunk: the first of CHUNK locks */
static uint32_t used, free_number;
static size_t stride;
static struct slab slab;

void spins_close(void)
{
	latch_close(&latch);
}

void spins_open(void)
{
	latch_open(&latch);
}

static ALWAYS_INLINE uint32_t number_of(const pthread_spinlock_t *l)
{
	return *(const volatile uint32_t *)l;
}

static ALWAYS_INLINE bool is_own(uint32_t number)
{
	return likely((number & (3U << 30)) == MARK);
}

static ALWAYS_INLINE struct kept *kept(uint32_t number)
{
	uint32_t n = number & (MARK - 1);

	return (struct kept *)((char *)table[n / CHUNK] + n % CHUNK * stride);
}

static struct kept *new_one(void)
{
	uint32_t n = used;

	if (n == (uint32_t)CHUNK * CHUNKS)
		return NULL;
	if (n % CHUNK == 0)
		table[n / CHUNK] = slab_take(&slab, CHUNK * stride);
	if (!table[n / CHUNK])
		return NULL;
	used++;
	kept(n)->number = n | MARK;
	return kept(n);
}

/* NULL: no more. */
static struct kept *take(void)
{
	struct kept *k;
	uint32_t number;

	latch_close(&latch);
	number = free_number;
	if (number) {
		k = kept(number);
		free_number = k->number;
		k->number = number;
	} else {
		k = new_one();
	}
	latch_open(&latch);
	return k;
}

static void give(struct kept *k)
{
	uint32_t number = k->number;

	latch_close(&latch);
	k->number = free_number;
	free_number = number;
	latch_open(&latch);
}

static void *take_node(void)
{
	size_t bytes = chosen.spin->id.node_size;

	return bytes ? node_take(bytes) : NULL;
}

/* relaxed, here and below: only the own id means anything */
static void have(struct kept *k, void *node)
{
	k->node = node;
	atomic_store_explicit(&k->owner, self_id(), memory_order_relaxed);
}

static int begin(struct kept *k)
{
	__builtin_memset(k->object, 0, chosen.spin->id.size);
	return chosen.spin->init ? chosen.spin->init(k->object) : 0;
}

/* As a mutex: fork.h. */
static void renew(void *kept_)
{
	struct kept *k = kept_;
	uint32_t owner = atomic_load_explicit(&k->owner, memory_order_relaxed);

	if ((owner && owner != self_id()) || begin(k))
		return;
	if (owner)
		chosen.spin->lock(k->object, k->node);
}

static ALWAYS_INLINE struct kept *in_order(uint32_t number)
{
	struct kept *k = kept(number);

	if (is_stale(&k->generation))
		fork_renew(&k->generation, renew, k);
	return k;
}

/* ---- the calls ---- */

static int lock(pthread_spinlock_t *l)
{
	uint32_t number = number_of(l);
	struct kept *k;
	void *node;

	if (!is_own(number))
		return libc.pthread_spin_lock(l);
	k = in_order(number);
	node = take_node();
	chosen.spin->lock(k->object, node);
	have(k, node);
	return 0;
}

static int trylock(pthread_spinlock_t *l)
{
	uint32_t number = number_of(l);
	struct kept *k;
	void *node;

	if (!is_own(number))
		return libc.pthread_spin_trylock(l);
	k = in_order(number);
	node = take_node();
	if (chosen.spin->trylock(k->object, node)) {
		if (node)
			node_give(node);
		return EBUSY;
	}
	have(k, node);
	return 0;
}

static int unlock(pthread_spinlock_t *l)
{
	uint32_t number = number_of(l);
	struct kept *k;
	void *node;

	if (!is_own(number))
		return libc.pthread_spin_unlock(l);
	k = in_order(number);
	node = k->node;
	/* A program's mistake that the C library lets pass. */
	if (unlikely(!atomic_load_explicit(&k->owner, memory_order_relaxed))) {
		count(COUNT_unlocked);
		return 0;
	}
	atomic_store_explicit(&k->owner, 0, memory_order_relaxed);
	chosen.spin->unlock(k->object, node);
	if (node)
		node_give(node);
	return 0;
}

static int init(pthread_spinlock_t *l, int shared)
{
	struct kept *k;

	if (shared == PTHREAD_PROCESS_SHARED) {
		count(COUNT_spins_shared);
		return libc.pthread_spin_init(l, shared);
	}
	k = take();
	if (!k)
		return ENOMEM;
	if (begin(k)) {
		give(k);
		return ENOMEM;
	}
	atomic_store_explicit(&k->owner, 0, memory_order_relaxed);
	atomic_store_explicit(&k->generation, generation, memory_order_relaxed);
	*(volatile uint32_t *)l = k->number;
	count(COUNT_spins);
	return 0;
}

static int destroy(pthread_spinlock_t *l)
{
	uint32_t number = number_of(l);
	struct kept *k;

	if (!is_own(number))
		return libc.pthread_spin_destroy(l);
	k = kept(number);
	if (chosen.spin->destroy)
		chosen.spin->destroy(k->object);
	*(volatile uint32_t *)l = 0;
	give(k);
	return 0;
}

void spin_answer(struct calls *table_)
{
	if (!chosen.spin)
		return;
	stride = (sizeof(struct kept) + chosen.spin->id.size + CACHE_LINE - 1) &
		 -(size_t)CACHE_LINE;
	table_->pthread_spin_init = init;
	table_->pthread_spin_destroy = destroy;
	table_->pthread_spin_lock = lock;
	table_->pthread_spin_trylock = trylock;
	table_->pthread_spin_unlock = unlock;
}
