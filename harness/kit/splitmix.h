/* SPDX-License-Identifier: MIT */
/*
 * splitmix64: random numbers from a state of 64 bits, any of which is as good a
 * seed as another.
 *
 * Source: G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number
 * generators" (OOPSLA 2014); S. Vigna's constants (prng.di.unimi.it, 2015).
 */
#ifndef KIT_SPLITMIX_H
#define KIT_SPLITMIX_H

#include <stdint.h>

#define SPLITMIX_STEP UINT64_C(0x9e3779b97f4a7c15)

/* Neighbours become strangers: to make seeds of seeds and numbers. */
static inline uint64_t splitmix_mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static inline uint64_t splitmix_next(uint64_t *state)
{
	return splitmix_mix(*state += SPLITMIX_STEP);
}

#endif
