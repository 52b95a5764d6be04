/* SPDX-License-Identifier: MIT */
/* Where an address goes in a table of 2^bits places: Fibonacci hashing (Knuth,
 * TAOCP 3, section 6.4). */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

static inline size_t hash_of(uint64_t key, unsigned bits)
{
	return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

#endif
