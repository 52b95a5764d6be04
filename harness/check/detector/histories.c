/* SPDX-License-Identifier: MIT */
/*
 * Linearizability: random small clients on real threads, each history judged
 * against the sequential model of the kind. What is wrong is made smaller, a
 * thread or an operation at a time, as long as it still goes wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "../history/client.h"
#include "../history/play.h"
#include "../stressor/stressors.h"
#include "detector.h"

static const char law[] = "linearizable";

enum {
	/* of a client in one trial, at full speed */
	REPETITIONS = 100,
	/* until it has been so often repeated */
	TRIALS = 8,
	/* trials of one client with a strategy that acts once in a trial */
	SCHEDULES = 12,
};

static void settle(struct settings *s)
{
	if (perturb_available())
		s->perturbation.strategy = s->seed % PERTURB_STRATEGIES;
	s->perturbation.seed = s->seed * SCHEDULES;
	if (s->seed / PERTURB_STRATEGIES % 2)
		s->stressors = STRESS_AGED;
}

static bool acts_once(const struct settings *s)
{
	return s->perturbation.strategy == PERTURB_STALL ||
	       s->perturbation.strategy == PERTURB_PCT;
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

static void run_one(const struct play *p, const struct settings *s,
		    struct finding *f)
{
	static struct outcome o; /* 64 KiB */
	struct play smaller = *p;

	trial_run(s, play_trial, (void *)p, &o);
	if (o.verdict == FAILED)
		shrink(&smaller, s, &o);
	finding_add(f, law, s, &o);
}

/* One run without perturbation tells how large the client is; then so many
 * schedules of it. */
static void run_schedules(const struct play *p, struct settings s,
			  struct finding *f)
{
	struct settings plain = s;

	plain.perturbation = (struct perturbation){ 0 };
	run_one(p, &plain, f);
	perturb_measure(&s.perturbation.size);
	for (unsigned i = 0; f->verdict == PASSED && i < SCHEDULES; i++) {
		run_one(p, &s, f);
		s.perturbation.seed++;
	}
}

/* So often, in as few trials as it takes: one that gets stuck ends its trial.
 */
static void run_repeatedly(struct play *p, struct settings s, struct finding *f)
{
	unsigned left = s.perturbation.strategy == PERTURB_NONE
				? REPETITIONS
				: REPETITIONS / 4;

	for (unsigned i = 0; f->verdict == PASSED && left && i < TRIALS; i++) {
		p->repetitions = left;
		run_one(p, &s, f);
		left -= play_repeated();
		s.perturbation.seed++;
	}
}

/* A client, and all that this seed does with it. */
static void run_client(const struct registration *r, const struct model *m,
		       struct settings s, struct finding *f)
{
	struct play p = { .model = m, .subject = r, .repetitions = 1 };

	settle(&s);
	client_draw(&p.client, m, r, s.seed);
	if (acts_once(&s)) {
		run_schedules(&p, s, f);
		return;
	}
	run_repeatedly(&p, s, f);
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
	play_prepare();
	f->laws = 1;
	say_gaps(r, m, f);
	for (uint64_t i = 0; f->verdict == PASSED && (i == 0 || now_ns() < end);
	     i++)
		run_client(r, m,
			   (struct settings){ .seed = b->seed + i,
					      .limit_s = b->limit_s },
			   f);
	f->elapsed_s = elapsed_s(start);
}

DETECTOR(histories, .name = "histories", .build = "perturb", .rank = 40,
	 .brief = "random small clients, their histories judged against a "
		  "sequential model",
	 .run = run);
