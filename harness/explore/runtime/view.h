/* SPDX-License-Identifier: MIT */
/*
 * A set of events that is closed under program order, as a vector: of thread t
 * it holds the events with index < of[t]. Joins are one vector instruction.
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdint.h>

enum { THREADS_MAX = 16 };

struct view {
	uint16_t of[THREADS_MAX];
};

static inline struct view view_join(struct view a, struct view b)
{
	for (int t = 0; t < THREADS_MAX; t++)
		a.of[t] = a.of[t] > b.of[t] ? a.of[t] : b.of[t];
	return a;
}

static inline bool view_has(const struct view *v, unsigned thread,
			    unsigned index)
{
	return index < v->of[thread];
}

#endif
