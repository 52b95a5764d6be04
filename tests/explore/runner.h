/* SPDX-License-Identifier: MIT */
/*
 * Between compare.c and the program that it has explored.
 */
#ifndef RUNNER_H
#define RUNNER_H

#include "litmus.h"

enum { TALLY_FD = 201 };

#endif
