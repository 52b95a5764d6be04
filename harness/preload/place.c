/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <string.h>

#include "counts.h"
#include "hash.h"
#include "say.h"

/* All that are outside, by home. */
enum { BUCKET_BITS = 12, BUCKETS = 1 << BUCKET_BITS };

static struct latch latch;
static struct outside *buckets[BUCKETS];

void places_close(void)
{
	latch_close(&latch);
}

void places_open(void)
{
	latch_open(&latch);
}

void place_settle(struct place *p, const struct implementation *id,
		  int (*init)(void *object), void (*destroy)(void *object),
		  size_t bytes)
{
	p->id = id;
	p->init = init;
	p->destroy = destroy;
	p->is_outside = id->size > bytes || (id->flags & IMPL_NEEDS_INIT);
}

static struct outside **bucket(const void *home)
{
	return &buckets[hash_of((uintptr_t)home, BUCKET_BITS)];
}

/* The memory of a mutex may have become that of an rwlock. */
static struct outside **find(const struct place *p, const void *home)
{
	struct outside **o = bucket(home);

	while (*o && ((*o)->home != home || (*o)->place != p))
		o = &(*o)->next;
	return o;
}

/* The latch is closed. */
static struct outside *make(struct place *p, void *home)
{
	struct outside **at = bucket(home);
	struct outside *o =
		slab_take(&p->slab, sizeof(struct outside) + p->id->size);

	if (!o)
		die("no memory for the objects of %s", p->id->name);
	o->home = home;
	o->place = p;
	o->next = *at;
	*at = o;
	count(COUNT_outside);
	return o;
}

static void begin(struct place *p, struct outside *o)
{
	memset(o->object, 0, p->id->size);
	if (p->init && p->init(o->object))
		die("no memory for the objects of %s", p->id->name);
}

COLD void *place_outside(struct place *p, void *home)
{
	_Atomic(struct outside *) *pointer = home;
	struct outside *o;

	latch_close(&latch);
	/* relaxed: it is written under the latch alone */
	o = atomic_load_explicit(pointer, memory_order_relaxed);
	if (!o || o->home != home) { /* not made by another thread just now */
		bool is_copy = o != NULL;

		o = *find(p, home);
		if (!o)
			o = make(p, home);
		begin(p, o);
		if (is_copy && p->copied)
			p->copied(home, o->object);
		/* [B] */
		atomic_store_explicit(pointer, o, memory_order_release);
	}
	latch_open(&latch);
	return o->object;
}

void place_clear(struct place *p, void *home)
{
	if (!p->is_outside) {
		memset(home, 0, p->id->size);
		return;
	}
	/* relaxed: nobody else uses it now; begun anew when it is asked for */
	atomic_store_explicit((_Atomic(struct outside *) *)home, NULL,
			      memory_order_relaxed);
}

void place_destroy(struct place *p, void *home)
{
	struct outside **at, *o;

	if (!p->is_outside) {
		if (p->destroy)
			p->destroy(home);
		return;
	}
	latch_close(&latch);
	at = find(p, home);
	o = *at;
	if (o)
		*at = o->next;
	latch_open(&latch);
	place_clear(p, home);
	if (!o)
		return;
	if (p->destroy)
		p->destroy(o->object);
	o->home = NULL;
	slab_give(&p->slab, o);
}
