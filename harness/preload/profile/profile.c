/* SPDX-License-Identifier: MIT */
#include "profile.h"

#include "../settings.h"
#include "kinds.h"
#include "view.h"
#include "write.h"

static struct pace_of_ticks begun;

static bool is_on(void)
{
	return settings.profile[0] != '\0';
}

/* The least of several, since any may be interrupted. */
static uint64_t measure_ticks(void)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 32; i++) {
		uint64_t from = ticks(), lasted = ticks() - from;

		if (lasted < least)
			least = lasted;
	}
	return least;
}

void profile_answer(struct calls *table)
{
	if (!is_on())
		return;
	ticks_cost = measure_ticks();
	begun = pace_now();
	profile_mutexes(table);
	profile_conds(table);
	profile_rwlocks(table);
	profile_semaphores(table);
	profile_barriers(table);
	profile_spins(table);
}

void profile_start(void)
{
	if (is_on())
		viewer_end_hook();
}

void profile_end(void)
{
	if (!is_on())
		return;
	viewers_flush();
	profile_write(begun);
}

void profile_before_fork(void)
{
	latch_close(&profile_latch);
}

void profile_in_parent(void)
{
	latch_open(&profile_latch);
}

void profile_in_child(void)
{
	if (!is_on())
		return;
	viewers_reset();
	records_reset();
	begun = pace_now();
}
