/* SPDX-License-Identifier: MIT */
/*
 * Source of the generator: S. Vigna's splitmix64, after G. Steele et al., "Fast
 * splittable pseudorandom number generators" (OOPSLA 2014).
 */
#include "chance.h"

#include "../../primitives/sync.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

static uint64_t root;
static _Atomic uint64_t streams;
static _Thread_local uint64_t state;

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

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
		state = mix(root ^ mix(GOLDEN * atomic_fetch_add_explicit(
							&streams, 1,
							memory_order_relaxed)));
	state += GOLDEN;
	return mix(state) % below;
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
