/* SPDX-License-Identifier: MIT */
#include "scenarios.h"

#include <stdlib.h>
#include <string.h>

extern const struct scenario *const __start_synclab_scenario[];
extern const struct scenario *const __stop_synclab_scenario[];

static int compare(const void *a, const void *b)
{
	const struct scenario *x = *(const struct scenario *const *)a;
	const struct scenario *y = *(const struct scenario *const *)b;

	if (x->bound != y->bound)
		return x->bound < y->bound ? -1 : 1;
	return strcmp(x->name, y->name);
}

size_t lab_scenarios(const struct scenario *const **all)
{
	static const struct scenario **sorted;
	size_t n = (size_t)(__stop_synclab_scenario - __start_synclab_scenario);

	if (!sorted) {
		sorted = calloc(n, sizeof(*sorted));
		if (!sorted)
			abort();
		for (size_t i = 0; i < n; i++)
			sorted[i] = __start_synclab_scenario[i];
		qsort(sorted, n, sizeof(*sorted), compare);
	}
	*all = sorted;
	return n;
}

const struct scenario *lab_scenario(const char *name)
{
	const struct scenario *const *all;
	size_t n = lab_scenarios(&all);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

const char *lab_bound_name(enum bound bound)
{
	static const char *const names[] = { "micro", "cpu", "io", "mixed" };

	return names[bound];
}
