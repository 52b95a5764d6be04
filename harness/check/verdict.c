/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <csv.h>

#include "law_list.h"

bool job_caught(const struct job *j)
{
	return j->finding.verdict != PASSED && j->finding.verdict != SKIPPED;
}

/* Where the report of a job is kept: build/check/KIND-NAME/DETECTOR.txt. */
static void report_path(const struct job *j, char *path, size_t size)
{
	char root[4200];

	snprintf(root, sizeof(root), "%s/check", build_folder());
	mkdir(root, 0777);
	snprintf(path, size, "%s/%s-%s", root, j->subject->kind,
		 j->subject->id->name);
	mkdir(path, 0777);
	snprintf(path, size, "%s/%s-%s/%s.txt", root, j->subject->kind,
		 j->subject->id->name, j->detector->name);
}

static void print_replay(FILE *out, const struct job *j)
{
	const struct finding *f = &j->finding;

	fprintf(out, "%s check --detectors=%s --seed=%llu",
		program_invocation_name, j->detector->name,
		(unsigned long long)f->seed);
	if (law_named(j->subject->kind, f->law))
		fprintf(out, " --law=%s", f->law);
	fprintf(out, " %s/%s\n", j->subject->kind, j->subject->id->name);
}

/* The report as a file of its own; its path, or NULL if there is none. */
static const char *keep_report(const struct job *j)
{
	static char path[4400];
	const struct finding *f = &j->finding;
	FILE *out;

	report_path(j, path, sizeof(path));
	out = fopen(path, "w");
	if (!out)
		return NULL;
	fprintf(out, "%s/%s, %s, %s: %s\n%s\nagain: ", j->subject->kind,
		j->subject->id->name, j->detector->name, f->law,
		f->outcome.message, f->settings);
	print_replay(out, j);
	fprintf(out, "\n%s", f->outcome.report);
	return fclose(out) == 0 ? path : NULL;
}

/* One line for each "law: reason" of a list. */
static void print_list(const char *mark, const struct job *j, const char *list)
{
	while (*list) {
		const char *end = strstr(list, "; ");
		int length = (int)(end ? end - list : (long)strlen(list));

		printf("%s  %s/%s %s %.*s\n", mark, j->subject->kind,
		       j->subject->id->name, j->detector->name, length, list);
		list += length + (end ? 2 : 0);
	}
}

void verdict_line(const struct job *j, bool whole)
{
	const struct finding *f = &j->finding;

	print_list("FAIL", j, f->failures);
	if (whole)
		print_list("SKIP", j, f->gaps);
	if (f->verdict == SKIPPED)
		printf("SKIP  %s/%s %s: %s\n", j->subject->kind,
		       j->subject->id->name, j->detector->name,
		       f->outcome.message);
	else
		printf("%-5s %s/%s %s: %u laws, %u runs, %u fail, %u skipped "
		       "(%.1f s)\n",
		       job_caught(j) ? "FAIL" : "ok", j->subject->kind,
		       j->subject->id->name, j->detector->name, f->laws,
		       f->runs, f->failed, f->skipped, f->elapsed_s);
	if (job_caught(j)) {
		const char *path = keep_report(j);

		printf("      again: ");
		print_replay(stdout, j);
		if (path)
			printf("      report: %s\n", path);
	}
	fflush(stdout);
}

static void screen_line(const struct job *j)
{
	const struct finding *f = &j->finding;

	if (f->verdict == SKIPPED) {
		printf("  %-11s -        %s\n", j->detector->name,
		       f->outcome.message);
		return;
	}
	printf("  %-11s %-8s %u laws, %u runs, %.1f s: %s\n", j->detector->name,
	       verdict_name(f->verdict), f->laws, f->runs, f->elapsed_s,
	       j->detector->brief);
	if (!job_caught(j))
		return;
	printf("%22s%s: %s\n%22s%s\n", "", f->law, f->outcome.message, "",
	       f->settings);
}

enum { SCREEN_COLUMNS = 79, SCREEN_INDENT = 14 };

/* A word on the screen, on a new line where the old one is full. */
static void word(const char *text, int length, int *column)
{
	if (*column + length + 1 > SCREEN_COLUMNS) {
		printf("\n%*s", SCREEN_INDENT - 1, "");
		*column = SCREEN_INDENT - 1;
	}
	printf(" %.*s", length, text);
	*column += length + 1;
}

/* Is "law: " in a list of gaps? */
static bool in_gaps(const char *gaps, const char *law)
{
	size_t n = strlen(law);

	for (const char *at = gaps; (at = strstr(at, law)); at += n)
		if (at[n] == ':' && (at == gaps || at[-1] == ' '))
			return true;
	return false;
}

static void screen_laws(const struct job *j)
{
	const struct law *const *laws = laws_of(j->subject->kind);
	int column = SCREEN_INDENT - 1;

	printf("  %-11s", "laws");
	for (const struct law *const *l = laws; *l; l++)
		if (!in_gaps(j->finding.gaps, (*l)->name))
			word((*l)->name, (int)strlen((*l)->name), &column);
	putchar('\n');
	free((void *)laws);
}

/* The detectors skip the same laws, for the same reasons: told once. */
static void screen_gaps(const struct job *jobs, size_t n)
{
	const char *gaps = "";

	for (size_t i = 0; i < n && !gaps[0]; i++)
		gaps = jobs[i].finding.gaps;
	while (*gaps) {
		const char *end = strstr(gaps, "; ");
		int length = (int)(end ? end - gaps : (long)strlen(gaps));

		printf("  %-12s%.*s\n", "not covered", length, gaps);
		gaps += length + (end ? 2 : 0);
	}
	printf("  %-12s%s\n  %-12s%s\n", "not covered",
	       "what only weaker memory than this processor's can show",
	       "not covered", "schedules that no run came near");
}

bool verdict_screen(const struct job *jobs, size_t n)
{
	const struct job *first = NULL;
	size_t caught = 0, ran = 0;

	printf("\n%s/%s\n", jobs->subject->kind, jobs->subject->id->name);
	for (size_t i = 0; i < n; i++) {
		screen_line(&jobs[i]);
		ran += jobs[i].finding.verdict != SKIPPED;
		caught += job_caught(&jobs[i]);
		if (job_caught(&jobs[i]) && !first)
			first = &jobs[i];
	}
	if (!first)
		screen_laws(jobs);
	screen_gaps(jobs, n);
	if (!first) {
		printf("no fault found by %zu of %zu detectors\n", ran, n);
		return true;
	}
	printf("BROKEN: caught by %zu of %zu detectors; first look at %s\n",
	       caught, ran, keep_report(first));
	printf("again: ");
	print_replay(stdout, first);
	return false;
}

void verdict_csv_head(void)
{
	puts("kind,implementation,detector,verdict,laws,laws_failed,"
	     "laws_skipped,runs,elapsed_s,law,seed,settings,message,gaps");
}

static void field(const char *text, char end)
{
	csv_fwrite(stdout, text, strlen(text));
	putchar(end);
}

void verdict_csv(const struct job *j)
{
	const struct finding *f = &j->finding;

	printf("%s,%s,%s,%s,%u,%u,%u,%u,%.3f,%s,%llu,", j->subject->kind,
	       j->subject->id->name, j->detector->name,
	       verdict_name(f->verdict), f->laws, f->failed, f->skipped,
	       f->runs, f->elapsed_s, f->law, (unsigned long long)f->seed);
	field(f->settings, ',');
	field(f->outcome.message, ',');
	field(f->gaps, '\n');
	fflush(stdout);
}
