/* SPDX-License-Identifier: MIT */
/*
 * What a thread has seen of the objects that it used of late: counts that only
 * it writes, and when it takes its next sample. A view goes over into its
 *record when another object needs its place, when the thread ends, and at exit.
 *
 * Counts are exact. Times are those of a sample: of each object's first few
 * acquisitions, and then of one in 256 on average, drawn at random so that it
 * never beats in time with the program. Waits are all timed. Of a sampled
 * acquisition:
 *
 *	acquired -- hold -- released -- rest -- acquired again
 *	                    released -- gap --- another of the origin acquired
 */
#ifndef PROFILE_VIEW_H
#define PROFILE_VIEW_H

#include "../hash.h"
#include "record.h"

enum { VIEWS_BITS = 8, VIEWS = 1 << VIEWS_BITS, GAPS = 32 };
/* A sample costs 0.4 us, all its clock readings together. */
enum { SAMPLE_EVERY = 256, SAMPLE_FIRST = 256 };

struct view {
	uintptr_t key; /* 0: none */
	struct record *record;
	_Atomic uint64_t counts[2]; /* TALLY_WRITES, TALLY_OTHERS */
	uint64_t since;		    /* it has it, sampled; or 0 */
	uint64_t released;	    /* the last sampled time; or 0 */
	uint64_t waited;	    /* to be counted once it is released */
	uint32_t countdown;	    /* to the next sample */
	uint32_t gap;		    /* the origin's bit in pending */
};

_Static_assert(sizeof(struct view) == CACHE_LINE, "a view is a line");

struct gap {
	struct origin *origin;
	uint64_t from;
	uint64_t burnt; /* CPU time then, or 0: not looked at */
};

struct viewer {
	struct view views[VIEWS];
	struct gap gaps[GAPS];
	uint32_t pending;     /* of the gaps */
	uint32_t id;	      /* from 1; a thread's that has ended is reused */
	uint32_t burnt_after; /* contended waits until one is looked at */
	bool taken;
	uint64_t random;
	struct viewer *next_of_all;
};

extern struct viewer *_Atomic all_viewers;
extern _Thread_local struct viewer *viewer
	__attribute__((tls_model("initial-exec")));

/* What a reading of the ticks costs; set before the first view. */
extern uint64_t ticks_cost;

/* NULL: leave it alone. That is when a signal handler, or what our own start
 * calls, arrives in the midst of our work. */
struct view *view_make(const void *object, enum profile_kind kind,
		       const void *site);

/* An object begins: initialised by a call. */
void view_initialised(const void *object, enum profile_kind kind,
		      const void *site);

static ALWAYS_INLINE struct view *view_place(struct viewer *t, uintptr_t key)
{
	return &t->views[hash_of(key >> 3, VIEWS_BITS)];
}

static ALWAYS_INLINE struct view *view_of(const void *object,
					  enum profile_kind kind,
					  const void *site)
{
	uintptr_t key = record_key(object, kind);

	if (likely(viewer)) {
		struct view *v = view_place(viewer, key);

		if (likely(v->key == key))
			return v;
	}
	return view_make(object, kind, site);
}

/* NULL: this thread knows nothing of it. */
static ALWAYS_INLINE struct view *view_known(const void *object,
					     enum profile_kind kind)
{
	uintptr_t key = record_key(object, kind);
	struct view *v;

	if (unlikely(!viewer))
		return NULL;
	v = view_place(viewer, key);
	return likely(v->key == key) ? v : NULL;
}

/* ---- before an acquisition ---- */

bool view_ask_slow(struct view *v, const void *site);

/* Is this one to be sampled? */
static ALWAYS_INLINE bool view_ask(struct view *v, const void *site)
{
	if (likely((--v->countdown != 0) & (v->released == 0) &
		   ((viewer->pending & v->gap) == 0)))
		return false;
	return view_ask_slow(v, site);
}

/* Certainly not, and nothing else is to be done: view_plain follows. */
static ALWAYS_INLINE bool view_is_plain(const struct view *v)
{
	return (v->countdown > 1) & (v->released == 0) &
	       ((viewer->pending & v->gap) == 0);
}

/* ---- while it waits ---- */

struct waiting {
	uint64_t from, burnt;
};

struct waiting wait_from_now(void);
void wait_until_now(struct view *v, struct waiting w);

/* ---- once it is acquired ---- */

void view_hand_over(struct view *v);

static ALWAYS_INLINE void view_count(struct view *v, enum tally which)
{
	/* relaxed, and no exchange: the thread's own */
	atomic_store_explicit(&v->counts[which],
			      atomic_load_explicit(&v->counts[which],
						   memory_order_relaxed) +
				      1,
			      memory_order_relaxed);
}

/* As the only one that has it. */
static ALWAYS_INLINE void view_alone(struct view *v)
{
	if (unlikely(atomic_load_explicit(&v->record->last,
					  memory_order_relaxed) != viewer->id))
		view_hand_over(v);
}

static ALWAYS_INLINE void view_acquired(struct view *v, enum tally which,
					bool sampled)
{
	if (which == TALLY_WRITES)
		view_alone(v);
	view_count(v, which);
	if (unlikely(sampled))
		v->since = ticks();
}

static ALWAYS_INLINE void view_plain(struct view *v, enum tally which)
{
	v->countdown--;
	if (which == TALLY_WRITES)
		view_alone(v);
	view_count(v, which);
}

/* ---- when it is released ---- */

static ALWAYS_INLINE bool view_has_more(const struct view *v)
{
	return unlikely((v->since | v->waited) != 0);
}

/* Before; after: what there is to be counted. Returns whether it was sampled.
 */
bool view_leave(struct view *v);
void view_left(struct view *v, bool sampled);

/* What took so long and is no hold: a condition, a barrier. */
void view_waited(struct view *v, uint64_t ticks);

/* ---- all threads ---- */

/* The calling thread ends: its views go over into the records. */
void viewer_end(void *unused);
void viewer_end_hook(void);
/* At exit, and other threads may still run. */
void viewers_flush(void);
/* In the child of a fork. */
void viewers_reset(void);

#endif
