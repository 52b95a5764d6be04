/* SPDX-License-Identifier: MIT */
/*
 * How evenly operations were shared out between threads. Between threads only:
 * what differs from run to run is noise, never to be pooled with this (M12).
 */
#ifndef FAIRNESS_H
#define FAIRNESS_H

#include <stddef.h>

struct fairness {
	double jain;	  /* 1 = all alike, 1/n = one has it all */
	double min_share; /* of the least-served, in fair shares */
	double gini;	  /* 0 = all alike, 1 - 1/n = one has it all */
	double cv;	  /* standard deviation / mean */
};

/* Sorts ops. All zero where nobody has done anything. */
struct fairness fairness_of(double *ops, size_t n);

#endif
