/* SPDX-License-Identifier: MIT */
/*
 * Program: a whole C program of the gallery, for bugs of no kind of ours. Its
 * main takes no arguments, starts and joins its threads, asserts, returns 0.
 *
 * The source stays plain C: the Makefile includes canary/program.h before it,
 * which makes its main a function and registers it.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include "../../../primitives/register.h"

struct program_impl {
	struct implementation id;
	int (*run)(void);
};

#endif
