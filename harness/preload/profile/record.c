/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <signal.h>
#include <string.h>

#include "../hash.h"
#include "../slab.h"

enum { BUCKETS_BITS = 14, ORIGIN_BUCKETS_BITS = 8 };

const char *const profile_kinds[PROFILE_KINDS] = {
	[PROFILE_MUTEX] = "mutex",     [PROFILE_RWLOCK] = "rwlock",
	[PROFILE_COND] = "cond",       [PROFILE_SEMAPHORE] = "semaphore",
	[PROFILE_BARRIER] = "barrier", [PROFILE_SPIN] = "spin",
};

struct latch profile_latch;
struct record *_Atomic all_records;
struct origin *_Atomic all_origins;
uint32_t n_records_merged;

static struct slab record_slab, origin_slab, times_slab;
static struct record *_Atomic records[1 << BUCKETS_BITS];
static struct origin *origins[1 << ORIGIN_BUCKETS_BITS];
static unsigned n_records, n_origins, n_times;

/* Directly: those that the C library keeps for itself (cancellation) as well.
 */
static uint64_t mask_signals(uint64_t mask)
{
	uint64_t before = 0;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &before,
		sizeof(before));
	return before;
}

uint64_t profile_close(void)
{
	uint64_t signals = mask_signals(UINT64_MAX);

	latch_close(&profile_latch);
	return signals;
}

void profile_open(uint64_t signals)
{
	latch_open(&profile_latch);
	mask_signals(signals);
}

static struct record *find(uintptr_t key)
{
	/* [A] */
	struct record *r = atomic_load_explicit(
		&records[hash_of(key, BUCKETS_BITS)], memory_order_acquire);

	while (r && r->key != key)
		r = r->next;
	return r;
}

/* ---- origins; the latch is closed ---- */

static struct origin *origin_make(struct origin **chain, const void *site,
				  enum profile_kind kind, bool by_use)
{
	struct origin *o = slab_take(&origin_slab, sizeof(*o));

	if (!o)
		return NULL;
	o->kind = kind;
	o->by_use = by_use;
	o->site = site;
	o->index = n_origins++;
	o->next = *chain;
	*chain = o;
	o->next_of_all =
		atomic_load_explicit(&all_origins, memory_order_relaxed);
	/* [B] */
	atomic_store_explicit(&all_origins, o, memory_order_release);
	return o;
}

static struct origin *origin_of(const void *site, enum profile_kind kind,
				bool by_use)
{
	struct origin **chain, *o;

	if (n_origins >= ORIGINS_MAX - 2 * PROFILE_KINDS)
		site = NULL;
	chain = &origins[hash_of((uintptr_t)site + kind, ORIGIN_BUCKETS_BITS)];
	for (o = *chain; o; o = o->next)
		if (o->site == site && o->kind == kind && o->by_use == by_use)
			return o;
	return origin_make(chain, site, kind, by_use);
}

/* ---- records; the latch is closed ---- */

static struct record *record_make(struct origin *o, const void *address)
{
	struct record *r = slab_take(&record_slab, sizeof(*r));

	if (!r)
		return NULL;
	r->address = address;
	r->origin = o;
	r->next_of_all =
		atomic_load_explicit(&all_records, memory_order_relaxed);
	/* [B] */
	atomic_store_explicit(&all_records, r, memory_order_release);
	return r;
}

static struct record *record_together(struct origin *o)
{
	n_records_merged++;
	if (!o->together)
		o->together = record_make(o, NULL);
	return o->together;
}

static struct record *record_add(const void *address, struct origin *o)
{
	uintptr_t key = record_key(address, o->kind);
	struct record *_Atomic *chain = &records[hash_of(key, BUCKETS_BITS)];
	struct record *r;

	if (n_records >= RECORDS_MAX)
		return record_together(o);
	r = record_make(o, address);
	if (!r)
		return NULL;
	n_records++;
	r->key = key;
	r->next = atomic_load_explicit(chain, memory_order_relaxed);
	/* [B] */
	atomic_store_explicit(chain, r, memory_order_release);
	return r;
}

struct record *record_used(const void *address, enum profile_kind kind,
			   const void *site)
{
	uintptr_t key = record_key(address, kind);
	struct record *r = find(key);
	struct origin *o;
	uint64_t signals;

	if (r)
		return r;
	signals = profile_close();
	r = find(key); /* by another thread just now? */
	if (!r) {
		o = origin_of(site, kind, true);
		r = o ? record_add(address, o) : NULL;
	}
	profile_open(signals);
	return r;
}

/* Whoever has it in view looks anew, since nobody has had it last. */
static void supersede(struct record *r)
{
	atomic_store_explicit(&r->superseded, true, memory_order_relaxed);
	atomic_store_explicit(&r->last, 0, memory_order_relaxed);
}

struct record *record_initialised(const void *address, enum profile_kind kind,
				  const void *site)
{
	struct record *old, *r = NULL;
	uint64_t signals = profile_close();
	struct origin *o;

	old = find(record_key(address, kind));
	o = origin_of(site, kind, false);
	if (old && old->origin == o)
		r = old;
	else if (o)
		r = record_add(address, o);
	if (old && old != r)
		supersede(old);
	profile_open(signals);
	if (!r)
		return NULL;
	atomic_store_explicit(&r->last, 0, memory_order_relaxed);
	tally_add(r, TALLY_INITS, 1);
	return r;
}

/* ---- times ---- */

struct record_times *record_make_times(struct record *r)
{
	_Atomic(struct record_times *) *of = &r->times;
	uint64_t signals = profile_close();
	struct record_times *t;

	if (n_times >= RECORDS_TIMED_MAX && !record_times(r))
		of = &r->origin->times;
	t = atomic_load_explicit(of, memory_order_relaxed);
	if (!t) {
		t = slab_take(&times_slab, sizeof(*t));
		n_times += t != NULL;
		/* [B] */
		atomic_store_explicit(of, t, memory_order_release);
	}
	/* [B] */
	atomic_store_explicit(&r->times, t, memory_order_release);
	profile_open(signals);
	return t;
}

/*
 * The most frequent of many with room for a few: a new one takes the place of
 * the rarest and its count. Two threads at once may lose a sample.
 *
 * Source: A. Metwally et al., "Efficient Computation of Frequent and Top-k
 * Elements in Data Streams" (ICDT 2005): Space-Saving.
 */
void record_site(struct record *r, const void *site)
{
	struct site *rarest = &r->sites[0];

	for (struct site *s = r->sites; s < r->sites + RECORD_SITES; s++) {
		if (atomic_load_explicit(&s->address, memory_order_relaxed) ==
		    site) {
			atomic_fetch_add_explicit(&s->samples, 1,
						  memory_order_relaxed);
			return;
		}
		if (atomic_load_explicit(&s->samples, memory_order_relaxed) <
		    atomic_load_explicit(&rarest->samples,
					 memory_order_relaxed))
			rarest = s;
	}
	atomic_store_explicit(&rarest->address, site, memory_order_relaxed);
	atomic_fetch_add_explicit(&rarest->samples, 1, memory_order_relaxed);
}

/* ---- the child of a fork, which has one thread ---- */

static void reset_times(struct record_times *t)
{
	if (t)
		memset((void *)t, 0, sizeof(*t));
}

void records_reset(void)
{
	for (struct record *r = all_records; r; r = r->next_of_all) {
		memset((void *)r->tallies, 0, sizeof(r->tallies));
		memset((void *)r->sites, 0, sizeof(r->sites));
		memset((void *)r->threads, 0, sizeof(r->threads));
		reset_times(record_times(r));
		r->last = 0;
		r->handovers = 0;
		r->sampled = 0;
	}
	for (struct origin *o = all_origins; o; o = o->next_of_all) {
		memset((void *)&o->gap, 0, sizeof(o->gap));
		o->gap_burnt_ns = o->gap_burnt_of = 0;
		reset_times(o->times);
	}
}
