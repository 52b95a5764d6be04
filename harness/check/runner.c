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
enum { LAW_SECONDS = 120 };

extern const struct law *const __start_synclab_law[];
extern const struct law *const __stop_synclab_law[];

static const struct registration *subject;

/* A skip happens in the law's process and is told in ours. */
static struct skip {
	char reason[200];
} *skip;

void law_skip(const char *reason)
{
	snprintf(skip->reason, sizeof(skip->reason), "%s",
		 reason ? reason : "no reason given");
	exit(0);
}

START_TEST(run_law)
{
	__start_synclab_law[_i]->run(subject);
}
END_TEST

static void report(const char *law, TestResult *result,
		   struct law_totals *totals)
{
	if (tr_rtype(result) != CK_PASS) {
		totals->failed++;
		printf("FAIL  %s/%s %s: %s:%d: %s\n", subject->kind,
		       subject->id->name, law, tr_lfile(result),
		       tr_lno(result), tr_msg(result));
	} else if (skip->reason[0]) {
		totals->skipped++;
		printf("SKIP  %s/%s %s: %s\n", subject->kind, subject->id->name,
		       law, skip->reason);
	} else {
		totals->passed++;
	}
}

static void run_one(int index, struct law_totals *totals)
{
	const struct law *law = __start_synclab_law[index];
	Suite *suite = suite_create(subject->id->name);
	TCase *tcase = tcase_create(law->name);
	SRunner *runner = srunner_create(suite);
	TestResult **results;

	skip->reason[0] = '\0';
	tcase_set_timeout(tcase, (double)LAW_SECONDS * law_effort);
	tcase_add_loop_test(tcase, run_law, index, index + 1);
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
	int n = (int)(__stop_synclab_law - __start_synclab_law);
	struct law_totals before = *totals;
	uint64_t start = now_ns();

	subject = r;
	if (!skip)
		skip = mmap(NULL, sizeof(*skip), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < n; i++)
		if (strcmp(__start_synclab_law[i]->kind, r->kind) == 0)
			run_one(i, totals);
	printf("%-5s %s/%s: %u laws hold, %u fail, %u skipped (%.1f s)\n",
	       totals->failed == before.failed ? "ok" : "FAIL", r->kind,
	       r->id->name, totals->passed - before.passed,
	       totals->failed - before.failed,
	       totals->skipped - before.skipped,
	       (double)(now_ns() - start) / (double)NS_PER_S);
	fflush(stdout);
}

void lab_list_laws(FILE *out, bool csv)
{
	for (size_t k = 0; lab_kinds[k]; k++)
		for (const struct law *const *l = __start_synclab_law;
		     l < __stop_synclab_law; l++)
			if (strcmp((*l)->kind, lab_kinds[k]) == 0)
				fprintf(out, csv ? "%s,%s,\"%s\"\n"
						 : "%-16s %-32s %s\n",
					(*l)->kind, (*l)->name, (*l)->brief);
}
