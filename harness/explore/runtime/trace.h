/* SPDX-License-Identifier: MIT */
/*
 * Traces in files: what was decided at each event, for --replay.
 *
 *	synclab-trace 1
 *	violation data race: ...
 *	model rc11
 *	options timeouts wake-any
 *	order 0x1234 0 0
 *	steps
 *	0 - - 1
 *	1 0:3 1:0 0
 *
 * A step: its thread, what it reads from and the write that it follows in co,
 * as thread:index ("-": the initial write, or none), the choice. They stand in
 * an order that agrees with porf, and a write follows one in co that stands
 * before it; the rest of co is made by those to come.
 */
#ifndef TRACE_H
#define TRACE_H

#include "search.h"
#include "violation.h"

struct trace {
	struct step *steps;
	unsigned n;
};

/* By enum explore_model. */
extern const char *const trace_models[];

/* The events of `keep` (porf-closed; NULL: all). */
struct trace trace_of(const struct graph *g, const struct view *keep);

/* Model and options are the page's. False after a line on the console. */
bool trace_save(const struct trace *t, const struct violation *v,
		const char *file);
bool trace_load(struct trace *t, const char *file);

#endif
