/* SPDX-License-Identifier: MIT */
/*
 * pthread_spin_*, by a mutex implementation.
 *
 * Four bytes hold neither most mutexes nor a mark that tells the C library's
 * spinlocks (those shared by processes) from ours. So they are a number: that
 * of the lock in a table, beyond the values that the C library's takes (1 and
 * below on x86-64, 0 and 1 elsewhere). Each lock has a cache line to itself.
 *
 * Programs copy the struct around a spinlock, and few destroy it: glibc does
 * nothing for that. So a lock in the table knows its home, as in place.h: a
 * number in another place is that of a lock to come, and where a home begins
 * anew it has its old lock again.
 *
 * Edges  [A] release store of the number pairs with [B]: whoever reads it there
 *            sees the lock that was made for it
 *
 * Source: POSIX.1-2017, pthread_spin_lock; glibc, pthread_spin_lock.
 */
#include "kinds.h"

#include "chosen.h"
#include "counts.h"
#include "fork.h"
#include "hash.h"
#include "node.h"
#include "own.h"
#include "say.h"

struct kept {
	_Atomic uint32_t owner, generation;
	uint32_t number; /* its own, or while it is free the next free one's */
	uint32_t next;	 /* with the same hash; 0: none */
	_Atomic(pthread_spinlock_t *) home;
	void *node;
	_Alignas(16) char object[];
};

enum { CHUNK = 1 << 10, CHUNKS = 1 << 12, MARK = 1 << 30 };
enum { BUCKET_BITS = 12 };

static struct latch latch;
static struct kept *table[CHUNKS]; /* by chunk: the first of CHUNK locks */
static uint32_t used, free_number;
static uint32_t buckets[1 << BUCKET_BITS]; /* numbers, by home; 0: none */
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
	/* [B] */
	return atomic_load_explicit((const _Atomic uint32_t *)l,
				    memory_order_acquire);
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

static struct kept *free_one(void)
{
	struct kept *k;
	uint32_t number = free_number;

	if (!number)
		return new_one();
	k = kept(number);
	free_number = k->number;
	k->number = number;
	return k;
}

/* relaxed: the program's own order for init, else [B] */
static ALWAYS_INLINE pthread_spinlock_t *home_of(struct kept *k)
{
	return atomic_load_explicit(&k->home, memory_order_relaxed);
}

static void give(struct kept *k)
{
	uint32_t number = k->number;

	k->number = free_number;
	free_number = number;
}

/* Where the number of the lock with this home stands, or 0 at the end. */
static uint32_t *find(pthread_spinlock_t *home)
{
	uint32_t *number = &buckets[hash_of((uintptr_t)home, BUCKET_BITS)];

	while (*number && home_of(kept(*number)) != home)
		number = &kept(*number)->next;
	return number;
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

/* Fresh, for this home; NULL: no more. The latch is closed. */
static struct kept *make(pthread_spinlock_t *home)
{
	uint32_t *number = find(home);
	struct kept *k = *number ? kept(*number) : free_one();

	if (!k)
		return NULL;
	if (!*number) {
		k->next = 0;
		*number = k->number;
	}
	atomic_store_explicit(&k->home, home, memory_order_relaxed);
	atomic_store_explicit(&k->owner, 0, memory_order_relaxed);
	atomic_store_explicit(&k->generation, generation, memory_order_relaxed);
	if (begin(k))
		return NULL;
	/* [A] */
	atomic_store_explicit((_Atomic uint32_t *)home, k->number,
			      memory_order_release);
	return k;
}

/* The number was copied from another home. */
static COLD struct kept *twin(pthread_spinlock_t *home)
{
	struct kept *k;

	latch_close(&latch);
	k = kept(number_of(home));
	if (home_of(k) != home) /* not made by another thread just now */
		k = make(home);
	latch_open(&latch);
	if (!k)
		die("no memory for the copies of spinlocks");
	return k;
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

static ALWAYS_INLINE struct kept *in_order(pthread_spinlock_t *l,
					   uint32_t number)
{
	struct kept *k = kept(number);

	if (unlikely(home_of(k) != l))
		k = twin(l);
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
	k = in_order(l, number);
	node = node_take(&chosen.spin->id);
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
	k = in_order(l, number);
	node = node_take(&chosen.spin->id);
	if (chosen.spin->trylock(k->object, node)) {
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
	k = in_order(l, number);
	/* one that was held when it was copied */
	if (unlikely(!atomic_load_explicit(&k->owner, memory_order_relaxed))) {
		count(COUNT_unlocked);
		return 0;
	}
	node = k->node;
	/* A program's mistake that the C library lets pass. */
	if (unlikely(!atomic_load_explicit(&k->owner, memory_order_relaxed))) {
		count(COUNT_unlocked);
		return 0;
	}
	atomic_store_explicit(&k->owner, 0, memory_order_relaxed);
	chosen.spin->unlock(k->object, node);
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
	latch_close(&latch);
	k = make(l);
	latch_open(&latch);
	if (!k)
		return ENOMEM;
	count(COUNT_spins);
	return 0;
}

static int destroy(pthread_spinlock_t *l)
{
	uint32_t *number;
	struct kept *k;

	if (!is_own(number_of(l)))
		return libc.pthread_spin_destroy(l);
	latch_close(&latch);
	number = find(l);
	k = *number ? kept(*number) : NULL; /* none for a copy without use */
	if (k) {
		if (chosen.spin->destroy)
			chosen.spin->destroy(k->object);
		atomic_store_explicit(&k->home, NULL, memory_order_relaxed);
		*number = k->next;
		k->next = 0;
		give(k);
	}
	atomic_store_explicit((_Atomic uint32_t *)l, 0, memory_order_relaxed);
	latch_open(&latch);
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
