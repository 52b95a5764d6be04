/* SPDX-License-Identifier: MIT */
/*
 * Linearizability: random small clients on real threads, each history judged
 * against the sequential model of the kind. What is wrong is made smaller, a
 * thread or an operation at a time, as long as it still goes wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "detector.h"
#include "history/client.h"
#include "history/play.h"

static const char law[] = "linearizable";

enum { REPETITIONS = 100 };

static void settle(struct settings *s)
{
	if (perturb_available())
		s->perturbation.strategy = s->seed % PERTURB_STRATEGIES;
	s->perturbation.seed = s->seed;
}

/* A strategy that acts once in a trial has no use for a second time. */
static unsigned repetitions(const struct settings *s)
{
	switch (s->perturbation.strategy) {
	case PERTURB_STALL:
		return 1;
	case PERTURB_PCT:
		return 3;
	case PERTURB_RANDOM:
		return REPETITIONS / 4;
	default:
		return REPETITIONS;
	}
}

/* ---- shrinking ---- */

enum { SHRINK_TRIES = 20, SHRINK_S = 3 };

/* Does it go wrong in one of so many trials? Then *out has it. */
static bool fails_again(const struct play *p, struct settings s,
			uint64_t deadline, struct outcome *out)
{
	for (unsigned i = 0; i < SHRINK_TRIES && !deadline_passed(deadline);
	     i++) {
		trial_run(&s, play_trial, (void *)p, out);
		if (out->verdict == FAILED)
			return true;
		if (out->verdict == HUNG)
			return false;
		s.perturbation.seed++;
	}
	return false;
}

/* The smallest that still goes wrong; *best becomes its outcome. */
static void shrink(struct play *p, const struct settings *s,
		   struct outcome *best)
{
	static struct outcome o; /* 64 KiB */
	uint64_t deadline = deadline_in(SHRINK_S * NS_PER_S);
	struct play smaller = *p;

	for (unsigned k = 0; !deadline_passed(deadline) &&
			     client_smaller(&p->client, k, &smaller.client);) {
		if (!fails_again(&smaller, *s, deadline, &o)) {
			k++;
			continue;
		}
		p->client = smaller.client;
		*best = o;
		k = 0;
	}
}

/* ---- the hunt ---- */

static void run_one(const struct registration *r, const struct model *m,
		    const struct settings *s, struct finding *f)
{
	static struct outcome o; /* 64 KiB */
	static struct play p;

	p = (struct play){ .model = m,
			   .subject = r,
			   .repetitions = repetitions(s) };
	client_draw(&p.client, m, r, s->seed);
	trial_run(s, play_trial, &p, &o);
	if (o.verdict == FAILED)
		shrink(&p, s, &o);
	finding_add(f, law, s, &o);
}

static void say_gaps(const struct registration *r, const struct model *m,
		     struct finding *f)
{
	for (size_t i = 0; i < m->n; i++) {
		size_t used = strlen(f->gaps);

		if (!client_has(&m->operations[i], r) &&
		    !m->operations[i].optional)
			snprintf(f->gaps + used, sizeof(f->gaps) - used,
				 "%s%s: %s", used ? "; " : "",
				 m->operations[i].name,
				 r->id->unsupported ? r->id->unsupported
						    : "not there");
	}
}

static void run(const struct registration *r, const struct budget *b,
		struct finding *f)
{
	const struct model *m = model_of(r->kind);
	uint64_t start = now_ns(), end;

	if (!m || (b->law && strcmp(b->law, law) != 0)) {
		f->verdict = SKIPPED;
		snprintf(f->outcome.message, sizeof(f->outcome.message),
			 m ? "no such law here"
			   : "no sequential model of this kind");
		return;
	}
	end = start + (uint64_t)(b->seconds * (double)NS_PER_S);
	if (perturb_available())
		perturb_prepare();
	f->laws = 1;
	say_gaps(r, m, f);
	for (uint64_t i = 0; f->verdict == PASSED && (i == 0 || now_ns() < end);
	     i++) {
		struct settings s = { .seed = b->seed + i,
				      .limit_s = b->limit_s };

		settle(&s);
		run_one(r, m, &s, f);
	}
	f->elapsed_s = (double)(now_ns() - start) / (double)NS_PER_S;
}

DETECTOR(.name = "histories", .build = "perturb", .rank = 40,
	 .brief = "random small clients, their histories judged against a "
		  "sequential model",
	 .run = run);
