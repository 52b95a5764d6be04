/* SPDX-License-Identifier: MIT */
/*
 * What a workload is, and the kit it is made of. One file = one scenario:
 *
 *	static int setup(struct cell *c) ...     make what the threads share
 *	static void work(struct worker *w)       one thread's share of a window
 *	{
 *		while (worker_next(w)) {
 *			uint64_t start = worker_start(w);
 *			... one operation on c->implementation ...
 *			worker_end(w, start);
 *			worker_count(w, 1);
 *		}
 *	}
 *	static void stop(struct cell *c) ...     let go those who still wait
 *	static bool verify(struct cell *c) ...   was all of it right?
 *
 *	SCENARIO(.name = "queue_pair", .kind = "queue", ...);
 *
 * A cell is one scenario with one implementation, one number of threads and one
 * value for each parameter. Each of its windows runs in a process of its own,
 * so a scenario may leak, crash or hang: that becomes a row with its reason.
 * Only `work` runs in several threads; everything else is called by one thread.
 *
 * worker_next is also where a thread waits in mode open, until its next
 * operation is due: hold nothing there that others need, and ask before the
 * operation, not in the midst of it; a scenario that cannot has no open form,
 * and its row says so.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "../primitives/register.h"

enum bound { BOUND_MICRO, BOUND_CPU, BOUND_IO, BOUND_MIXED };

/* Units stand at the end of the name: cs_ns, delay_ms, size_bytes, _count. */
struct param {
	const char *name;
	uint64_t value; /* the default */
	uint64_t min, max;
	const char *brief;
};

enum { PARAMS_MAX = 12, THREADS_MAX = 256 };

struct cell;
struct order_log;
struct worker;

struct scenario {
	const char *name;
	const char *kind; /* one of the kinds; "*": all that have a section */
	enum bound bound;
	const char *brief;  /* one line: what is measured, per operation */
	const char *models; /* one line: the real program it is a model of */
	struct param params[PARAMS_MAX]; /* ends with an empty name */
	/* Names of rows that use no implementation ("serial", "processes"),
	 * NULL at the end; such a cell has c->implementation == NULL. */
	const char *const *variants;
	/* Operations cost microseconds or more: time each of them. Otherwise
	 * only a random sample is timed. */
	bool slow;
	/* NULL, or why this cell makes no sense here ("no python3"). Called
	 * before anything else, with implementation, variant, threads, values.
	 */
	const char *(*skip)(const struct cell *c);
	/* How many threads the harness starts; NULL: c->threads. */
	unsigned (*workers)(const struct cell *c);
	/* false after cell_fail: the row says why. */
	bool (*setup)(struct cell *c);
	void (*work)(struct worker *w);
	void (*stop)(struct cell *c);	  /* may be NULL; workers still run */
	bool (*verify)(struct cell *c);	  /* false after cell_fail */
	void (*teardown)(struct cell *c); /* may be NULL */
};

#define SCENARIO(...)                                                          \
	static const struct scenario scenario = { __VA_ARGS__ };               \
	__attribute__((                                                        \
		section("synclab_scenario"), used,                             \
		retain)) static const struct scenario *const scenario_entry =  \
		&scenario

struct recorder; /* the harness's histograms of one thread */

/* One thread of a cell. */
struct worker {
	struct turn turn; /* turn.ops: operations since the start of the ramp */
	struct cell *cell;
	unsigned index; /* 0 .. n_workers - 1 */
	/* Set in work by one that counts no operations by design (a producer,
	 * a driver): left out of the fairness figures. */
	bool auxiliary;
	uint64_t random; /* state of the thread's own generator, never 0 */
	uint32_t countdown, stride_mask; /* of latency samples */
	struct recorder *recorder;
	uint64_t checksum;   /* free for the scenario: what verify adds up */
	uint64_t violations; /* the same: anything but 0 is a failure */
	void *own;	     /* the same: set in work; setup has no workers */
} __attribute__((aligned(2 * CACHE_LINE)));

/* A figure that only this scenario has. */
enum { EXTRAS_MAX = 8 };

struct extra {
	char name[32]; /* with its unit: "writes_per_s" */
	double value;
};

struct cell {
	const struct scenario *scenario;
	const struct registration *implementation; /* NULL: a variant */
	const char *name; /* of the implementation or variant */
	unsigned threads; /* as asked for; the column `threads` */
	uint64_t values[PARAMS_MAX];
	uint64_t seed;
	unsigned n_workers;
	struct worker *workers;
	void *state; /* the scenario's own */
	/* CPU time burnt in the window by processes that the scenario has
	 * started and that do its work; added to the harness's own figure. */
	_Atomic uint64_t children_cpu_ns;
	/* How long the critical section and the rest were asked to be, ns;
	 * set by sections_setup, else 0. */
	uint64_t cs_ns, ncs_ns;
	/* Its sections exclude one another, so that hand-overs have a meaning;
	 * set by sections_setup. Mode order: where they are written down. */
	bool exclusive;
	struct order_log *order;
	char why[200];	/* set by cell_fail and cell_refuse */
	bool refused;	/* set by cell_refuse */
	char note[200]; /* for the scenario to fill in verify: what it saw */
	struct extra extras[EXTRAS_MAX]; /* by cell_figure */
	uint64_t window_ns; /* of the measured part; known in verify */
};

/* The value of a parameter of the scenario; aborts on a name it lacks. */
uint64_t cell_param(const struct cell *c, const char *name);

/* Say in one line what went wrong. Returns false. Thread-safe: first one wins.
 */
bool cell_fail(struct cell *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* In verify: a figure of the scenario's own, into the column `extra`, where
 * expectations find it by name. At most EXTRAS_MAX of them; one that is NAN has
 * no value and is left out. */
void cell_figure(struct cell *c, const char *name, double value);

/* In setup: the same for what the machine refuses (a port, a process). It ends
 * the campaign, since every further cell would meet it as well. */
bool cell_refuse(struct cell *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Zeroed memory, aligned to two cache lines; never NULL (exits instead). */
void *cell_alloc(size_t size);

/* A new object of the implementation: zeroed, not initialised, on cache lines
 * of its own at a place of the window's layout. It lives as long as the window:
 * not to be freed. Thread-safe. */
void *cell_object(const struct registration *r);

/* The implementation of another kind from the same family (futex for OTHER),
 * for scenarios that need several kinds. */
const struct registration *cell_companion(const struct cell *c,
					  const char *kind);

/* Sum of ops over the workers, from ramp to drain. */
uint64_t cell_total_ops(const struct cell *c);

/* In verify: what one worker finished within the window. */
uint64_t worker_window_ops(const struct worker *w);

/* In verify: what some of the workers have recorded within the window, for
 * figures of one role alone. Without any, n is 0 and all else NAN. */
struct recorded {
	uint64_t n;
	double sum_ns, p50_ns, p99_ns;
};

/* Of n workers from the first on: by worker_end and worker_record, and by
 * worker_record_section. */
struct recorded cell_latencies(const struct cell *c, unsigned first,
			       unsigned n);
struct recorded cell_sections(const struct cell *c, unsigned first, unsigned n);

/* ---- in work ---- */

/* Ask before each operation; false when the window is over. May sleep in mode
 * open. */
static ALWAYS_INLINE bool worker_next(struct worker *w)
{
	return turn_next(&w->turn);
}

static ALWAYS_INLINE void worker_count(struct worker *w, uint64_t n)
{
	w->turn.ops += n;
}

/* Put one latency into the worker's histogram. */
void worker_record(struct worker *w, uint64_t latency_ns);

/* The same for the realised length of a section, between two readings of the
 * clock: the columns cs_ns_real. */
void worker_record_section(struct worker *w, uint64_t inside_ns);

/* The same of the work between sections: the columns ncs_ns_real. */
void worker_record_rest(struct worker *w, uint64_t outside_ns);

/* Record a timed operation, and draw which one is timed next. */
void worker_timed(struct worker *w, uint64_t ns);

/* Before and after what is to be timed. Most calls do nothing unless the
 * scenario is slow (see struct scenario) or the mode is open. */
static ALWAYS_INLINE uint64_t worker_start(struct worker *w)
{
	return unlikely(--w->countdown == 0) ? now_ns() : 0;
}

static ALWAYS_INLINE void worker_end(struct worker *w, uint64_t start)
{
	if (unlikely(start))
		worker_timed(w, now_ns() - start);
}

static ALWAYS_INLINE uint64_t worker_random(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

/* Work of about ns nanoseconds without memory accesses (calibrated). */
void work_ns(uint64_t ns);

/* ---- scenarios around the hot loop of primitives/section.h ---- */

struct sections {
	unsigned locks; /* rounded up to a power of two */
	unsigned lines; /* lines touched inside, at least 1 */
	uint64_t cs_ns, ncs_ns;
	unsigned write_percent; /* rwlocks; others: 100 */
	unsigned permits;	/* semaphores; others: 1 */
	bool table;		/* through pointers instead of inlined */
	bool own;		/* a lock for each thread; locks is not read */
};

/* In setup: makes the objects. */
bool sections_setup(struct cell *c, const struct sections *plan);

/* As .work, .verify: runs the loop; compares witnesses with the operations. */
void sections_work(struct worker *w);
bool sections_verify(struct cell *c);

#endif
