/* SPDX-License-Identifier: MIT */
#include "detector.h"

#include <stdlib.h>
#include <string.h>

extern const struct detector *const __start_synclab_detector[];
extern const struct detector *const __stop_synclab_detector[];

static int by_rank(const void *a, const void *b)
{
	const struct detector *x = *(const struct detector *const *)a;
	const struct detector *y = *(const struct detector *const *)b;

	return x->rank - y->rank;
}

const struct detector *const *lab_detectors(void)
{
	static const struct detector **all;
	size_t n = (size_t)(__stop_synclab_detector - __start_synclab_detector);

	if (all)
		return all;
	all = calloc(n + 1, sizeof(*all));
	if (!all)
		abort();
	for (size_t i = 0; i < n; i++)
		all[i] = __start_synclab_detector[i];
	qsort(all, n, sizeof(*all), by_rank);
	return all;
}

const struct detector *lab_detector(const char *name)
{
	const struct detector *const *d = lab_detectors();

	while (*d && strcmp((*d)->name, name) != 0)
		d++;
	return *d;
}
