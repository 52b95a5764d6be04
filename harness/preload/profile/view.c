/* SPDX-License-Identifier: MIT */
#include "view.h"

#include <pthread.h>
#include <string.h>

#include "../slab.h"

/* Waits whose CPU time is looked at: a reading is a system call. */
enum { BURNT_EVERY = 32, GAP_BURNT_EVERY = 4 };

struct viewer *_Atomic all_viewers;
_Thread_local struct viewer *viewer;
uint64_t ticks_cost;

static struct slab slab;
static uint32_t n_viewers;
static pthread_key_t key; /* whose destructor sees a thread's end */
static bool has_key;

/* In the midst of what cannot be done twice at once by one thread. */
static _Thread_local bool busy __attribute__((tls_model("initial-exec")));

/* ---- sampling ---- */

static uint32_t draw(void)
{
	uint64_t x = viewer->random;

	/* xorshift64 (Marsaglia, 2003) */
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	viewer->random = x;
	return (uint32_t)(x >> 32);
}

/* 1 .. 2 * every - 1, each as likely as the other */
static uint32_t draw_stride(uint32_t every)
{
	return 1 + draw() % (2 * every - 1);
}

static void draw_next(struct view *v)
{
	v->countdown = atomic_load_explicit(&v->record->sampled,
					    memory_order_relaxed) < SAMPLE_FIRST
			       ? 1
			       : draw_stride(SAMPLE_EVERY);
}

static struct record_times *times_of(struct view *v)
{
	struct record_times *t = record_times(v->record);

	if (unlikely(!t) && !busy) {
		busy = true;
		t = record_make_times(v->record);
		busy = false;
	}
	return t;
}

/* Between two readings, of which one lies between them. */
static uint64_t between(uint64_t from, uint64_t to)
{
	return to > from + ticks_cost ? to - from - ticks_cost : 0;
}

/* ---- views ---- */

static void flush_waited(struct view *v)
{
	struct record_times *t = times_of(v);

	if (t)
		times_add(&t->wait, v->waited);
	tally_add(v->record, TALLY_WAIT, v->waited);
	tally_add(v->record, TALLY_CONTENDED, 1);
	v->waited = 0;
}

static void flush_counts(struct view *v)
{
	for (enum tally i = TALLY_WRITES; i <= TALLY_OTHERS; i++) {
		uint64_t n = atomic_exchange_explicit(&v->counts[i], 0,
						      memory_order_relaxed);
		if (n)
			tally_add(v->record, i, n);
	}
}

static void flush(struct view *v)
{
	if (!v->key)
		return;
	if (v->waited)
		flush_waited(v);
	flush_counts(v);
	v->key = 0;
}

static void see(struct view *v, uintptr_t of, struct record *r)
{
	uint32_t id = viewer->id % RECORD_THREADS;

	*v = (struct view){
		.record = r,
		.gap = UINT32_C(1) << (r->origin->index % GAPS),
	};
	draw_next(v);
	atomic_fetch_or_explicit(&r->threads[id / 64], UINT64_C(1) << id % 64,
				 memory_order_relaxed);
	v->key = of;
}

/* ---- threads ---- */

static struct viewer *viewer_reuse(void)
{
	struct viewer *t;

	for (t = all_viewers; t && t->taken; t = t->next_of_all)
		;
	return t;
}

static struct viewer *viewer_take(void)
{
	struct viewer *t = viewer_reuse();

	if (!t) {
		t = slab_take(&slab, sizeof(*t));
		if (!t)
			return NULL;
		t->id = ++n_viewers;
		t->random = t->id * UINT64_C(0x9e3779b97f4a7c15);
		t->next_of_all = atomic_load_explicit(&all_viewers,
						      memory_order_relaxed);
		/* release: who reads the list reads what is in it */
		atomic_store_explicit(&all_viewers, t, memory_order_release);
	}
	t->taken = true;
	t->burnt_after = 1;
	return t;
}

/* Busy. */
static bool viewer_begin(void)
{
	uint64_t signals = profile_close();

	viewer = viewer_take();
	profile_open(signals);
	/* again after each round of destructors that has used a lock */
	if (viewer && has_key)
		pthread_setspecific(key, viewer);
	return viewer != NULL;
}

void viewer_end(void *unused)
{
	struct viewer *t = viewer;
	uint64_t signals;

	(void)unused;
	if (!t || busy)
		return;
	busy = true;
	for (int i = 0; i < VIEWS; i++)
		flush(&t->views[i]);
	t->pending = 0;
	viewer = NULL;
	signals = profile_close();
	t->taken = false;
	profile_open(signals);
	busy = false;
}

void viewer_end_hook(void)
{
	has_key = pthread_key_create(&key, viewer_end) == 0;
	if (viewer && has_key)
		pthread_setspecific(key, viewer);
}

void viewers_flush(void)
{
	for (struct viewer *t = all_viewers; t; t = t->next_of_all)
		for (int i = 0; i < VIEWS; i++)
			if (t->views[i].key) {
				if (t->views[i].waited)
					flush_waited(&t->views[i]);
				flush_counts(&t->views[i]);
			}
}

void viewers_reset(void)
{
	for (struct viewer *t = all_viewers; t; t = t->next_of_all) {
		memset((void *)t->views, 0, sizeof(t->views));
		t->pending = 0;
		t->taken = t == viewer;
	}
}

COLD struct view *view_make(const void *object, enum profile_kind kind,
			    const void *site)
{
	uintptr_t of = record_key(object, kind);
	struct record *r = NULL;
	struct view *v = NULL;

	if (busy)
		return NULL;
	busy = true;
	if (viewer || viewer_begin())
		r = record_used(object, kind, site);
	if (r) {
		v = view_place(viewer, of);
		flush(v);
		see(v, of, r);
	}
	busy = false;
	return v;
}

void view_initialised(const void *object, enum profile_kind kind,
		      const void *site)
{
	struct view *v;

	if (busy)
		return;
	busy = true;
	v = view_known(object, kind);
	if (v)
		flush(v);
	record_initialised(object, kind, site);
	busy = false;
}

/* ---- an acquisition ---- */

static void gap_ends(struct view *v, uint64_t now)
{
	struct origin *o = v->record->origin;
	struct gap *g = &viewer->gaps[o->index % GAPS];

	viewer->pending &= ~v->gap;
	if (g->origin != o)
		return;
	times_add(&o->gap, between(g->from, now));
	if (!g->burnt)
		return;

	uint64_t of = between(g->from, now);

	atomic_fetch_add_explicit(&o->gap_burnt_of, of, memory_order_relaxed);
	atomic_fetch_add_explicit(&o->gap_burnt_ns, cpu_ns() - g->burnt,
				  memory_order_relaxed);
}

static void gap_begins(struct view *v, uint64_t now)
{
	struct origin *o = v->record->origin;
	struct gap *g = &viewer->gaps[o->index % GAPS];

	g->origin = o;
	g->burnt = draw() % GAP_BURNT_EVERY ? 0 : cpu_ns();
	g->from = g->burnt ? ticks() : now;
	viewer->pending |= v->gap;
}

COLD bool view_ask_slow(struct view *v, const void *site)
{
	uint64_t now = ticks();
	struct record_times *t;

	if (v->released) {
		t = times_of(v);
		if (t)
			times_add(&t->rest, between(v->released, now));
		v->released = 0;
	}
	if (viewer->pending & v->gap)
		gap_ends(v, now);
	if (v->countdown)
		return false;
	atomic_fetch_add_explicit(&v->record->sampled, 1, memory_order_relaxed);
	record_site(v->record, site);
	draw_next(v);
	return true;
}

COLD struct waiting wait_from_now(void)
{
	struct waiting w = { .burnt = 0 };

	if (--viewer->burnt_after == 0) {
		viewer->burnt_after = draw_stride(BURNT_EVERY);
		w.burnt = cpu_ns();
	}
	w.from = ticks();
	return w;
}

/* The rest waits for the release, so as not to make the section longer. */
COLD void wait_until_now(struct view *v, struct waiting w)
{
	uint64_t now = ticks();

	if (v->waited)
		flush_waited(v);
	v->waited = between(w.from, now) + 1;
	if (!w.burnt)
		return;
	tally_add(v->record, TALLY_BURNT_NS, cpu_ns() - w.burnt);
	tally_add(v->record, TALLY_BURNT_OF, v->waited);
}

/* Its record was superseded: the object has begun anew. */
static void renew(struct view *v)
{
	struct record *r;

	if (busy)
		return;
	busy = true;
	if (v->waited)
		flush_waited(v);
	flush_counts(v);
	r = record_used(v->record->address, v->record->origin->kind, NULL);
	if (r)
		see(v, v->key, r);
	busy = false;
}

COLD void view_hand_over(struct view *v)
{
	struct record *r = v->record;

	if (atomic_load_explicit(&r->superseded, memory_order_relaxed)) {
		renew(v);
		r = v->record;
	}
	/* relaxed: whoever has the object writes them, and they publish
	 * nothing; of semaphores and the like one may be lost */
	if (atomic_load_explicit(&r->last, memory_order_relaxed))
		atomic_store_explicit(
			&r->handovers,
			atomic_load_explicit(&r->handovers,
					     memory_order_relaxed) +
				1,
			memory_order_relaxed);
	atomic_store_explicit(&r->last, viewer->id, memory_order_relaxed);
}

/* ---- a release ---- */

COLD bool view_leave(struct view *v)
{
	uint64_t since = v->since;

	if (!since)
		return false;
	v->since = between(since, ticks()) + 1;
	return true;
}

COLD void view_left(struct view *v, bool sampled)
{
	struct record_times *t;

	if (v->waited)
		flush_waited(v);
	if (!sampled)
		return;
	t = times_of(v);
	if (t)
		times_add(&t->hold, v->since - 1);
	v->since = 0;
	v->released = ticks();
	gap_begins(v, v->released);
}

void view_waited(struct view *v, uint64_t for_ticks)
{
	v->waited = for_ticks + 1;
	flush_waited(v);
}
