/* SPDX-License-Identifier: MIT */
/*
 * The first thread has nine turns at a time, the others one. Of two threads it
 * has nine tenths:
 *
 *	least share	1/10 of the turns, 0.2 of an equal share
 *	Jain		1 / (2 (0.9^2 + 0.1^2)) = 0.610
 *	Gini		0.9 - 0.5 = 0.4
 *	thread CV	0.8
 *	self-handover	8 of 10
 */
#include "_ring.h"

enum { TURNS = 9 };

static unsigned turns(unsigned seat, uint64_t round)
{
	(void)round;
	return seat == 0 ? TURNS : 1;
}

REGISTER_RING(
	turns,
	"known answer: the first thread has 9 turns of a visit, others 1");
