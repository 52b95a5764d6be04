/* SPDX-License-Identifier: MIT */
/*
 * Runs the unit tests of all files and closes with a line of counts.
 */
#include <stdio.h>

#include "units.h"

extern const struct units *const __start_synclab_units[];
extern const struct units *const __stop_synclab_units[];

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int run, failed;

	for (const struct units *const *u = __start_synclab_units;
	     u < __stop_synclab_units; u++) {
		Suite *suite = suite_create((*u)->name);
		TCase *tcase = tcase_create((*u)->name);

		tcase_set_timeout(tcase, 60);
		for (const TTest *const *t = (*u)->tests; *t; t++)
			tcase_add_test(tcase, *t);
		suite_add_tcase(suite, tcase);
		srunner_add_suite(runner, suite);
	}
	srunner_run_all(runner, CK_NORMAL);
	run = srunner_ntests_run(runner);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	printf("unit tests: %d passed, %d failed, 0 skipped\n", run - failed,
	       failed);
	return failed != 0;
}
