/* SPDX-License-Identifier: MIT */
/*
 * The loop of most detectors: laws, run again and again under other settings.
 */
#include <stdlib.h>
#include <string.h>

#include "../law/list.h"
#include "../reasons.h"
#include "detector.h"

void finding_add(struct finding *f, const char *law, const struct settings *s,
		 const struct outcome *o)
{
	f->runs++;
	if (o->verdict == SKIPPED)
		reasons_add(f->gaps, sizeof(f->gaps), law, o->message);
	if (o->verdict == PASSED || o->verdict == SKIPPED)
		return;
	reasons_add(f->failures, sizeof(f->failures), law, o->message);
	if (f->failed++)
		return;
	f->verdict = o->verdict;
	f->seed = s->seed;
	f->outcome = *o;
	snprintf(f->law, sizeof(f->law), "%s", law);
	settings_describe(s, f->settings, sizeof(f->settings));
}

/* How a law has fared in this hunt. */
struct hunted {
	const struct law *law;
	double elapsed_s;
	unsigned runs;
	bool skipped;
	bool rehearsed;
	struct perturb_size size;
};

/* Where one thread alone uses the implementation, no schedule makes a
 * difference: such a law counts as if it took so much longer. */
enum { ALONE = 16 };

static bool is_alone(const struct hunted *h)
{
	unsigned n = 0;

	for (unsigned i = 0; i < PERTURB_SIZES; i++)
		n += h->size.bits[i] != 0;
	return h->rehearsed && n <= 1;
}

static double claim(const struct hunted *h)
{
	return is_alone(h) ? ALONE * h->elapsed_s : h->elapsed_s;
}

/* The law that has had the least time so far, untried ones first. */
static struct hunted *next(struct hunted *laws, size_t n)
{
	struct hunted *least = NULL;

	for (size_t i = 0; i < n; i++)
		if (!laws[i].skipped &&
		    (!least || claim(&laws[i]) < claim(least)))
			least = &laws[i];
	return least;
}

static struct hunted *wanted(const char *kind, const char *only, size_t *n)
{
	const struct law *const *all = laws_of(kind);
	struct hunted *laws;
	size_t count = 0;

	while (all[count])
		count++;
	laws = calloc(count + 1, sizeof(*laws));
	if (!laws)
		abort();
	*n = 0;
	for (size_t i = 0; i < count; i++)
		if (!only || strcmp(all[i]->name, only) == 0)
			laws[(*n)++].law = all[i];
	free((void *)all);
	return laws;
}

static void run_one(struct hunted *h, const struct registration *r,
		    const struct settings *s, struct finding *f)
{
	static struct outcome o; /* 64 KiB */

	law_trial(h->law, r, s, &o);
	finding_add(f, h->law->name, s, &o);
	if (h->runs++ == 0)
		f->laws++;
	h->elapsed_s += o.elapsed_s;
	if (o.verdict == SKIPPED) {
		h->skipped = true;
		f->skipped++;
	}
}

/* A run without perturbation, which tells how large one is. It counts as any
 * other: it may fail. */
static void rehearse(struct hunted *h, const struct registration *r,
		     const struct settings *s, struct finding *f)
{
	struct settings plain = *s;

	plain.perturbation = (struct perturbation){ 0 };
	run_one(h, r, &plain, f);
	perturb_measure(&h->size);
	h->rehearsed = true;
}

/* Each law once; all that fail are told, not the first alone, up to one that
 * hangs: it has taken its whole limit, and others would as well. */
static void once_each(struct hunted *laws, size_t n,
		      const struct registration *r, const struct budget *b,
		      struct finding *f)
{
	struct settings s = { .seed = b->seed, .limit_s = b->limit_s };

	for (size_t i = 0; i < n && f->verdict != HUNG; i++)
		run_one(&laws[i], r, &s, f);
}

static void again_and_again(struct hunted *laws, size_t n,
			    const struct registration *r,
			    const struct budget *b,
			    void (*settle)(struct settings *s),
			    struct finding *f)
{
	uint64_t start = now_ns();
	struct hunted *h;

	while (f->verdict == PASSED && (h = next(laws, n))) {
		struct settings s = { .seed = b->seed + h->runs - h->rehearsed,
				      .limit_s = b->limit_s };

		if (h->runs && elapsed_s(start) > b->seconds)
			break;
		settle(&s);
		if (s.perturbation.strategy != PERTURB_NONE) {
			if (!h->rehearsed)
				rehearse(h, r, &s, f);
			if (f->verdict != PASSED || h->skipped)
				continue;
			s.perturbation.size = h->size;
		}
		run_one(h, r, &s, f);
	}
}

void hunt_laws(const struct registration *r, const struct budget *b,
	       void (*settle)(struct settings *s), struct finding *f)
{
	uint64_t start = now_ns();
	size_t n;
	struct hunted *laws = wanted(r->kind, b->law, &n);

	if (perturb_available())
		perturb_prepare();
	if (settle)
		again_and_again(laws, n, r, b, settle, f);
	else
		once_each(laws, n, r, b, f);
	free(laws);
	f->elapsed_s = elapsed_s(start);
}
