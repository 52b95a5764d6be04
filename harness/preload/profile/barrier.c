/* SPDX-License-Identifier: MIT */
#include "kinds.h"
#include "lock.h"

static int init(pthread_barrier_t *b, const pthread_barrierattr_t *attributes,
		unsigned count)
{
	INITIALISE(b, PROFILE_BARRIER,
		   below.pthread_barrier_init(b, attributes, count));
}

/* The barrier may be gone when the wait is over: only its record is used. */
static int wait(pthread_barrier_t *b)
{
	struct view *v = view_of(b, PROFILE_BARRIER, CALL_SITE);
	uint64_t from;
	int r;

	if (!v)
		return below.pthread_barrier_wait(b);
	view_ask(v, CALL_SITE);
	view_count(v, TALLY_WRITES);
	from = ticks();
	r = below.pthread_barrier_wait(b);
	view_waited(v, ticks() - from);
	return r;
}

void profile_barriers(struct calls *table)
{
	table->pthread_barrier_init = init;
	table->pthread_barrier_wait = wait;
}
