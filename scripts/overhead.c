/* SPDX-License-Identifier: MIT */
/*
 * What the hot loop of primitives/section.h costs beside the mutex in it: the
 * same turn, written in several ways, by one thread. scripts/overhead runs it
 * under callgrind for the instructions, and as it is for the time.
 *
 *	overhead count LOOP MUTEX MS     one loop: prints how many turns it did
 *	overhead time ROUNDS MS          all of them, one after the other in an
 *	                                 order drawn anew for each round
 *
 * Exit status: 0, or 2 for usage.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "../harness/bench/ratio.h"
#include "../harness/registry.h"
#include "../primitives/mutex.h"

/* A timer ends each loop as the harness would: by the phase. */
static _Atomic uint32_t phase;

static void ring(int signal)
{
	(void)signal;
	/* relaxed: the value is the message */
	atomic_store_explicit(&phase, DRAIN, memory_order_relaxed);
}

static void set_timer(unsigned ms)
{
	struct itimerval t = { .it_value = { ms / 1000, ms % 1000 * 1000 } };

	atomic_store_explicit(&phase, MEASURE, memory_order_relaxed);
	setitimer(ITIMER_REAL, &t, NULL);
}

/* CPU time of this thread: what others take of the machine is not the loop's.
 */
static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- mutexes by hand ---- */

/* One thread never has to wait, but the compiler is not to know. */
static COLD void wait_for(_Atomic uint32_t *word)
{
	fprintf(stderr, "overhead: the mutex at %p is held\n", (void *)word);
}

static ALWAYS_INLINE void futex_lock(_Atomic uint32_t *word)
{
	uint32_t expected = 0;

	if (unlikely(!atomic_compare_exchange_strong_explicit(
		    word, &expected, 1, memory_order_acquire,
		    memory_order_relaxed)))
		wait_for(word);
}

static ALWAYS_INLINE void futex_unlock(_Atomic uint32_t *word)
{
	if (unlikely(atomic_exchange_explicit(word, 0, memory_order_release) ==
		     2))
		futex_wake(word, 1);
}

static ALWAYS_INLINE void spin_lock(_Atomic uint32_t *word)
{
	if (unlikely(atomic_exchange_explicit(word, 1, memory_order_acquire)))
		wait_for(word);
}

static ALWAYS_INLINE void spin_unlock(_Atomic uint32_t *word)
{
	atomic_store_explicit(word, 0, memory_order_release);
}

/* ---- the turn in several ways ---- */

/*
 * The least that can be called a measurement: until told to stop, lock, add
 * one, unlock, count. No parameters, no samples.
 */
#define BARE(name)                                                             \
	static __attribute__((noinline)) void bare_##name(struct section *s)   \
	{                                                                      \
		_Atomic uint32_t *word = s->objects->lock;                     \
		uint64_t *value = &s->objects->lines->value;                   \
		uint64_t ops = 0;                                              \
                                                                               \
		while (atomic_load_explicit(&phase, memory_order_relaxed) ==   \
		       MEASURE) {                                              \
			name##_lock(word);                                     \
			++*value;                                              \
			name##_unlock(word);                                   \
			ops++;                                                 \
		}                                                              \
		s->turn.ops = ops;                                             \
	}

/*
 * All that the loop of section.h can do, with the mutex written into it instead
 * of bound to it: several objects, writers, samples, work inside and outside.
 * Only the witness is the same function.
 */
#define HAND(name)                                                             \
	static ALWAYS_INLINE void sampled_##name(                              \
		struct section *s, struct section_object *o, bool write)       \
	{                                                                      \
		uint64_t t0 = now_ns(), t1, t2, t3, t4;                        \
                                                                               \
		name##_lock(o->lock);                                          \
		t1 = now_ns();                                                 \
		touch_exclusive(s, o, write);                                  \
		t2 = now_ns();                                                 \
		name##_unlock(o->lock);                                        \
		t3 = now_ns();                                                 \
		section_work(s->ncs_steps);                                    \
		t4 = now_ns();                                                 \
		if (s->turn.seen == MEASURE)                                   \
			s->sample(s->recorder, t1 - t0, t2 - t1, t3 - t2,      \
				  t4 - t3);                                    \
		s->countdown = 1 + (uint32_t)(section_random(s) >> 32) %       \
					   (2 * s->stride_mask + 1);           \
	}                                                                      \
                                                                               \
	static __attribute__((noinline)) void hand_##name(struct section *s)   \
	{                                                                      \
		while (turn_next(&s->turn)) {                                  \
			struct section_object *o = s->objects;                 \
			bool write = true;                                     \
                                                                               \
			if (s->object_mask)                                    \
				o += (section_random(s) >> 20) &               \
				     s->object_mask;                           \
			if (s->write_per_256 < 256)                            \
				write = ((section_random(s) >> 40) & 255) <    \
					s->write_per_256;                      \
			if (unlikely(--s->countdown == 0)) {                   \
				sampled_##name(s, o, write);                   \
			} else {                                               \
				name##_lock(o->lock);                          \
				touch_exclusive(s, o, write);                  \
				name##_unlock(o->lock);                        \
				section_work(s->ncs_steps);                    \
			}                                                      \
			s->turn.ops++;                                         \
		}                                                              \
	}

BARE(futex)
BARE(spin)
HAND(futex)
HAND(spin)

/* The same loop with run-time pointers: scenario `dispatch`, table=1. */
static __attribute__((noinline)) void table(struct section *s, const void *impl)
{
	mutex_loop(s, impl, false);
}

static const struct loop {
	const char *name;
	uint32_t stride; /* one turn in so many is sampled; 0: none */
} loops[] = {
	{ "bound", 0 }, { "hand", 0 },		{ "bare", 0 },
	{ "table", 0 }, { "bound/1024", 1024 }, { "bound/16", 16 },
};

enum { LOOPS = sizeof(loops) / sizeof(loops[0]), MUTEXES = 2 };

static const char *const mutexes[MUTEXES] = { "futex", "spin" };

static void forget_sample(void *recorder, uint64_t enter, uint64_t inside,
			  uint64_t leave, uint64_t outside)
{
	(void)recorder, (void)enter, (void)inside, (void)leave, (void)outside;
}

static void run_loop(struct section *s, const char *name,
		     const struct registration *r)
{
	bool spin = strcmp(r->id->name, "spin") == 0;

	if (strcmp(name, "hand") == 0)
		(spin ? hand_spin : hand_futex)(s);
	else if (strcmp(name, "bare") == 0)
		(spin ? bare_spin : bare_futex)(s);
	else if (strcmp(name, "table") == 0)
		table(s, r->id);
	else
		r->section(s, r->id);
}

/* Runs it for some time; returns the turns. */
static uint64_t run(const struct loop *l, const struct registration *r,
		    unsigned ms, uint64_t *ns)
{
	static _Alignas(CACHE_LINE) char lock[IMPL_SMALL_BYTES];
	static _Alignas(CACHE_LINE) struct shared_line line;
	static _Atomic uint64_t marks[PHASES];
	struct section_object object = { .lock = lock, .lines = &line };
	struct section s = {
		.turn = { .phase = &phase, .seen = MEASURE, .marks = marks },
		.objects = &object,
		.lines = 1,
		.write_per_256 = 256,
		.limit = 1,
		.random = 1,
		.stride_mask = l->stride ? l->stride - 1 : 0,
		.countdown = l->stride ? l->stride : UINT32_MAX,
		.sample = forget_sample,
	};
	uint64_t start, before = line.value;

	set_timer(ms);
	start = cpu_ns();
	run_loop(&s, l->name, r);
	*ns = cpu_ns() - start;
	if (line.value - before != s.turn.ops)
		abort(); /* not the same work */
	return s.turn.ops;
}

static int usage(void)
{
	fputs("usage: overhead count LOOP MUTEX MS | overhead time ROUNDS "
	      "MS\n",
	      stderr);
	return 2;
}

static int count(const char *loop, const char *mutex, unsigned ms)
{
	const struct registration *r = lab_find("mutex", mutex);
	uint64_t ns;

	for (int i = 0; r && i < LOOPS; i++)
		if (strcmp(loops[i].name, loop) == 0) {
			printf("%" PRIu64 "\n", run(&loops[i], r, ms, &ns));
			return 0;
		}
	return usage();
}

/* ---- time ---- */

static double median(double *v, unsigned n)
{
	return ratio_single(v, n, 0.95).value;
}

/* All loops once, in random order; ns[i] of a turn. */
static void run_round(const struct registration *r, unsigned ms,
		      uint64_t *random, double ns[LOOPS])
{
	int order[LOOPS] = { 0 };

	for (int i = 0; i < LOOPS; i++) {
		*random = *random * UINT64_C(6364136223846793005) + 1;

		int j = (int)((*random >> 33) % (unsigned)(i + 1));

		order[i] = order[j];
		order[j] = i;
	}
	for (int i = 0; i < LOOPS; i++) {
		uint64_t whole;
		uint64_t turns = run(&loops[order[i]], r, ms, &whole);

		ns[order[i]] = (double)whole / (double)turns;
	}
}

static void time_mutex(const char *mutex, unsigned rounds, unsigned ms)
{
	const struct registration *r = lab_find("mutex", mutex);
	double *ns[LOOPS], one[LOOPS];
	uint64_t random = now_ns();

	for (int i = 0; i < LOOPS; i++)
		ns[i] = calloc(rounds, sizeof(double));
	for (unsigned round = 0; round < rounds; round++) {
		run_round(r, ms, &random, one);
		for (int i = 0; i < LOOPS; i++)
			ns[i][round] = one[i];
	}
	for (int i = 0; i < LOOPS; i++) {
		struct ratio q = ratio_paired(ns[i], ns[0], rounds, 0.95);

		printf("time %s %s %.3f %.4f %.4f %.4f\n", mutex, loops[i].name,
		       median(ns[i], rounds), q.value, q.low, q.high);
	}
	for (int i = 0; i < LOOPS; i++)
		free(ns[i]);
}

/* The least of many tries: whatever disturbs only makes it longer. */
#define CLOCK(name, read)                                                      \
	do {                                                                   \
		double best = 1e9;                                             \
                                                                               \
		for (int i = 0; i < 1000; i++) {                               \
			uint64_t start = now_ns();                             \
                                                                               \
			for (int j = 0; j < 1000; j++)                         \
				read;                                          \
                                                                               \
			double ns = (double)(now_ns() - start) / 1000;         \
                                                                               \
			best = ns < best ? ns : best;                          \
		}                                                              \
		printf("clock %s %.2f\n", name, best);                         \
	} while (0)

static int time_all(unsigned rounds, unsigned ms)
{
	for (int i = 0; i < MUTEXES; i++)
		time_mutex(mutexes[i], rounds, ms);
	CLOCK("clock_gettime", now_ns());
#if defined(__x86_64__)
	unsigned cpu;

	CLOCK("rdtsc", __rdtsc());
	CLOCK("rdtscp", __rdtscp(&cpu));
#endif
	return 0;
}

static unsigned number(const char *text)
{
	return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = ring };

	sigaction(SIGALRM, &action, NULL);
	if (argc == 5 && strcmp(argv[1], "count") == 0 && number(argv[4]))
		return count(argv[2], argv[3], number(argv[4]));
	if (argc == 4 && strcmp(argv[1], "time") == 0 && number(argv[2]) &&
	    number(argv[3]))
		return time_all(number(argv[2]), number(argv[3]));
	return usage();
}
