/* SPDX-License-Identifier: MIT */
/*
 * The one hot loop of the lab: enter, critical section, leave, the rest.
 *
 * It is compiled into every implementation: enter and leave arrive as constant
 * function pointers and all of it is always_inline, so that no call is left at
 * -O2 and locks of 10 ns are not measured through a table of pointers. The
 * harness binds the same loop once more to run-time pointers, and the
 * difference is a row of the results (scenario `dispatch`).
 *
 * The protocol of a timed window is here as well (struct turn), since the loop
 * must ask on each turn whether its window is over.
 *
 * The loop is compiled twice: lean, and once more with a call inside each
 * section that writes down who entered (mode `order` of a campaign). What the
 * lean loop has beside its work is one compare for the phase, a countdown to
 * the next sample, and the last holder's name on the witness line.
 */
#ifndef SECTION_H
#define SECTION_H

#include "sync.h"

/*
 * The phases of a window, in the order in which they come. The ramp is cut into
 * slices, so that one can see whether the rate still changes; it need not have
 * all of them.
 */
enum { RAMP_SLICES = 24 };
enum phase { RAMP, MEASURE = RAMP + RAMP_SLICES, DRAIN, PHASES };

/*
 * One thread's view of its window. ops counts from the start of the ramp;
 * marks[p] is what it was when the thread saw phase p begin, so the window's
 * share is marks[DRAIN] - marks[MEASURE]: at most one operation is counted on
 * the wrong side at each end. The controller reads the marks while threads run,
 * so they lie outside the turn, which a loop may keep a copy of.
 */
struct turn {
	const _Atomic uint32_t *phase; /* written by the controller alone */
	uint32_t seen;
	uint64_t ops;
	uint64_t self_handovers;     /* sections entered by the last holder */
	uint64_t self_from, self_to; /* the same at MEASURE and at DRAIN */
	_Atomic uint64_t *marks;     /* PHASES of them, written by the thread */
	uint64_t first_ns, last_ns;  /* when the thread entered and left */
	struct pace *pace;	     /* NULL: one operation after the other */
};

/*
 * Who decides when a thread may begin its next operation, in the modes in which
 * it is not at once. Then turn.phase points to TURN_PACED, so that each turn
 * takes the slow way and the loop of the other modes pays nothing.
 */
struct pace {
	bool (*next)(struct pace *p, struct turn *t); /* as turn_next */
};

enum { TURN_PACED = PHASES + 1 }; /* equal to nothing that a thread has seen */

/* Catch up with a phase that has begun; false when the window is over. */
static inline bool turn_reach(struct turn *t, uint32_t phase)
{
	while (t->seen < phase) {
		/* relaxed: a count, which publishes nothing */
		atomic_store_explicit(&t->marks[++t->seen], t->ops,
				      memory_order_relaxed);
		if (t->seen == MEASURE)
			t->self_from = t->self_handovers;
		if (t->seen == DRAIN)
			t->self_to = t->self_handovers;
	}
	if (phase != DRAIN)
		return true;
	t->seen = PHASES; /* so that asking again brings us here again */
	return false;
}

static COLD bool turn_slow(struct turn *t, uint32_t phase)
{
	return t->pace ? t->pace->next(t->pace, t) : turn_reach(t, phase);
}

/* Ask before each operation whether there is time for one more. */
static ALWAYS_INLINE bool turn_next(struct turn *t)
{
	/* relaxed: the phase orders nothing, its value is all that counts */
	uint32_t phase = atomic_load_explicit(t->phase, memory_order_relaxed);

	return likely(phase == t->seen) || turn_slow(t, phase);
}

/* Data that a critical section touches; the harness decides where it lies. */
struct shared_line {
	uint64_t value;
	const void *holder; /* line 0: whose section was the last */
	char pad[CACHE_LINE - sizeof(uint64_t) - sizeof(void *)];
};

struct section_object {
	void *lock;		   /* the primitive */
	struct shared_line *lines; /* guarded by it; line 0 is the witness */
	_Atomic uint32_t inside;   /* how many are in, for counted sections */
	void *log;		   /* the harness's, for section_log */
};

/* A sampled iteration, in ns, clock cost taken off: into histograms. */
typedef void section_sample(void *recorder, uint64_t enter, uint64_t inside,
			    uint64_t leave, uint64_t outside);

struct section;

/* Writes down an acquisition. Called in a section that excludes all others. */
typedef void section_log(struct section *s, struct section_object *o);

struct section {
	struct turn turn;
	struct section_object *objects;
	uint32_t object_mask;	/* number of objects - 1, a power of two - 1 */
	uint32_t lines;		/* lines touched per section, at least 1 */
	uint32_t cs_steps;	/* work inside, in steps of section_work */
	uint32_t ncs_steps;	/* work outside */
	uint32_t write_per_256; /* share of writers, for rwlocks */
	uint32_t limit;		/* how many may be inside (counted sections) */
	void *node;		/* the thread's queue node, or NULL */
	uint64_t random;	/* state of the thread's own generator, not 0 */
	uint32_t stride_mask;	/* sample one in stride_mask + 1 on average */
	uint32_t countdown;
	section_sample *sample;
	section_log *log; /* NULL: the lean loop */
	void *recorder;
	uint64_t writes;     /* sections entered as a writer, all phases */
	uint64_t violations; /* sections that saw another one inside */
};

typedef void section_run(struct section *s, const void *impl);

/* xorshift64 (Marsaglia, 2003): a few ns, and nothing is shared. */
static ALWAYS_INLINE uint64_t section_random(struct section *s)
{
	uint64_t x = s->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return s->random = x;
}

/* Work of known length: a chain of dependent multiplications. */
static ALWAYS_INLINE void section_work(uint32_t steps)
{
	uint64_t x = steps;

	for (uint32_t i = 0; i < steps; i++) {
		x = x * UINT64_C(6364136223846793005) + 1;
		__asm__ volatile("" : "+r"(x)); /* keep the chain */
	}
}

/* What a section does with its data, and how it notices a lack of exclusion. */
typedef void section_touch(struct section *s, struct section_object *o,
			   bool write);

/*
 * One at a time: plain increments; a lost one shows in the final sum. But two
 * increments rarely meet, while sections overlap for their whole length: so the
 * first line is read once more at the end (volatile: from memory). Who was here
 * last stands on it as well, since the section has to own it anyway. No branch
 * there: the lock's order is what a predictor would get wrong.
 */
static ALWAYS_INLINE void touch_exclusive(struct section *s,
					  struct section_object *o, bool write)
{
	struct shared_line *line = o->lines, *end = line + s->lines;
	uint64_t mine = line->value + 1;

	(void)write;

	s->turn.self_handovers += line->holder == s;
	line->holder = s;
	do
		line->value++;
	while (++line < end);
	section_work(s->cs_steps);
	if (unlikely(*(volatile uint64_t *)&o->lines[0].value != mine))
		s->violations++;
}

/* Readers together, writers alone: a reader sees the first line unchanged. */
static ALWAYS_INLINE void touch_read_write(struct section *s,
					   struct section_object *o, bool write)
{
	if (write) {
		s->writes++;
		touch_exclusive(s, o, true);
		return;
	}
	uint64_t before = o->lines[0].value;
	uint64_t sum = 0;

	for (uint32_t i = 1; i < s->lines; i++)
		sum += o->lines[i].value;
	__asm__ volatile("" ::"r"(sum) : "memory");
	section_work(s->cs_steps);
	__asm__ volatile("" ::: "memory"); /* a second load, not a copy */
	if (unlikely(o->lines[0].value != before))
		s->violations++;
}

/* At most limit at a time. relaxed: it is a count, and publishes nothing. */
static ALWAYS_INLINE void touch_counted(struct section *s,
					struct section_object *o, bool write)
{
	(void)write;
	if (unlikely(atomic_fetch_add_explicit(
			     &o->inside, 1, memory_order_relaxed) >= s->limit))
		s->violations++;
	section_work(s->cs_steps);
	atomic_fetch_sub_explicit(&o->inside, 1, memory_order_relaxed);
}

/* The operation is the work: counters, thread-local data, events, once. */
static ALWAYS_INLINE void touch_nothing(struct section *s,
					struct section_object *o, bool write)
{
	(void)o, (void)write;
	section_work(s->cs_steps);
}

/* A kind's way in and out of a section. impl is the kind's own struct. */
typedef void section_enter(const void *impl, void *lock, void *node,
			   bool write);

/* One turn with the clock around each part; see struct section.stride_mask. */
static ALWAYS_INLINE void section_sampled(struct section *s, const void *impl,
					  section_enter *enter,
					  section_enter *leave,
					  section_touch *touch, bool logged,
					  struct section_object *o, bool write)
{
	uint64_t t0 = now_ns();

	enter(impl, o->lock, s->node, write);
	if (logged)
		s->log(s, o);

	uint64_t t1 = now_ns();

	touch(s, o, write);

	uint64_t t2 = now_ns();

	leave(impl, o->lock, s->node, write);

	uint64_t t3 = now_ns();

	section_work(s->ncs_steps);

	uint64_t t4 = now_ns();

	if (s->turn.seen == MEASURE)
		s->sample(s->recorder, t1 - t0, t2 - t1, t3 - t2, t4 - t3);
	/* Random, so that sampling never beats in time with the work. */
	s->countdown = 1 + (uint32_t)(section_random(s) >> 32) %
				   (2 * s->stride_mask + 1);
}

/* The loop. Everything but s and impl is a constant where it is bound. */
static ALWAYS_INLINE void section_loop(struct section *s, const void *impl,
				       section_enter *enter,
				       section_enter *leave,
				       section_touch *touch, bool logged)
{
	while (turn_next(&s->turn)) {
		struct section_object *o = s->objects;
		bool write = true;

		if (s->object_mask)
			o += (section_random(s) >> 20) & s->object_mask;
		if (s->write_per_256 < 256)
			write = ((section_random(s) >> 40) & 255) <
				s->write_per_256;
		if (unlikely(--s->countdown == 0)) {
			section_sampled(s, impl, enter, leave, touch, logged, o,
					write);
		} else {
			enter(impl, o->lock, s->node, write);
			if (logged)
				s->log(s, o);
			touch(s, o, write);
			leave(impl, o->lock, s->node, write);
			section_work(s->ncs_steps);
		}
		s->turn.ops++;
	}
}

/*
 * The loop for a kind that delegates its sections: one passes the section in,
 * and it may be run by another thread. Such sections are exclusive.
 */
typedef void section_function(void *argument);
typedef void section_call(const void *impl, void *lock, void *node,
			  section_function *section, void *argument);

/* What the thread that runs the section has to know of the one that asks. */
struct section_job {
	struct section *s;
	struct section_object *o;
	uint64_t entered, left; /* if sampled */
};

static inline void section_job_run(void *argument)
{
	struct section_job *job = argument;

	touch_exclusive(job->s, job->o, true);
}

static inline void section_job_log(void *argument)
{
	struct section_job *job = argument;

	job->s->log(job->s, job->o);
	section_job_run(job);
}

static inline void section_job_sample(void *argument)
{
	struct section_job *job = argument;

	if (job->s->log)
		job->s->log(job->s, job->o);
	job->entered = now_ns();
	section_job_run(job);
	job->left = now_ns();
}

/* One turn with the clock around each part: as section_sampled. */
static ALWAYS_INLINE void section_sampled_call(const void *impl,
					       section_call *call,
					       struct section_job *job)
{
	struct section *s = job->s;
	uint64_t t0 = now_ns();

	call(impl, job->o->lock, s->node, section_job_sample, job);

	uint64_t t3 = now_ns();

	section_work(s->ncs_steps);

	uint64_t t4 = now_ns();

	if (s->turn.seen == MEASURE)
		s->sample(s->recorder, job->entered - t0,
			  job->left - job->entered, t3 - job->left, t4 - t3);
	s->countdown = 1 + (uint32_t)(section_random(s) >> 32) %
				   (2 * s->stride_mask + 1);
}

static ALWAYS_INLINE void section_loop_call(struct section *s, const void *impl,
					    section_call *call, bool logged)
{
	while (turn_next(&s->turn)) {
		struct section_job job = { .s = s, .o = s->objects };

		if (s->object_mask)
			job.o += (section_random(s) >> 20) & s->object_mask;
		if (unlikely(--s->countdown == 0)) {
			section_sampled_call(impl, call, &job);
		} else {
			call(impl, job.o->lock, s->node,
			     logged ? section_job_log : section_job_run, &job);
			section_work(s->ncs_steps);
		}
		s->turn.ops++;
	}
}

/*
 * Bind a loop(s, impl, logged) to the implementation of this file, once lean
 * and once with a log of who entered.
 */
#define SECTION_BIND_LOOP(loop)                                                \
	static __attribute__((noinline)) void section_logged(                  \
		struct section *s)                                             \
	{                                                                      \
		loop(s, &implementation, true);                                \
	}                                                                      \
	static void section_bound(struct section *s, const void *impl)         \
	{                                                                      \
		(void)impl;                                                    \
		if (s->log)                                                    \
			section_logged(s);                                     \
		else                                                           \
			loop(s, &implementation, false);                       \
	}

#define SECTION_BIND(enter_, leave_, touch_)                                   \
	static ALWAYS_INLINE void section_loop_own(                            \
		struct section *s, const void *impl, bool logged)              \
	{                                                                      \
		section_loop(s, impl, enter_, leave_, touch_, logged);         \
	}                                                                      \
	SECTION_BIND_LOOP(section_loop_own)

#endif
