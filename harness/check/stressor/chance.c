/* SPDX-License-Identifier: MIT */
#include "chance.h"

#include "../../../primitives/sync.h"
#include "../../kit/splitmix.h"

static uint64_t root;
static _Atomic uint64_t streams;
static _Thread_local uint64_t state;

void chance_seed(uint64_t seed)
{
	root = seed;
	state = 0;
	atomic_store_explicit(&streams, 0, memory_order_relaxed);
}

uint64_t chance(uint64_t below)
{
	/* relaxed: only that each thread gets its own number matters */
	if (unlikely(!state))
		state = splitmix_mix(
			root ^ splitmix_mix(SPLITMIX_STEP *
					    atomic_fetch_add_explicit(
						    &streams, 1,
						    memory_order_relaxed)));
	return splitmix_next(&state) % below;
}

bool one_in(unsigned n)
{
	return chance(n) == 0;
}

void chance_nap(uint64_t most_ns)
{
	int saved = errno;
	struct timespec t = deadline_timespec(chance(most_ns));

	nanosleep(&t, NULL);
	errno = saved;
}
