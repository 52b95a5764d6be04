/* SPDX-License-Identifier: MIT */
/*
 * What the futex and the spin locals share: a registry of ids and a table per
 * thread. The family's file defines the lock of the registry.
 *
 * A local is an id (its index in every thread's table) and a generation, a
 * number that no other local ever has. An entry of a table counts only if it
 * bears the generation of the local that asks, so that a new local of an old id
 * starts with NULL everywhere, and destroy need not touch other threads'
 * tables. A zeroed local has generation 0, which no value ever bears.
 *
 * Word            guarded by
 * slots[], hook   the registry's lock. hook is read without it by threads that
 *                 got the local from init, hence after it was made.
 * table           its thread alone: no atomics, no edges. It points to a static
 *                 empty table at first, so get needs no test for NULL.
 *
 * Why a pthread key: C has no other hook at the end of a thread (tss_create is
 * the same by another name), and it works for threads that anyone has made. One
 * key for all locals, since POSIX promises only 128 and a key per local would
 * make get a call. It is the exit hook and nothing else: its value is the
 * table, but get and set find the table through `table`.
 *
 * Destructors run without the lock, as many rounds as POSIX's own keys, since
 * they may set values again. Each is looked up as its turn comes: a value whose
 * local was destroyed first is forgotten. One that has begun may outlast a
 * destroy by another thread, as with POSIX's keys.
 */
#ifndef TABLE_H
#define TABLE_H

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../local.h"

struct local {
	uint64_t generation;
	uint32_t id;
};

struct entry {
	uint64_t generation;
	void *value;
};

struct table {
	uint32_t size;
	struct entry entries[];
};

typedef void destructor(void *value);

/* As many as the C library has keys; 24 bytes each. */
enum { SLOTS = 1024, FIRST_SIZE = 8 };

struct slot {
	uint64_t generation; /* 0: free */
	destructor *destructor;
	uint32_t next_free; /* index + 1, 0 at the end */
};

static struct {
	struct slot slots[SLOTS];
	uint64_t generations; /* given so far; 64 bits do not come round */
	uint32_t used;	      /* slots[used ..] were never used */
	uint32_t free;	      /* index + 1 of a slot given back, 0: none */
	pthread_key_t hook;
	bool hooked;
} registry;

static struct table no_table;
static _Thread_local struct table *table = &no_table;

/* ---- what the family says ---- */

static void registry_lock(void);
static void registry_unlock(void);

/* ---- the end of a thread ---- */

static destructor *destructor_of(uint32_t id, uint64_t generation)
{
	destructor *d = NULL;

	registry_lock();
	if (registry.slots[id].generation == generation)
		d = registry.slots[id].destructor;
	registry_unlock();
	return d;
}

/* One pass over the values; false if there was none. */
static bool destroy_values(void)
{
	bool any = false;

	/* table anew each time: a destructor may make it grow */
	for (uint32_t id = 0; id < table->size; id++) {
		struct entry *e = &table->entries[id];
		void *value = e->value;

		if (!value)
			continue;
		any = true;
		e->value = NULL;
		destructor *d = destructor_of(id, e->generation);

		if (d)
			d(value);
	}
	return any;
}

static void thread_ends(void *unused)
{
	(void)unused;
	for (int i = 0; i < PTHREAD_DESTRUCTOR_ITERATIONS; i++)
		if (!destroy_values())
			break;
	/* If another key's destructor sets a value after this, there will be a
	 * new table, and the hook is called once more. */
	free(table);
	table = &no_table;
	pthread_setspecific(registry.hook, NULL);
}

/* ---- init and destroy ---- */

/* With the lock held. */
static int make_hook(void)
{
	int r = 0;

	if (!registry.hooked)
		r = pthread_key_create(&registry.hook, thread_ends);
	registry.hooked = r == 0;
	/* no key is left (EAGAIN), or no memory */
	return r == EAGAIN ? SYNC_OVERFLOW : r;
}

/* With the lock held. */
static int take_slot(struct local *l, destructor *d)
{
	uint32_t id;

	if (registry.free) {
		id = registry.free - 1;
		registry.free = registry.slots[id].next_free;
	} else if (registry.used < SLOTS) {
		id = registry.used++;
	} else {
		return SYNC_OVERFLOW;
	}
	registry.slots[id] = (struct slot){
		.generation = ++registry.generations,
		.destructor = d,
	};
	*l = (struct local){ .generation = registry.generations, .id = id };
	return SYNC_OK;
}

static int init(void *local, destructor *d)
{
	int r;

	registry_lock();
	r = make_hook();
	if (!r)
		r = take_slot(local, d);
	registry_unlock();
	return r;
}

static void destroy(void *local)
{
	struct local *l = local;

	registry_lock();
	registry.slots[l->id] = (struct slot){ .next_free = registry.free };
	registry.free = l->id + 1;
	registry_unlock();
	*l = (struct local){ 0 };
}

/* ---- get and set ---- */

static inline void *get(void *local)
{
	const struct local *l = local;
	const struct table *t = table;

	if (unlikely(l->id >= t->size))
		return NULL;
	const struct entry *e = &t->entries[l->id];

	return likely(e->generation == l->generation) ? e->value : NULL;
}

static COLD int grow(uint32_t id)
{
	uint32_t size = table->size ? table->size : FIRST_SIZE;

	while (size <= id)
		size *= 2;
	struct table *t = calloc(1, sizeof(*t) + size * sizeof(t->entries[0]));

	if (!t)
		return SYNC_NO_MEMORY;
	t->size = size;
	/* the value of the hook only has to be other than NULL */
	if (pthread_setspecific(registry.hook, t)) {
		free(t);
		return SYNC_NO_MEMORY;
	}
	memcpy(t->entries, table->entries, table->size * sizeof(t->entries[0]));
	if (table != &no_table)
		free(table);
	table = t;
	return SYNC_OK;
}

static COLD int set_slow(const struct local *l, void *value)
{
	int r = value ? grow(l->id) : SYNC_OK;

	if (!r && value)
		table->entries[l->id] = (struct entry){ l->generation, value };
	return r;
}

static inline int set(void *local, void *value)
{
	const struct local *l = local;
	struct table *t = table;

	if (unlikely(l->id >= t->size))
		return set_slow(l, value);
	t->entries[l->id] = (struct entry){ l->generation, value };
	return SYNC_OK;
}

#endif
