/* SPDX-License-Identifier: MIT */
/*
 * One Check test case a law, so that each has its own process, its own time
 * limit and its own name in the report.
 */
#include "runner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../registry.h"

/* Long enough for any law on a loaded machine: reaching it means "hung". */
unsigned law_limit_s = 300;

extern const struct law *const __start_synclab_law[];
extern const struct law *const __stop_synclab_law[];

static const struct registration *subject;

static int by_line(const void *a, const void *b)
{
	const struct law *x = *(const struct law *const *)a;
	const struct law *y = *(const struct law *const *)b;

	return x->line - y->line;
}

/* The laws of a kind, in the order of their file; NULL at the end. */
static const struct law *const *laws_of(const char *kind)
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

/* A skip happens in the law's process and is told in ours. */
static struct skip {
	char reason[200];
} * skip;

void law_skip(const char *reason)
{
	snprintf(skip->reason, sizeof(skip->reason), "%s",
		 reason ? reason : "no reason given");
	exit(0);
}

static const struct law *current;

START_TEST(run_law)
{
	current->run(subject);
}
END_TEST

static void report(const char *law, TestResult *result,
		   struct law_totals *totals)
{
	if (tr_rtype(result) != CK_PASS) {
		totals->failed++;
		printf("FAIL  %s/%s %s: %s:%d: %s\n", subject->kind,
		       subject->id->name, law, tr_lfile(result), tr_lno(result),
		       tr_msg(result));
	} else if (skip->reason[0]) {
		totals->skipped++;
		printf("SKIP  %s/%s %s: %s\n", subject->kind, subject->id->name,
		       law, skip->reason);
	} else {
		totals->passed++;
	}
}

static void run_one(const struct law *law, struct law_totals *totals)
{
	Suite *suite = suite_create(subject->id->name);
	TCase *tcase = tcase_create(law->name);
	SRunner *runner = srunner_create(suite);
	TestResult **results;

	skip->reason[0] = '\0';
	tcase_set_timeout(tcase, (double)law_limit_s * law_effort);
	current = law;
	tcase_add_test(tcase, run_law);
	suite_add_tcase(suite, tcase);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_SILENT);
	results = srunner_results(runner);
	report(law->name, results[0], totals);
	free(results);
	srunner_free(runner);
}

void lab_run_laws(const struct registration *r, struct law_totals *totals)
{
	const struct law *const *laws = laws_of(r->kind);
	struct law_totals before = *totals;
	uint64_t start = now_ns();

	subject = r;
	if (!skip)
		skip = mmap(NULL, sizeof(*skip), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!laws[0]) {
		printf("FAIL  %s/%s: kind %s has no laws: add "
		       "harness/check/law_%s.c\n",
		       r->kind, r->id->name, r->kind, r->kind);
		totals->failed++;
	}
	for (const struct law *const *l = laws; *l; l++)
		run_one(*l, totals);
	free((void *)laws);
	printf("%-5s %s/%s: %u laws hold, %u fail, %u skipped (%.1f s)\n",
	       totals->failed == before.failed ? "ok" : "FAIL", r->kind,
	       r->id->name, totals->passed - before.passed,
	       totals->failed - before.failed, totals->skipped - before.skipped,
	       (double)(now_ns() - start) / (double)NS_PER_S);
	fflush(stdout);
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
