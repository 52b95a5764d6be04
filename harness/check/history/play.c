/* SPDX-License-Identifier: MIT */
/*
 * The order of events is one counter: an event's place is what it read there
 * when it added one. The additions are acquire and release, so that they order
 * what the contracts speak of: an operation that responded before another one
 * was invoked happens before it. On x86 the order asked for makes no difference
 * to the code: a locked addition is a full fence. So the history is one of the
 * real order on either, and what it cannot show is a store that is delayed past
 * the end of its own operation.
 */
#include "play.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../law/law.h"
#include "../trial/trial.h"
#include "../trial/watchdog.h"
#include "client.h"
#include "judge.h"
#include "picture.h"

/* What one thread does and has done. */
struct part {
	struct stage *stage;
	struct actor actor;
	struct op ops[CLIENT_LAST]; /* at least CLIENT_OPS */
	/* How many of them were invoked; [A] release publishes the op so far,
	 * [B] acquire reads it. */
	_Atomic unsigned begun, ended;
};

struct stage {
	const struct play *play;
	struct scene scene;
	struct part parts[CLIENT_THREADS + 1]; /* the last: for the end */
	_Atomic uint32_t order;
	/* The repetition that may run, and who has come for it, or is done. */
	_Atomic uint32_t round;
	_Atomic unsigned met, done;
};

enum { IDLE_TURNS = 200 };

/* ---- one thread ---- */

static bool ready(const struct actor *a, const struct model *m,
		  const struct op *op)
{
	const struct operation *o = &m->operations[op->code];

	if (!client_has(o, a->scene->subject))
		return false;
	if (o->when != ALWAYS && (o->when == HOLDING) != (a->held > 0))
		return false;
	return !m->ready || m->ready(a, op);
}

static uint32_t next_event(struct stage *s)
{
	/* see the head of this file */
	return 1 +
	       atomic_fetch_add_explicit(&s->order, 1, memory_order_acq_rel);
}

/* Long enough for others to fall asleep, if they have to wait. */
static void rest(unsigned pause)
{
	if (pause == PAUSE_SLEEP)
		nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	else if (pause == PAUSE_YIELD)
		sched_yield();
	else
		for (unsigned turn = 0; turn < pause; turn++)
			cpu_relax();
}

/* False if it was left out. */
static bool perform(struct part *p, const struct op *planned)
{
	const struct model *m = p->stage->play->model;
	/* relaxed: only this thread writes it */
	unsigned i = atomic_load_explicit(&p->begun, memory_order_relaxed);
	struct op *op = &p->ops[i];

	if (!ready(&p->actor, m, planned))
		return false;
	*op = *planned;
	op->answer = SYNC_OK;
	rest(op->pause);
	op->invoked = next_event(p->stage);
	/* [A] */
	atomic_store_explicit(&p->begun, i + 1, memory_order_release);
	m->perform(&p->actor, op);
	op->responded = next_event(p->stage);
	/* [A] */
	atomic_store_explicit(&p->ended, i + 1, memory_order_release);
	return true;
}

/* Together, so that they overlap: nobody begins before all are there. */
static void meet(struct stage *s)
{
	unsigned n = s->play->client.threads;
	struct spinner spin = { 0 };

	atomic_fetch_add_explicit(&s->met, 1, memory_order_acq_rel);
	while (atomic_load_explicit(&s->met, memory_order_acquire) < n)
		spin_once(&spin, DEADLINE_NEVER);
}

/* Asleep, if it lasts: for the watchdog a thread that is done does nothing. */
static void await_round(struct stage *s, uint32_t round)
{
	struct spinner spin = { 0 };
	uint32_t now;

	for (unsigned turn = 0;; turn++) {
		now = atomic_load_explicit(&s->round, memory_order_acquire);
		if (now == round)
			return;
		if (turn < IDLE_TURNS)
			spin_once(&spin, DEADLINE_NEVER);
		else
			futex_wait(&s->round, now, DEADLINE_NEVER);
	}
}

static void *thread_main(void *argument)
{
	struct part *p = argument;
	struct stage *s = p->stage;
	const struct client *c = &s->play->client;
	unsigned me = p->actor.thread;

	for (uint32_t round = 1; round <= s->play->repetitions; round++) {
		await_round(s, round);
		meet(s);
		for (unsigned i = 0; i < c->n[me]; i++)
			perform(p, &c->ops[me][i]);
		atomic_fetch_add_explicit(&s->done, 1, memory_order_acq_rel);
	}
	return NULL;
}

/* ---- the whole ---- */

/* What has happened up to now; in a thread that is under way its last operation
 * has not returned. */
static void collect(struct stage *s, struct history *h)
{
	h->n = 0;
	for (unsigned t = 0; t <= CLIENT_THREADS; t++) {
		struct part *p = &s->parts[t];
		/* [B]: ended first, so that it is not ahead of begun */
		unsigned ended =
			atomic_load_explicit(&p->ended, memory_order_acquire);
		unsigned begun =
			atomic_load_explicit(&p->begun, memory_order_acquire);

		for (unsigned i = 0; i < ended; i++)
			h->ops[h->n++] = p->ops[i];
		if (begun == ended)
			continue;
		/* its thread may be writing the rest just now */
		h->ops[h->n++] = (struct op){
			.code = p->ops[ended].code,
			.thread = p->ops[ended].thread,
			.argument = p->ops[ended].argument,
			.invoked = p->ops[ended].invoked,
			.answer = NO_ANSWER,
		};
	}
}

static void print_parameters(const struct client *c)
{
	fprintf(stderr, "(parameters %d, %d)\n", c->parameters[0],
		c->parameters[1]);
}

void play_report(const struct model *m, const struct client *c,
		 struct history *h, char *why, size_t size)
{
	struct nearest nearest;

	judge_cut(m, c, h);
	judge(m, c, h, &nearest);
	picture_why(m, h, &nearest, picture_threads, why, size);
	picture_print(m, h, picture_threads, 80, stderr);
	if (m->draw)
		print_parameters(c);
	fprintf(stderr, "\n%s\n", why);
}

static _Noreturn void wrong(struct stage *s, struct history *h, bool certain)
{
	char why[300];

	play_report(s->play->model, &s->play->client, h, why, sizeof(why));
	if (trial_settings()->perturbation.strategy != PERTURB_NONE)
		fputs("(the schedule counts threads from 1, those that the "
		      "object has started first)\n",
		      stderr);
	if (certain)
		trial_fail("%s", why);
	trial_hung("%s", why);
}

static enum judgement judge_now(struct stage *s, struct history *h)
{
	collect(s, h);
	return judge(s->play->model, &s->play->client, h, NULL);
}

enum {
	/* How long nothing must happen before it is worth a look. What is seen
	 * then is either right as it stands, or it is waited for further. */
	QUIET_MS = 2,
	/* Before the trial's own limit, to say more than that can. */
	MARGIN_S = 1,
};

static void pause_us(long us)
{
	nanosleep(&(struct timespec){ .tv_nsec = us * 1000 }, NULL);
}

/* Nothing has happened for a while. True if the clients may wait like this for
 * ever; does not return if they may not and will. */
static bool rightly_stuck(struct stage *s, uint64_t limit)
{
	static struct history h;

	if (judge_now(s, &h) != WRONG)
		return true;
	/* not as it stands; is this its end? */
	if (watchdog_still() && judge_now(s, &h) == WRONG)
		wrong(s, &h, true);
	if (deadline_passed(limit) && judge_now(s, &h) == WRONG)
		wrong(s, &h, false);
	return false;
}

/* Until all threads are done: true; or none gets any further, rightly. */
static bool await_end(struct stage *s, uint64_t limit)
{
	unsigned n = s->play->client.threads;
	uint32_t events = 0;
	uint64_t since = now_ns();

	for (unsigned turn = 0;; turn++) {
		uint32_t now;

		if (atomic_load_explicit(&s->done, memory_order_acquire) == n)
			return true;
		if (turn < IDLE_TURNS) {
			sched_yield();
			continue;
		}
		pause_us(200);
		/* relaxed: whether it moves is all that counts */
		now = atomic_load_explicit(&s->order, memory_order_relaxed);
		if (now != events) {
			events = now;
			since = now_ns();
		} else if (now_ns() - since > QUIET_MS * NS_PER_MS) {
			if (rightly_stuck(s, limit))
				return false;
		}
	}
}

static void raise_curtain(struct stage *s)
{
	const struct registration *r = s->play->subject;

	s->scene.object = law_object(r->id);
	s->play->model->setup(&s->scene);
	for (unsigned t = 0; t <= CLIENT_THREADS; t++) {
		struct part *p = &s->parts[t];

		p->actor.object = s->scene.object;
		p->actor.held = 0;
		atomic_store_explicit(&p->begun, 0, memory_order_relaxed);
		atomic_store_explicit(&p->ended, 0, memory_order_relaxed);
	}
	atomic_store_explicit(&s->order, 0, memory_order_relaxed);
	atomic_store_explicit(&s->met, 0, memory_order_relaxed);
	atomic_store_explicit(&s->done, 0, memory_order_relaxed);
}

static void lower_curtain(struct stage *s)
{
	s->play->model->teardown(&s->scene);
	watchdog_forget(s->scene.object);
	free(s->scene.object);
}

/* What is left in the object, asked by this thread alone. */
static void look_at_the_end(struct stage *s)
{
	const struct model *m = s->play->model;
	struct part *p = &s->parts[CLIENT_THREADS];

	for (size_t code = 0; code < m->n; code++)
		for (unsigned i = 0; i < m->operations[code].last; i++) {
			struct op op = { .code = (uint8_t)code,
					 .thread = CLIENT_THREADS };

			if (!perform(p, &op) ||
			    p->ops[p->begun - 1].answer != SYNC_OK)
				break;
		}
}

/* False if it got stuck, rightly. */
static bool repeat(struct stage *s, uint32_t round, uint64_t limit)
{
	static struct history h;

	if (round > 1)
		raise_curtain(s);
	atomic_store_explicit(&s->round, round, memory_order_release);
	futex_wake_all(&s->round);
	if (!await_end(s, limit))
		return false;
	look_at_the_end(s);
	if (judge_now(s, &h) == WRONG)
		wrong(s, &h, true);
	lower_curtain(s);
	return true;
}

static void cast(struct stage *s)
{
	const struct registration *r = s->play->subject;

	for (unsigned t = 0; t <= CLIENT_THREADS; t++) {
		struct part *p = &s->parts[t];

		p->stage = s;
		p->actor = (struct actor){
			.scene = &s->scene,
			.impl = r->id,
			.node = law_node(r->id),
			.thread = t,
		};
	}
}

/* In memory that the trial shares with who has forked it. */
static _Atomic unsigned *repeated;

void play_prepare(void)
{
	if (repeated)
		return;
	repeated = mmap(NULL, sizeof(*repeated), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (repeated == MAP_FAILED)
		abort();
}

unsigned play_repeated(void)
{
	/* relaxed: the trial's process has been reaped */
	return atomic_load_explicit(repeated, memory_order_relaxed);
}

void play_trial(void *argument)
{
	static struct stage s; /* threads that are stuck outlive this call */
	uint64_t limit;
	pthread_t thread;

	s.play = argument;
	s.scene = (struct scene){ .subject = s.play->subject,
				  .client = &s.play->client };
	limit = deadline_in((trial_settings()->limit_s - MARGIN_S) * NS_PER_S);
	cast(&s);
	raise_curtain(&s);
	for (unsigned t = 0; t < s.play->client.threads; t++)
		CHECK_EQ(pthread_create(&thread, NULL, thread_main,
					&s.parts[t]),
			 0);
	/* what watches and judges is no part of the client; but the threads
	 * that an exempt one starts are exempt as well, so not before the last
	 * has been started */
	if (perturb_available() && s.play->repetitions == 1)
		perturb_exempt();
	atomic_store_explicit(repeated, 0, memory_order_relaxed);
	for (uint32_t round = 1; round <= s.play->repetitions; round++) {
		if (!repeat(&s, round, limit))
			return;
		atomic_store_explicit(repeated, round, memory_order_relaxed);
	}
}
