/* SPDX-License-Identifier: MIT */
/*
 * The laws of a condition: see primitives/cond.h.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/cond.h"
#include "../../kit/cpu.h"
#include "../../registry.h"
#include "law.h"

/* What a crew shares: a condition, the mutex beside it, what that guards. */
struct bench {
	const struct cond_impl *impl;
	void *cond;
	struct guard guard; /* its node is NULL: see join */
	const struct implementation *guard_id;
	unsigned rounds, depth;

	/* plain, for the mutex guards them: a race is a lost increment */
	unsigned tokens, waiting, returned, timed_out, served, turn;
	bool over;
	uint64_t deadline;
	unsigned order[8];

	_Atomic unsigned inside, done, stage;
};

static struct guard guard_new(const struct registration *r)
{
	struct guard g = { .object = law_object(r->id) };

	if (strcmp(r->kind, "mutex") == 0)
		g.mutex = (const struct mutex_impl *)r->id;
	else
		g.recursive = (const struct recursive_mutex_impl *)r->id;
	if (g.mutex && g.mutex->init)
		CHECK_EQ(g.mutex->init(g.object), 0);
	if (g.recursive && g.recursive->init)
		CHECK_EQ(g.recursive->init(g.object), 0);
	law_age(r->id, g.object);
	return g;
}

static void guard_end(struct guard *g)
{
	if (g->mutex && g->mutex->destroy)
		g->mutex->destroy(g->object);
	if (g->recursive && g->recursive->destroy)
		g->recursive->destroy(g->object);
	free(g->object);
}

static void cond_begin(struct bench *b)
{
	if (b->impl->init)
		CHECK_EQ(b->impl->init(b->cond), 0);
	law_age(&b->impl->id, b->cond);
}

static struct bench bench_with(const struct cond_impl *impl,
			       const struct registration *guard,
			       unsigned rounds)
{
	struct bench b = { .impl = impl,
			   .cond = law_object(&impl->id),
			   .guard = guard_new(guard),
			   .guard_id = guard->id,
			   .rounds = rounds,
			   .depth = 1 };

	cond_begin(&b);
	return b;
}

/* With the plain mutex of the same family. */
static struct bench bench_new(const struct cond_impl *impl, unsigned rounds)
{
	enum family f = impl->id.family;
	const char *family = lab_family_name(f == OTHER ? FUTEX : f);

	return bench_with(impl, lab_find("mutex", family), law_rounds(rounds));
}

static void bench_end(struct bench *b)
{
	if (b->impl->destroy)
		b->impl->destroy(b->cond);
	free(b->cond);
	guard_end(&b->guard);
}

/* A thread's own view of the mutex, with a node if that needs one. */
static struct guard join(const struct bench *b)
{
	struct guard g = b->guard;

	if (g.mutex)
		g.node = law_node(b->guard_id);
	return g;
}

static void enter(const struct guard *g)
{
	if (g->mutex)
		g->mutex->lock(g->object, g->node);
	else
		CHECK_EQ(g->recursive->lock(g->object), SYNC_OK);
}

static void leave(const struct guard *g)
{
	if (g->mutex)
		g->mutex->unlock(g->object, g->node);
	else
		CHECK_EQ(g->recursive->unlock(g->object), SYNC_OK);
}

/* Look at something that the mutex guards. */
static unsigned peek(const struct bench *b, const unsigned *what)
{
	struct guard g = join(b);
	unsigned value;

	enter(&g);
	value = *what;
	leave(&g);
	free(g.node);
	return value;
}

static void signal_inside(struct bench *b, unsigned n)
{
	struct guard g = join(b);

	enter(&g);
	b->impl->signal(b->cond, n);
	leave(&g);
	free(g.node);
}

static void broadcast_inside(struct bench *b)
{
	struct guard g = join(b);

	enter(&g);
	b->over = true;
	b->impl->broadcast(b->cond);
	leave(&g);
	free(g.node);
}

typedef void guarded_law(struct bench *b);

/* Not one of the gallery, whose faults are none of the condition's. */
static bool can_guard(const struct registration *r)
{
	return (strcmp(r->kind, "mutex") == 0 ||
		strcmp(r->kind, "recursive_mutex") == 0) &&
	       !strstr(r->file, "/canary/");
}

/* Every mutex and recursive mutex that there is, one after the other. */
static void with_every_guard(const struct cond_impl *impl, unsigned rounds,
			     guarded_law *law)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);
	unsigned guards = 0;

	for (size_t i = 0; i < n; i++)
		guards += can_guard(all[i]);
	for (size_t i = 0; i < n; i++) {
		if (!can_guard(all[i]))
			continue;

		/* the law takes as long, however many guards there are */
		struct bench b = bench_with(impl, all[i],
					    1 + law_rounds(rounds) / guards);

		law(&b);
		bench_end(&b);
	}
}

/* Two threads take turns: even turns are those of thread 0. */
static void take_turns(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	for (unsigned i = 0; i < b->rounds; i++) {
		for (unsigned d = 0; d < b->depth; d++)
			enter(&g);
		while (b->turn % 2 != index)
			b->impl->wait(b->cond, &g);
		CHECK_EQ(atomic_fetch_add(&b->inside, 1), 0);
		b->turn++;
		CHECK_EQ(atomic_fetch_sub(&b->inside, 1), 1);
		b->impl->signal(b->cond, 1);
		for (unsigned d = 0; d < b->depth; d++)
			leave(&g);
	}
	free(g.node);
}

static void turns(struct bench *b)
{
	law_crew(2, take_turns, b);
	CHECK_EQ(b->turn, 2 * b->rounds);
}

LAW(cond, works_with_every_guard,
    "any mutex and recursive mutex is released while waiting")
{
	with_every_guard(impl, 10000, turns);
}

static void deep_turns(struct bench *b)
{
	if (!b->guard.recursive)
		return;
	b->depth = 3;
	turns(b);
}

LAW(cond, releases_whole_depth, "a nested guard is released whole")
{
	with_every_guard(impl, 10000, deep_turns);
}

static void wait_deep(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);
	const struct recursive_mutex_impl *r = g.recursive;

	for (unsigned deep = 1; deep <= 4; deep++) {
		for (unsigned d = 0; d < deep; d++)
			enter(&g);
		b->waiting++;
		if (index)
			b->impl->timedwait(b->cond, &g,
					   deadline_in(deep * NS_PER_MS));
		else
			b->impl->wait(b->cond, &g);
		CHECK_EQ(r->depth(g.object), deep);
		b->waiting--;
		CHECK_EQ(r->release_all(g.object), deep);
	}
	atomic_fetch_add(&b->done, 1);
}

static void depth_returns(struct bench *b)
{
	struct crew *c;

	if (!b->guard.recursive)
		return;
	c = crew_start(b->impl->timedwait ? 2 : 1, wait_deep, b);
	while (atomic_load(&b->done) < (b->impl->timedwait ? 2 : 1)) {
		signal_inside(b, 1);
		sched_yield();
	}
	crew_join(c);
	CHECK_EQ(b->guard.recursive->depth(b->guard.object), 0);
}

LAW(cond, restores_depth, "a nested guard is held as deep as before")
{
	with_every_guard(impl, 1, depth_returns);
}

static void wait_while_counting(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		enter(&g);
		CHECK_EQ(atomic_fetch_add(&b->inside, 1), 0);
		b->returned++;
		CHECK_EQ(atomic_fetch_sub(&b->inside, 1), 1);
		/* whatever the answer, the mutex is held again */
		b->impl->timedwait(b->cond, &g,
				   deadline_in(i % 3 * 20 * NS_PER_US));
		CHECK_EQ(atomic_fetch_add(&b->inside, 1), 0);
		b->returned++;
		b->impl->signal(b->cond, 1);
		CHECK_EQ(atomic_fetch_sub(&b->inside, 1), 1);
		leave(&g);
	}
	free(g.node);
}

static void counting(struct bench *b)
{
	law_crew(3, wait_while_counting, b);
	CHECK_EQ(b->returned, 6 * b->rounds);
}

LAW(cond, returns_with_the_guard, "the mutex is held on return, in time or not")
{
	NEEDS(timedwait);
	with_every_guard(impl, 3000, counting);
}

/* Wait once, without asking for a reason. */
static void wait_once(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	(void)index;
	enter(&g);
	b->waiting++;
	b->impl->wait(b->cond, &g);
	b->returned++;
	leave(&g);
	free(g.node);
}

/* Who has returned for no reason has had no need of a signal. */
static void wake_in_portions(const struct cond_impl *impl, unsigned waiters,
			     unsigned n, bool inside)
{
	struct bench b = bench_new(impl, 1);
	struct crew *c = crew_start(waiters, wait_once, &b);

	EVENTUALLY(peek(&b, &b.waiting) == waiters);
	impl->signal(b.cond, 0);
	for (unsigned woken = 0; woken < waiters; woken += n) {
		if (inside)
			signal_inside(&b, n);
		else
			impl->signal(b.cond, n);
		EVENTUALLY(peek(&b, &b.returned) >=
			   (woken + n < waiters ? woken + n : waiters));
	}
	crew_join(c);
	bench_end(&b);
}

LAW(cond, signal_wakes_n,
    "signal(n) wakes at least n, or all if they are fewer")
{
	wake_in_portions(impl, 1, 1, true);
	wake_in_portions(impl, 6, 1, true);
	wake_in_portions(impl, 6, 2, true);
	wake_in_portions(impl, 7, 3, true);
	wake_in_portions(impl, 4, 100, true);
	wake_in_portions(impl, 4, UINT_MAX, true);
}

LAW(cond, signal_needs_no_mutex, "signals may be sent without the mutex")
{
	wake_in_portions(impl, 1, 1, false);
	wake_in_portions(impl, 6, 1, false);
	wake_in_portions(impl, 7, 3, false);
	wake_in_portions(impl, 4, UINT_MAX, false);
}

LAW(cond, broadcast_wakes_all, "all who wait return")
{
	for (unsigned i = 0; i < law_rounds(30); i++) {
		struct bench b = bench_new(impl, 1);
		struct crew *c = crew_start(8, wait_once, &b);

		SHORTLY(peek(&b, &b.waiting) == 8);
		if (i % 2)
			broadcast_inside(&b);
		else
			impl->broadcast(b.cond);
		crew_join(c);
		CHECK_EQ(b.returned, 8);
		bench_end(&b);
	}
}

static void wait_till_over(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	(void)index;
	enter(&g);
	while (!b->over) {
		b->waiting++;
		b->impl->wait(b->cond, &g);
	}
	leave(&g);
	free(g.node);
}

/* On one CPU with them, and whom it wakes has that at once: what Linux grants
 * to everybody against a thread of the policy SCHED_IDLE. */
static void broadcast_humbly(void *shared, unsigned index)
{
	struct bench *b = shared;

	(void)index;
	sched_setscheduler(0, SCHED_IDLE, &(struct sched_param){ 0 });
	for (unsigned i = 0; i < b->rounds; i++)
		b->impl->broadcast(b->cond);
	broadcast_inside(b);
}

LAW(cond, broadcast_ends,
    "a broadcast ends, however soon those that it wakes wait again")
{
	struct bench b = bench_new(impl, 1);
	struct crew *c;

	cpu_pin(0);
	c = crew_start(8, wait_till_over, &b);
	EVENTUALLY(peek(&b, &b.waiting) >= 8);
	law_crew(1, broadcast_humbly, &b);
	crew_join(c);
	bench_end(&b);
}

static void consume(struct bench *b, const struct guard *g)
{
	for (unsigned i = 0; i < b->rounds; i++) {
		enter(g);
		while (!b->tokens)
			b->impl->wait(b->cond, g);
		b->tokens--;
		b->served++;
		leave(g);
	}
}

static void produce(struct bench *b, const struct guard *g, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		enter(g);
		b->tokens++;
		/* one signal a token, inside and outside by turns */
		if (i % 2)
			b->impl->signal(b->cond, 1);
		leave(g);
		if (i % 2 == 0)
			b->impl->signal(b->cond, 1);
		if (i % 64 == 0)
			sched_yield(); /* let them empty it and wait */
	}
}

/* Three consume, two produce as much in all. */
static void exchange_tokens(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	if (index < 3)
		consume(b, &g);
	else if (index == 3)
		produce(b, &g, b->rounds);
	else
		produce(b, &g, 2 * b->rounds);
	free(g.node);
}

LAW(cond, no_lost_wakeup, "one signal a token serves every token")
{
	struct bench b = bench_new(impl, 20000);

	law_crew(5, exchange_tokens, &b);
	CHECK_EQ(b.served, 3 * b.rounds);
	CHECK_EQ(b.tokens, 0);
	bench_end(&b);
}

/* The threads' turns come round; each wakes everybody for the next. */
static void pass_round(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	for (unsigned i = 0; i < b->rounds; i++) {
		enter(&g);
		while (b->turn % 16 != index)
			b->impl->wait(b->cond, &g);
		b->turn++;
		b->impl->broadcast(b->cond);
		leave(&g);
	}
	free(g.node);
}

LAW(cond, survives_oversubscription, "16 threads finish on few cores")
{
	struct bench b = bench_new(impl, 60);

	law_crew(16, pass_round, &b);
	CHECK_EQ(b.turn, 16 * b.rounds);
	bench_end(&b);
}

static void time_out(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);
	uint64_t deadline = index ? SOON : 0;
	int r;

	enter(&g);
	do
		r = b->impl->timedwait(b->cond, &g, deadline);
	while (r == SYNC_OK); /* for no reason: allowed */
	CHECK_EQ(r, SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	b->timed_out++;
	leave(&g);
	free(g.node);
}

LAW(cond, timed_times_out, "a wait without a signal times out, not too early")
{
	struct bench b = bench_new(impl, 1);

	NEEDS(timedwait);
	law_crew(4, time_out, &b);
	CHECK_EQ(b.timed_out, 4);
	/* nobody waits any more: these wake nobody, and break nothing */
	impl->signal(b.cond, 3);
	impl->broadcast(b.cond);
	law_crew(2, time_out, &b);
	bench_end(&b);
}

struct patient {
	struct bench b;
	struct law_waiter waiters[FAR_DEADLINES];
};

static void wait_for_ages(void *shared, unsigned index)
{
	struct patient *p = shared;
	struct guard g = join(&p->b);

	law_about_to_wait(&p->waiters[index]);
	enter(&g);
	while (!p->b.over)
		CHECK_EQ(p->b.impl->timedwait(p->b.cond, &g,
					      law_far_deadline(index)),
			 SYNC_OK);
	leave(&g);
	free(g.node);
}

LAW(cond, far_deadline_waits, "a deadline years away has not passed")
{
	struct patient p = { .b = bench_new(impl, 1) };
	struct crew *c;

	NEEDS(timedwait);
	c = crew_start_waiting(FAR_DEADLINES, wait_for_ages, &p, p.waiters);
	broadcast_inside(&p.b);
	crew_join(c);
	bench_end(&p.b);
}

/* Waits without a deadline for a token; the other one may give up. */
static void wait_for_token(struct bench *b, const struct guard *g)
{
	enter(g);
	b->waiting++;
	while (!b->tokens)
		b->impl->wait(b->cond, g);
	b->tokens--;
	b->served++;
	leave(g);
}

static void wait_or_give_up(struct bench *b, const struct guard *g)
{
	uint64_t deadline;
	int r;

	enter(g);
	b->waiting++;
	b->deadline = deadline = deadline_in(20 * NS_PER_US);
	do
		r = b->impl->timedwait(b->cond, g, deadline);
	while (r == SYNC_OK && !b->tokens);
	/* late: leaves the token, and the signal, to the other one */
	if (r == SYNC_OK) {
		b->tokens--;
		b->returned++;
	} else {
		b->timed_out++;
	}
	leave(g);
}

/* Round i begins when the stage is i + 1. */
static void race_with_timeout(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	for (unsigned i = 0; i < b->rounds; i++) {
		SHORTLY(atomic_load(&b->stage) == i + 1);
		if (index)
			wait_or_give_up(b, &g);
		else
			wait_for_token(b, &g);
		atomic_fetch_add(&b->done, 1);
	}
	free(g.node);
}

/*
 * Return at about the moment when a timed waiter gives up, a little later in
 * each round: a spinner does so at once, a sleeper after the kernel's timer
 * slack of 50 us.
 */
static void meet_the_deadline(struct bench *b, unsigned round)
{
	struct guard g = join(b);
	uint64_t until;

	enter(&g);
	until = b->deadline;
	leave(&g);
	free(g.node);
	until += round % 2 ? round % 128 * 32 : round % 256 * 500;
	law_busy_until(until);
}

/* Put a token down and signal once. */
static void give_token(struct bench *b, const struct guard *g, bool inside)
{
	enter(g);
	b->tokens++;
	if (inside)
		b->impl->signal(b->cond, 1);
	leave(g);
	if (!inside)
		b->impl->signal(b->cond, 1);
}

LAW(cond, timeout_races_signal, "a waiter that gives up takes no signal along")
{
	struct bench b = bench_new(impl, 5000);
	struct guard g = join(&b);
	struct crew *c;

	NEEDS(timedwait);
	c = crew_start(2, race_with_timeout, &b);
	for (unsigned i = 0; i < b.rounds; i++) {
		b.waiting = b.returned = b.timed_out = b.served = 0;
		atomic_store(&b.done, 0);
		atomic_store(&b.stage, i + 1);
		SHORTLY(peek(&b, &b.waiting) == 2);
		meet_the_deadline(&b, i);
		give_token(&b, &g, i / 2 % 2);
		/* one token, one signal: it goes to one or to the other */
		SHORTLY(peek(&b, &b.served) || peek(&b, &b.returned));
		if (peek(&b, &b.returned))
			give_token(&b, &g, true);
		SHORTLY(atomic_load(&b.done) == 2);
		CHECK_EQ(b.served, 1);
		CHECK_EQ(b.returned + b.timed_out, 1);
		CHECK_EQ(b.tokens, 0);
	}
	crew_join(c);
	free(g.node);
	bench_end(&b);
}

/* The same with threads that stay, and several of each. */
static void stay_and_race(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);
	int r;

	enter(&g);
	for (unsigned i = 0; !b->over; i++) {
		if (b->tokens) {
			b->tokens--;
			b->served++;
		} else if (index < 2) {
			b->impl->wait(b->cond, &g);
		} else {
			r = b->impl->timedwait(
				b->cond, &g,
				deadline_in((i + index) % 8 * 10 * NS_PER_US));
			/* gives up for a while, whatever lies there now */
			if (r) {
				leave(&g);
				sched_yield();
				enter(&g);
			}
		}
	}
	leave(&g);
	free(g.node);
}

LAW(cond, timeouts_starve_nobody,
    "a token is served however many others time out")
{
	struct bench b = bench_new(impl, 2000);
	struct guard g = join(&b);
	struct crew *c;

	NEEDS(timedwait);
	c = crew_start(4, stay_and_race, &b);
	for (unsigned i = 0; i < b.rounds; i++) {
		give_token(&b, &g, i % 2);
		SHORTLY(peek(&b, &b.served) > i);
	}
	broadcast_inside(&b);
	crew_join(c);
	free(g.node);
	bench_end(&b);
}

LAW(cond, latecomer_takes_nothing,
    "a signal goes to one who waited when it was sent")
{
	struct bench b = bench_new(impl, 1000);
	struct guard g = join(&b);

	NEEDS(timedwait);
	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		b.waiting = b.returned = 0;
		c = crew_start(1, wait_once, &b);
		SHORTLY(peek(&b, &b.waiting));
		enter(&g);
		impl->signal(b.cond, 1);
		/* we come later, and try to take it back */
		for (unsigned k = 0; k < i % 3; k++)
			impl->timedwait(b.cond, &g, deadline_in(k * 1000));
		leave(&g);
		crew_join(c); /* hangs if the wait has not ended */
		CHECK_EQ(b.returned, 1);
	}
	free(g.node);
	bench_end(&b);
}

static void wait_again(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		enter(&g);
		b->waiting++;
		b->impl->wait(b->cond, &g);
		b->returned++;
		leave(&g);
	}
	free(g.node);
}

/* A wait that has begun is owed a signal; who returns for no reason leaves more
 * for the others. */
LAW(cond, signals_match_waits, "as many signals as waits let every wait end")
{
	struct bench b = bench_new(impl, 1500);
	struct guard g = join(&b);
	struct crew *c = crew_start(3, wait_again, &b);
	unsigned sent = 0;

	while (sent < 3 * b.rounds) {
		unsigned burst = 1 + sent % 4;

		if (sent + burst > 3 * b.rounds)
			burst = 3 * b.rounds - sent;
		/* each to one that may still be on its way to sleep */
		for (; burst; burst--) {
			SHORTLY(peek(&b, &b.waiting) > sent);
			enter(&g);
			impl->signal(b.cond, 1);
			leave(&g);
			sent++;
		}
		SHORTLY(peek(&b, &b.returned) >= sent);
	}
	crew_join(c);
	free(g.node);
	bench_end(&b);
}

static void arrive_in_order(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	EVENTUALLY(atomic_load(&b->done) > index);
	enter(&g);
	b->waiting++;
	b->impl->wait(b->cond, &g);
	b->order[b->returned++] = index;
	leave(&g);
	free(g.node);
}

LAW(cond, fifo_if_flagged, "a signal wakes the one that has waited longest")
{
	struct bench b = bench_new(impl, 1);
	struct crew *c;

	if (!(impl->id.flags & IMPL_FIFO))
		trial_skip("any waiter may be woken: not flagged as FIFO");
	c = crew_start(8, arrive_in_order, &b);
	for (unsigned i = 1; i <= 8; i++) {
		atomic_store(&b.done, i);
		EVENTUALLY(peek(&b, &b.waiting) == i);
	}
	for (unsigned i = 1; i <= 8; i++) {
		impl->signal(b.cond, 1);
		EVENTUALLY(peek(&b, &b.returned) == i);
	}
	crew_join(c);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(b.order[i], i);
	bench_end(&b);
}

/* Two conditions on one mutex, as in every bounded buffer. */
struct buffer {
	struct bench b; /* waits for "not full" */
	void *not_empty;
	unsigned items, sum;
};

static void put_and_get(void *shared, unsigned index)
{
	struct buffer *q = shared;
	struct bench *b = &q->b;
	struct guard g = join(b);

	for (unsigned i = 0; i < b->rounds; i++) {
		enter(&g);
		if (index % 2) {
			while (q->items == 0)
				b->impl->wait(q->not_empty, &g);
			q->items--;
			q->sum++;
			b->impl->signal(b->cond, 1);
		} else {
			while (q->items == 1)
				b->impl->wait(b->cond, &g);
			q->items++;
			b->impl->signal(q->not_empty, 1);
		}
		leave(&g);
	}
	free(g.node);
}

LAW(cond, shares_a_mutex, "two conditions on one mutex do not mix")
{
	struct buffer q = { .b = bench_new(impl, 5000),
			    .not_empty = law_object(&impl->id) };

	if (impl->init)
		CHECK_EQ(impl->init(q.not_empty), 0);
	law_age(&impl->id, q.not_empty);
	law_crew(4, put_and_get, &q);
	CHECK_EQ(q.items, 0);
	CHECK_EQ(q.sum, 2 * q.b.rounds);
	if (impl->destroy)
		impl->destroy(q.not_empty);
	free(q.not_empty);
	bench_end(&q.b);
}

enum { POISON = 0xa5 };

static void destroy_and_poison(struct bench *b)
{
	if (b->impl->destroy)
		b->impl->destroy(b->cond);
	memset(b->cond, POISON, b->impl->id.size);
}

/* The poison is whole: nobody has touched what was destroyed. */
static void make_anew(struct bench *b)
{
	for (size_t i = 0; i < b->impl->id.size; i++)
		CHECK_EQ(((unsigned char *)b->cond)[i], POISON);
	memset(b->cond, 0, b->impl->id.size);
	cond_begin(b);
}

LAW(cond, destroy_after_broadcast,
    "it may be destroyed as soon as all have been woken")
{
	struct bench b = bench_new(impl, 1000);
	struct guard g = join(&b);

	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		b.waiting = 0;
		c = crew_start(3, wait_once, &b);
		SHORTLY(peek(&b, &b.waiting) == 3);
		enter(&g);
		impl->broadcast(b.cond);
		/* the waiters cannot have returned: they need the mutex */
		if (i % 2)
			destroy_and_poison(&b);
		leave(&g);
		if (i % 2 == 0)
			destroy_and_poison(&b);
		crew_join(c);
		make_anew(&b);
	}
	free(g.node);
	bench_end(&b);
}

static void wait_a_moment(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	(void)index;
	enter(&g);
	b->waiting++;
	b->deadline = deadline_in(20 * NS_PER_US);
	b->impl->timedwait(b->cond, &g, b->deadline);
	b->returned++;
	leave(&g);
	free(g.node);
}

LAW(cond, destroy_waits_for_timeouts,
    "it may be destroyed while timed waiters are on their way out")
{
	struct bench b = bench_new(impl, 2500);

	NEEDS(timedwait);
	for (unsigned i = 0; i < b.rounds; i++) {
		struct crew *c;

		b.waiting = 0;
		c = crew_start(2, wait_a_moment, &b);
		SHORTLY(peek(&b, &b.waiting) == 2);
		meet_the_deadline(&b, i);
		impl->broadcast(b.cond);
		destroy_and_poison(&b);
		crew_join(c);
		make_anew(&b);
	}
	bench_end(&b);
}

static void signal_and_leave(void *shared, unsigned index)
{
	struct bench *b = shared;
	struct guard g = join(b);

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		enter(&g);
		while (b->tokens)
			b->impl->wait(b->cond, &g);
		b->tokens++;
		/* the one who sees the token destroys it at once */
		b->impl->signal(b->cond, 1);
		leave(&g);
		SHORTLY(atomic_load(&b->done) == i + 1);
	}
	free(g.node);
}

LAW(cond, destroy_after_wait, "the one that was woken may destroy it at once")
{
	struct bench b = bench_new(impl, 5000);
	struct guard g = join(&b);
	struct crew *c = crew_start(1, signal_and_leave, &b);

	for (unsigned i = 0; i < b.rounds; i++) {
		enter(&g);
		while (!b.tokens)
			impl->wait(b.cond, &g);
		b.tokens--;
		destroy_and_poison(&b);
		make_anew(&b);
		leave(&g);
		atomic_store(&b.done, i + 1);
	}
	crew_join(c);
	free(g.node);
	bench_end(&b);
}

LAW(cond, zero_is_valid, "all-zero bytes are a condition without waiters")
{
	struct bench b = bench_new(impl, 100);

	if (impl->id.flags & IMPL_NEEDS_INIT)
		trial_skip("needs init");
	memset(b.cond, 0, impl->id.size);
	impl->signal(b.cond, 1);
	impl->broadcast(b.cond);
	turns(&b);
	bench_end(&b);
}

LAW(cond, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}
