/* SPDX-License-Identifier: MIT */
/*
 * What laws are made of: objects, crews of threads, skips.
 */
#include "law.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../../registry.h"
#include "../stressor/chance.h"
#include "../stressor/stressors.h"
#include "../trial/stillness.h"
#include "../trial/threads_proc.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { SLOWDOWN = SANITIZED ? 10 : 1 };

unsigned law_rounds(unsigned n)
{
	const struct settings *s = trial_settings();
	double rounds =
		(double)n / SLOWDOWN * (s && s->effort > 0 ? s->effort : 1);

	return rounds > 1 ? (unsigned)rounds : 1;
}

static size_t whole_lines(size_t size)
{
	size = (size + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
	return size ? size : CACHE_LINE;
}

static void *zeroed(size_t size)
{
	void *object = aligned_alloc(CACHE_LINE, whole_lines(size));

	CHECK(object != NULL);
	return memset(object, 0, whole_lines(size));
}

/* A report names it KIND/NAME. */
static void *watched(void *object, const struct implementation *id)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);
	char name[64];

	snprintf(name, sizeof(name), "%s", id->name);
	for (size_t i = 0; i < n; i++)
		if (all[i]->id == id)
			snprintf(name, sizeof(name), "%s/%s", all[i]->kind,
				 id->name);
	watchdog_object(name, object, id->size);
	return object;
}

void *law_object(const struct implementation *id)
{
	return watched(zeroed(id->size), id);
}

void *law_node(const struct implementation *id)
{
	return id->node_size ? zeroed(id->node_size) : NULL;
}

void law_age(const struct implementation *id, void *object)
{
	const struct settings *s = trial_settings();

	if (id->age && s && s->stressors & STRESS_AGED)
		id->age(object, 1 + (uint32_t)chance(1u << chance(13)));
}

/* A sanitizer knows freed memory when it sees it; the processor knows pages. */
void *law_mortal(const struct implementation *id)
{
	void *object;

	if (SANITIZED)
		return law_object(id);
	object = mmap(NULL, whole_lines(id->size), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(object != MAP_FAILED);
	return watched(object, id);
}

void law_bury(const struct implementation *id, void *object)
{
	watchdog_forget(object);
	if (SANITIZED)
		free(object);
	else /* the address must not be given away again */
		mprotect(object, whole_lines(id->size), PROT_NONE);
}

struct crew {
	unsigned n;
	law_body *body;
	void *shared;
	struct crew_member {
		struct crew *crew;
		unsigned index;
		pthread_t thread;
	} members[];
};

static void *crew_main(void *argument)
{
	struct crew_member *m = argument;

	m->crew->body(m->crew->shared, m->index);
	return NULL;
}

struct crew *crew_start(unsigned n, law_body *body, void *shared)
{
	struct crew *c = malloc(sizeof(*c) + n * sizeof(c->members[0]));

	CHECK(c != NULL);
	*c = (struct crew){ .n = n, .body = body, .shared = shared };
	for (unsigned i = 0; i < n; i++) {
		c->members[i].crew = c;
		c->members[i].index = i;
		CHECK_EQ(pthread_create(&c->members[i].thread, NULL, crew_main,
					&c->members[i]),
			 0);
	}
	return c;
}

void crew_join(struct crew *c)
{
	for (unsigned i = 0; i < c->n; i++)
		pthread_join(c->members[i].thread, NULL);
	free(c);
}

void law_crew(unsigned n, law_body *body, void *shared)
{
	crew_join(crew_start(n, body, shared));
}

unsigned law_threads(void)
{
	pid_t tids[SIGHT_THREADS];
	int n;

	/* again while some come or go */
	while ((n = threads_of(getpid(), tids, SIGHT_THREADS)) < 0)
		sched_yield();
	return (unsigned)n;
}

static void starve(unsigned (*fail)(unsigned n), int refusal,
		   law_attempt *attempt, void *shared)
{
	unsigned before = law_threads(), n = 0, calls;

	do {
		int r;

		fail(++n);
		r = attempt(shared);
		calls = fail(0);
		if (r)
			CHECK_EQ(r, refusal);
		CHECK(r == 0 || calls >= n);
		EVENTUALLY(law_threads() <= before);
	} while (calls >= n);
}

void law_without_memory(law_attempt *attempt, void *shared)
{
	starve(fail_allocation, SYNC_NO_MEMORY, attempt, shared);
}

void law_without_threads(law_attempt *attempt, void *shared)
{
	starve(fail_thread, SYNC_NO_THREAD, attempt, shared);
}

void law_store_far(void)
{
	enum { FAR = 16 };
	static struct {
		_Alignas(CACHE_LINE) _Atomic unsigned word;
	} far[FAR];

	for (int k = 0; k < FAR; k++)
		atomic_store_explicit(&far[k].word, 1, memory_order_relaxed);
}

void law_pause(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

void law_meet(const _Atomic unsigned *word, unsigned value)
{
	struct spinner s = { 0 };

	while (atomic_load(word) != value) {
		if (s.turns == SPIN_TURNS_BEFORE_YIELD)
			watchdog_poll(true);
		spin_once(&s, DEADLINE_NEVER);
	}
	watchdog_poll(false);
}

void law_busy_until(uint64_t ns)
{
	while (now_ns() < ns)
		cpu_relax();
}

static bool asleep_in_kernel(pid_t tid)
{
	struct thread_look look;

	return thread_look(getpid(), tid, &look) && look.state == 'S';
}

/* Asleep, but for no reason of the implementation? */
static bool held(int tid)
{
	return perturb_available() && perturb_holds(tid);
}

#define ENDED UINT64_MAX

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	/* the thread has ended: it waits no more, and that is news as well */
	if (clock_gettime(clock, &t))
		return ENDED;
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t law_far_deadline(unsigned index)
{
	static const uint64_t seconds[FAR_DEADLINES - 1] = {
		(1ULL << 32) / 1000000 + 1,  /* 72 minutes */
		(1ULL << 31) / 1000 + 1,     /* 25 days */
		(1ULL << 32) / 1000 + 1,     /* 50 days */
		(1ULL << 31) + 1,	     /* 68 years */
		(1ULL << 63) / NS_PER_S + 1, /* 292 years */
	};

	if (index % FAR_DEADLINES == FAR_DEADLINES - 1)
		return DEADLINE_NEVER - 1; /* 584 years after the start */
	return deadline_in(seconds[index % FAR_DEADLINES] * NS_PER_S);
}

void law_about_to_wait(struct law_waiter *w)
{
	w->thread = pthread_self();
	w->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	atomic_store(&w->tid, gettid());
}

void law_until_waiting(struct law_waiter *w)
{
	clockid_t clock;
	int tid, asleep = 0;
	uint64_t now;

	EVENTUALLY((tid = atomic_load(&w->tid)) != 0);
	if (pthread_getcpuclockid(w->thread, &clock))
		return;
	/* two looks: a sanitizer's own lock may make it sleep for a moment */
	while (asleep < 2 && (now = clock_ns(clock)) != ENDED &&
	       now - w->cpu_ns < 2 * NS_PER_MS) {
		law_pause();
		asleep = asleep_in_kernel(tid) ? asleep + 1 : 0;
		if (held(tid)) { /* that is no wait, nor a spin */
			asleep = 0;
			w->cpu_ns = now;
		}
	}
	atomic_store(&w->tid, 0);
}

struct crew *crew_start_waiting(unsigned n, law_body *body, void *shared,
				struct law_waiter *waiters)
{
	struct crew *c = crew_start(n, body, shared);

	for (unsigned i = 0; i < n; i++)
		law_until_waiting(&waiters[i]);
	return c;
}
