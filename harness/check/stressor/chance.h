/* SPDX-License-Identifier: MIT */
/*
 * Decisions of stressors: each thread draws from a sequence of its own, which
 * the seed and the order in which threads first draw determine.
 * Thread-safe: all but chance_seed.
 */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdbool.h>
#include <stdint.h>

/* Before other threads draw. */
void chance_seed(uint64_t seed);

/* 0 .. below - 1 */
uint64_t chance(uint64_t below);

/* True once in n times. */
bool one_in(unsigned n);

/* Sleep for less than most_ns; errno stays as it is. */
void chance_nap(uint64_t most_ns);

#endif
