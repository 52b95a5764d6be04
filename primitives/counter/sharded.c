/* SPDX-License-Identifier: MIT */
/*
 * A cell for each thread on its own cache line; read sums the cells.
 *
 * Source: P. McKenney, "Is Parallel Programming Hard" (2023), section 5.2, the
 * statistical counter; the slots are our own.
 *
 * State  a slot belongs to one live thread, for all counters, from its first
 * add until its end. Slot 0 belongs to all threads that found none left. taken
 * which slots are; bit 0 always is top    no slot from here on was ever taken;
 * never goes down cells  what the slot's owners have added, written by the
 * owner alone (but cell 0)
 *
 * Edges  [A] acquire load of each cell in read pairs with [B]
 *        [B] release store of the owner (in cell 0: release fetch-and-add)
 *            pairs with [A]
 *        [C] acquire of the fetch-or that takes a slot pairs with [D]: the new
 *            owner goes on from the last value of the old one, and with it
 *            publishes what that one has
 *        [D] release of the fetch-and at a thread's end pairs with [C]
 *        top needs none: whoever is to see an add has seen the top before it.
 *
 * Progress: wait-free; read takes time for each slot ever taken.
 * Costs: a load and a store an add, on a line that nobody else writes; 4 KiB a
 * counter. Loses when reads are as frequent as adds, or counters are many.
 * Not for signal handlers: one that adds may undo the add that it interrupts.
 */
#include "../counter.h"
#include "../posix.h"

enum { SLOTS = 64, NO_SLOT = SLOTS };

struct cell {
	_Atomic uint64_t value;
	char pad[CACHE_LINE - sizeof(uint64_t)];
};

struct sharded {
	struct cell cells[SLOTS];
};

static _Atomic uint64_t taken = 1;
static _Atomic uint32_t top = 1;
static pthread_key_t at_exit;
static bool have_key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static _Thread_local uint32_t own_slot = NO_SLOT;

static void give_slot_back(void *ignored)
{
	uint32_t slot = own_slot;

	(void)ignored;
	/* a later destructor may add: it then takes a slot again */
	own_slot = NO_SLOT;
	/* [D] */
	atomic_fetch_and_explicit(&taken, ~(UINT64_C(1) << slot),
				  memory_order_release);
}

static void make_key(void)
{
	have_key = pthread_key_create(&at_exit, give_slot_back) == 0;
}

/* A slot of one's own; 0 if there is none left. */
static uint32_t find_slot(void)
{
	uint64_t seen = atomic_load_explicit(&taken, memory_order_relaxed);

	while (~seen) {
		uint32_t slot = (uint32_t)__builtin_ctzll(~seen);
		uint64_t bit = UINT64_C(1) << slot;

		/* [C] */
		seen = atomic_fetch_or_explicit(&taken, bit,
						memory_order_acquire);
		if (!(seen & bit))
			return slot;
	}
	return 0;
}

static COLD uint32_t take_slot(void)
{
	uint32_t slot, seen;

	pthread_once(&key_once, make_key);
	slot = have_key ? find_slot() : 0;
	/* Without a destructor the slot would never come back. */
	if (slot && pthread_setspecific(at_exit, &own_slot)) {
		own_slot = slot;
		give_slot_back(NULL);
		slot = 0;
	}
	seen = atomic_load_explicit(&top, memory_order_relaxed);
	while (seen <= slot &&
	       !atomic_compare_exchange_weak_explicit(&top, &seen, slot + 1,
						      memory_order_relaxed,
						      memory_order_relaxed))
		;
	return own_slot = slot;
}

static inline void add(void *counter, uint64_t n)
{
	struct sharded *c = counter;
	uint32_t slot = own_slot;

	if (unlikely(slot == NO_SLOT))
		slot = take_slot();

	_Atomic uint64_t *value = &c->cells[slot].value;

	if (unlikely(slot == 0)) {
		/* [B] */
		atomic_fetch_add_explicit(value, n, memory_order_release);
		return;
	}
	/* relaxed: no other thread writes this cell */
	n += atomic_load_explicit(value, memory_order_relaxed);
	/* [B] */
	atomic_store_explicit(value, n, memory_order_release);
}

static uint64_t read_(void *counter)
{
	struct sharded *c = counter;
	uint32_t end = atomic_load_explicit(&top, memory_order_relaxed);
	uint64_t sum = 0;

	/* [A] */
	for (uint32_t i = 0; i < end; i++)
		sum += atomic_load_explicit(&c->cells[i].value,
					    memory_order_acquire);
	return sum;
}

REGISTER_COUNTER(
	.id = {
		.name = "sharded",
		.family = OTHER,
		.brief = "a cell for each thread, read sums them",
		.source = "McKenney, Is Parallel Programming Hard, section 5.2",
		.flags = IMPL_LARGE,
		.size = sizeof(struct sharded),
	},
	.add = add,
	.read = read_);
