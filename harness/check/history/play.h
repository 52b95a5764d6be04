/* SPDX-License-Identifier: MIT */
/*
 * Runs a client on real threads, again and again on fresh objects, and judges
 * what it did. In a trial's process: it ends the trial if a history is wrong.
 */
#ifndef PLAY_H
#define PLAY_H

#include "model.h"

struct play {
	const struct model *model;
	const struct registration *subject;
	struct client client;
	unsigned repetitions;
};

/* Once, in the process that forks trials. */
void play_prepare(void);

/* There: how often the last trial's client was played to its end. */
unsigned play_repeated(void);

/* A body for trial_run; argument is a struct play. */
void play_trial(void *argument);

/*
 * Why this history is wrong, on one line, and a picture of it on stderr, after
 * it was cut to its shortest wrong beginning.
 */
void play_report(const struct model *m, const struct client *c,
		 struct history *h, char *why, size_t size);

#endif
