/* SPDX-License-Identifier: MIT */
#include "fairness.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Sources: R. Jain, D. Chiu and W. Hawe, "A quantitative measure of fairness",
 * DEC-TR-301 (1984); C. Gini's coefficient in its form for sorted values. The
 * threads are all there are, not a sample: n below the variance, not n - 1.
 */
struct fairness fairness_of(double *ops, size_t n)
{
	double sum = 0, squares = 0, ranked = 0, count = (double)n;

	qsort(ops, n, sizeof(*ops), ascending);
	for (size_t i = 0; i < n; i++) {
		sum += ops[i];
		squares += ops[i] * ops[i];
		ranked += (double)(i + 1) * ops[i];
	}
	if (sum <= 0)
		return (struct fairness){ 0 };

	double mean = sum / count;
	double variance = squares / count - mean * mean;

	return (struct fairness){
		.jain = sum * sum / (count * squares),
		.min_share = ops[0] / mean,
		.gini = 2 * ranked / (count * sum) - (count + 1) / count,
		.cv = variance > 0 ? sqrt(variance) / mean : 0,
	};
}
