/* SPDX-License-Identifier: MIT */
/*
 * The first thread has a turn only in each twentieth round. Of three threads
 * the other two have 40 turns between two of its own, and its share is 1/41:
 * 0.073 of an equal one.
 */
#include "_ring.h"

enum { ROUNDS = 20 };

static unsigned turns(unsigned seat, uint64_t round)
{
	return seat > 0 || round % ROUNDS == 0;
}

REGISTER_RING(turns, "known answer: the first thread has a turn in 20 rounds");
