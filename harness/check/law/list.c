/* SPDX-License-Identifier: MIT */
#include "list.h"

#include <stdlib.h>
#include <string.h>

#include "../../registry.h"

extern const struct law *const __start_synclab_law[];
extern const struct law *const __stop_synclab_law[];

static int by_line(const void *a, const void *b)
{
	const struct law *x = *(const struct law *const *)a;
	const struct law *y = *(const struct law *const *)b;

	return x->line - y->line;
}

const struct law *const *laws_of(const char *kind)
{
	size_t all = (size_t)(__stop_synclab_law - __start_synclab_law), n = 0;
	const struct law **laws = calloc(all + 1, sizeof(*laws));

	if (!laws)
		abort();
	for (size_t i = 0; i < all; i++)
		if (strcmp(__start_synclab_law[i]->kind, kind) == 0)
			laws[n++] = __start_synclab_law[i];
	qsort(laws, n, sizeof(*laws), by_line);
	return laws;
}

const struct law *law_named(const char *kind, const char *name)
{
	for (const struct law *const *l = __start_synclab_law;
	     l < __stop_synclab_law; l++)
		if (strcmp((*l)->kind, kind) == 0 &&
		    strcmp((*l)->name, name) == 0)
			return *l;
	return NULL;
}

struct law_case {
	const struct law *law;
	const struct registration *subject;
};

static void run(void *argument)
{
	struct law_case *c = argument;

	c->law->run(c->subject);
}

void law_trial(const struct law *law, const struct registration *r,
	       const struct settings *s, struct outcome *out)
{
	struct law_case c = { law, r };

	trial_run(s, run, &c, out);
}

void lab_list_laws(FILE *out, bool csv)
{
	for (size_t k = 0; lab_kinds[k]; k++) {
		const struct law *const *laws = laws_of(lab_kinds[k]);

		for (const struct law *const *l = laws; *l; l++)
			fprintf(out,
				csv ? "%s,%s,\"%s\"\n" : "%-16s %-32s %s\n",
				(*l)->kind, (*l)->name, (*l)->brief);
		free((void *)laws);
	}
}
