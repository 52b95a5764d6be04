/* SPDX-License-Identifier: MIT */
/*
 * Steps of threads drawn from the seed: uniform over threads; half of the
 * numbers uniform over the steps that a thread makes as far as is known, half
 * biased to the first ones, where objects are young and all is uncontended.
 */
#include <stdio.h>
#include <string.h>

#include "runtime.h"

/* If nothing is known: the main thread and a small crew, short ways. */
enum { USUAL_THREADS = 5, USUAL_BITS = 6 };

static bool by_place;
static struct target {
	uint32_t thread, step;
} targets[MAX_ACTS];

static uint32_t draw_thread(uint64_t *random, const struct perturb_size *size,
			    unsigned *bits)
{
	uint32_t busy[PERTURB_SIZES], n = 0;

	for (uint32_t i = 0; i < PERTURB_SIZES; i++)
		if (size->bits[i])
			busy[n++] = i;
	if (n == 0) {
		*bits = USUAL_BITS;
		return random_below(random, USUAL_THREADS);
	}
	n = busy[random_below(random, n)];
	*bits = size->bits[n];
	return n;
}

static uint32_t draw_step(uint64_t *random, unsigned bits)
{
	if (random_below(random, 2))
		bits = 1 + random_below(random, bits);
	return 1 + random_below(random, 1U << bits);
}

void targets_draw(uint64_t *random, const struct perturbation *p, unsigned n)
{
	by_place = n == 0;
	if (by_place)
		places_draw(random, p);
	memset(targets, 0, sizeof(targets));
	for (unsigned i = 0; i < n; i++) {
		unsigned bits;

		targets[i].thread = draw_thread(random, &p->size, &bits);
		targets[i].step = draw_step(random, bits);
	}
}

void targets_thread(struct thread *t)
{
	if (by_place)
		places_thread(t);
	for (unsigned i = 0; i < MAX_ACTS; i++)
		if (targets[i].thread == t->index)
			t->target[i] = targets[i].step;
}

int target_reached(struct thread *t, const void *pc, enum point point)
{
	uint32_t step = atomic_load_explicit(&t->steps, memory_order_relaxed);

	if (point == BEFORE_ATOMIC)
		return -1;
	if (by_place)
		return place_reached(t, pc, point);
	for (int i = 0; i < MAX_ACTS; i++)
		if (t->target[i] == step) {
			t->target[i] = 0;
			return i;
		}
	return -1;
}

void targets_describe(char *text, size_t size)
{
	size_t n = 0;

	text[0] = '\0';
	if (by_place)
		places_describe(text, size);
	for (unsigned i = 0; i < MAX_ACTS && targets[i].step && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "%s %u:%u",
				      i ? "," : "", targets[i].thread,
				      targets[i].step);
}
