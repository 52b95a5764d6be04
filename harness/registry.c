/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

const char *const lab_kinds[] = {
	"mutex",     "recursive_mutex", "rwlock",  "cond",  "event",
	"semaphore", "barrier",		"once",	   "queue", "executor",
	"thread",    "local",		"counter", "gil",   "program",
	NULL,
};

extern const struct registration *const __start_synclab_impl[];
extern const struct registration *const __stop_synclab_impl[];

static size_t kind_rank(const char *kind)
{
	size_t i = 0;

	while (lab_kinds[i] && strcmp(lab_kinds[i], kind) != 0)
		i++;
	return i;
}

/* The three families first, in the order of the enum, then the others. */
static int compare(const void *a, const void *b)
{
	const struct registration *x = *(const struct registration *const *)a;
	const struct registration *y = *(const struct registration *const *)b;
	size_t kx = kind_rank(x->kind), ky = kind_rank(y->kind);
	int fx = x->id->family == OTHER ? PTHREAD + 1 : (int)x->id->family;
	int fy = y->id->family == OTHER ? PTHREAD + 1 : (int)y->id->family;

	if (kx != ky)
		return kx < ky ? -1 : 1;
	if (fx != fy)
		return fx - fy;
	return strcmp(x->id->name, y->id->name);
}

size_t lab_registrations(const struct registration *const **all)
{
	static const struct registration **sorted;
	size_t n = (size_t)(__stop_synclab_impl - __start_synclab_impl);

	if (!sorted) {
		sorted = calloc(n, sizeof(*sorted));
		if (!sorted)
			abort();
		for (size_t i = 0; i < n; i++)
			sorted[i] = __start_synclab_impl[i];
		qsort(sorted, n, sizeof(*sorted), compare);
	}
	*all = sorted;
	return n;
}

bool lab_is_kind(const char *kind)
{
	return lab_kinds[kind_rank(kind)] != NULL;
}

const struct registration *lab_find(const char *kind, const char *name)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i]->kind, kind) == 0 &&
		    strcmp(all[i]->id->name, name) == 0)
			return all[i];
	return NULL;
}

bool lab_matches(const struct registration *r, const char *pattern)
{
	char path[128];

	strcpy(stpcpy(stpcpy(path, r->kind), "/"), r->id->name);
	return fnmatch(pattern, path, 0) == 0 ||
	       fnmatch(pattern, r->kind, 0) == 0 ||
	       fnmatch(pattern, r->id->name, 0) == 0;
}

const char *lab_family_name(enum family family)
{
	switch (family) {
	case FUTEX:
		return "futex";
	case SPIN:
		return "spin";
	case PTHREAD:
		return "pthread";
	case OTHER:
		break;
	}
	return "other";
}
