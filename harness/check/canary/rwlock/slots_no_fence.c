/* SPDX-License-Identifier: MIT */
/*
 * A readers-writer spinlock in which each reader announces itself in a byte of
 * its own, so that readers write no word in common, and then looks whether a
 * writer is there; a writer announces itself and then looks at the bytes. The
 * reader's byte may still be in its store buffer when it looks.
 *
 * In the original a byte belongs to a thread for good. Here it is taken for
 * each section, and the node remembers it; readers without one share a count.
 *
 * Bug:       rwlock-slots-no-fence
 * Source:    Concurrency Kit commit fbb88a5 (2012), "ck_bytelock: read_lock
 *            must serialize all load/store before checking owner field"
 * Scenario:  a reader and a writer enter at the same time
 * Violation: a reader beside a writer
 * Caught by: faults
 * Rare:      a few nanoseconds of a store buffer, on two cores at once
 * Explored by: read_beside_write (data race)
 */
#include "../../../../primitives/rwlock.h"
#include "../canary.h"

#if BROKEN
#define ANNOUNCE memory_order_release
#else
#define ANNOUNCE memory_order_seq_cst
#endif

enum { SLOTS = 28 };
enum { FREE, TAKEN, INSIDE };

struct bytelock {
	_Atomic uint32_t writer;
	_Atomic uint32_t others; /* readers without a slot, inside */
	_Atomic uint8_t slots[SLOTS];
};

struct slot {
	_Atomic uint8_t *mine; /* NULL: there was none */
	bool writes;
};

/* acquire: a writer that sees us leave has to see who had the slot before. */
static void take_slot(struct bytelock *l, struct slot *slot)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		uint8_t free = FREE;

		slot->mine = &l->slots[i];
		if (atomic_compare_exchange_strong_explicit(
			    slot->mine, &free, TAKEN, memory_order_acquire,
			    memory_order_relaxed))
			return;
	}
	slot->mine = NULL;
}

/* True unless a writer is there. */
static bool announce(struct bytelock *l, struct slot *slot)
{
	if (slot->mine)
		atomic_store_explicit(slot->mine, INSIDE, ANNOUNCE);
	else
		atomic_fetch_add_explicit(&l->others, 1, memory_order_seq_cst);
	return !atomic_load_explicit(&l->writer, memory_order_seq_cst);
}

static void leave(struct bytelock *l, struct slot *slot, uint8_t then)
{
	if (slot->mine)
		atomic_store_explicit(slot->mine, then, memory_order_release);
	else
		atomic_fetch_sub_explicit(&l->others, 1, memory_order_release);
}

static void rdlock(void *rwlock, void *node)
{
	struct bytelock *l = rwlock;
	struct slot *slot = node;
	struct spinner s = { 0 };

	slot->writes = false;
	take_slot(l, slot);
	while (!announce(l, slot)) {
		leave(l, slot, TAKEN);
		while (atomic_load_explicit(&l->writer, memory_order_relaxed))
			spin_once(&s, DEADLINE_NEVER);
	}
}

static bool readers_inside(struct bytelock *l)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (atomic_load_explicit(&l->slots[i], memory_order_seq_cst) ==
		    INSIDE)
			return true;
	return atomic_load_explicit(&l->others, memory_order_seq_cst);
}

static void wrlock(void *rwlock, void *node)
{
	struct bytelock *l = rwlock;
	struct slot *slot = node;
	struct spinner s = { 0 };
	uint32_t none = 0;

	slot->writes = true;
	while (!atomic_compare_exchange_weak_explicit(&l->writer, &none, 1,
						      memory_order_seq_cst,
						      memory_order_relaxed)) {
		none = 0;
		spin_once(&s, DEADLINE_NEVER);
	}
	while (readers_inside(l))
		spin_once(&s, DEADLINE_NEVER);
}

static void unlock(void *rwlock, void *node)
{
	struct bytelock *l = rwlock;
	struct slot *slot = node;

	if (slot->writes)
		atomic_store_explicit(&l->writer, 0, memory_order_release);
	else
		leave(l, slot, FREE);
}

REGISTER_RWLOCK(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("a reader looks before it is seen"),
		.source = "Concurrency Kit commit fbb88a5",
		.unsupported = "a canary has no try and no timed form",
		.size = sizeof(struct bytelock),
		.node_size = sizeof(struct slot),
	},
	.rdlock = rdlock,
	.wrlock = wrlock,
	.unlock = unlock);
