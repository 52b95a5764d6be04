/* SPDX-License-Identifier: MIT */
/*
 * The child's part of a window: threads, phases, figures.
 */
#ifndef WINDOW_CHILD_H
#define WINDOW_CHILD_H

#include "window.h"

/* Fills in r, completely or with r->why. Called once in a process. */
void window_child(struct cell *c, const struct window_plan *plan,
		  struct window_result *r);

/* Sleep, whatever signals come. */
void sleep_until(uint64_t deadline);

#endif
