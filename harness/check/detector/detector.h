/* SPDX-License-Identifier: MIT */
/*
 * A detector: one way to find out that an implementation is wrong. One file
 * harness/check/detector/NAME.c is one detector, or a few that differ in their
 * build alone; its last statements register them.
 *
 * A detector has a budget and ends early when it has caught something. It finds
 * nothing in a correct implementation, whatever the machine does meanwhile: its
 * verdicts depend on no clock but the trial's limit, which means "hung".
 */
#ifndef DETECTOR_H
#define DETECTOR_H

#include <stdio.h>

#include "../../../primitives/register.h"
#include "../trial/trial.h"

struct budget {
	double seconds;	  /* to be spent, more or less */
	uint64_t seed;	  /* of each law's first run, then one more a run */
	unsigned limit_s; /* of each trial */
	const char *law;  /* only this law, or NULL */
};

enum { FINDING_LAW = 48, FINDING_TEXT = 4096 };

struct finding {
	enum verdict verdict; /* SKIPPED: not applicable, message says why */
	unsigned runs;
	double elapsed_s;
	unsigned laws, failed, skipped; /* of those that were tried */
	/* Of the first failure; law is empty if it is of none: */
	char law[FINDING_LAW];
	uint64_t seed; /* budget.seed that has it in its first run */
	char settings[200];
	struct outcome outcome;
	/* What failed, what was not covered: reasons.h */
	char failures[FINDING_TEXT], gaps[FINDING_TEXT];
};

struct detector {
	const char *name;
	const char *build; /* that it runs in: native, perturb, tsan-gcc ... */
	const char *brief; /* what it does and what it catches, one line */
	int rank;	   /* the order of lists: cheap ones first */
	/* What it runs, and what a run is; NULL: "laws", "runs". */
	const char *tries, *each;
	bool weak_memory; /* it sees what no run on this processor shows */
	/* How the laws are run; NULL: each once, plainly. See hunt_laws. */
	void (*settle)(struct settings *s);
	/* Where it runs other things than laws; settle is not used then. */
	void (*run)(const struct registration *r, const struct budget *b,
		    struct finding *f);
};

#define DETECTOR(id_, ...)                                                     \
	static const struct detector id_##_detector = { __VA_ARGS__ };         \
	__attribute__((                                                        \
		section("synclab_detector"), used,                             \
		retain)) static const struct detector *const id_##_entry =     \
		&id_##_detector

/* All of them by rank, NULL at the end. */
const struct detector *const *lab_detectors(void);

/* NULL if there is none of this name. */
const struct detector *lab_detector(const char *name);

/* Count one trial's outcome into f; the first failure stays. */
void finding_add(struct finding *f, const char *law, const struct settings *s,
		 const struct outcome *o);

/*
 * Run the laws of r's kind again and again until something is caught or the
 * budget is spent; each law at least once, the ones that have taken least time
 * so far first. settle says how the run with this seed is done, and depends on
 * nothing else. If it is NULL each law is run once, plainly.
 */
void hunt_laws(const struct registration *r, const struct budget *b,
	       void (*settle)(struct settings *s), struct finding *f);

#endif
