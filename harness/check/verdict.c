/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <csv.h>

#include "law/list.h"
#include "reasons.h"

bool job_caught(const struct job *j)
{
	return j->finding.verdict != PASSED && j->finding.verdict != SKIPPED;
}

/* Where the report of a job is kept: build/check/KIND-NAME/DETECTOR.txt.
 * Answers until the next call. */
static const char *report_path(const struct job *j)
{
	static char path[4400];

	snprintf(path, sizeof(path), "%s/check/%s-%s/%s.txt", build_folder(),
		 j->subject->kind, j->subject->id->name, j->detector->name);
	return path;
}

/* The folder of a file, and the folder that it is in. */
static void make_folders(const char *path)
{
	char folder[4400], above[4400];

	dirname(strcpy(folder, path));
	mkdir(dirname(strcpy(above, folder)), 0777);
	mkdir(folder, 0777);
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

/* The report as a file of its own; false if that cannot be. */
static bool keep_report(const struct job *j)
{
	const struct finding *f = &j->finding;
	FILE *out;

	make_folders(report_path(j));
	out = fopen(report_path(j), "w");
	if (!out)
		return false;
	fprintf(out, "%s/%s, %s, %s: %s\n%s\nagain: ", j->subject->kind,
		j->subject->id->name, j->detector->name, f->law,
		f->outcome.message, f->settings);
	print_replay(out, j);
	fprintf(out, "\n%s", f->outcome.report);
	return fclose(out) == 0;
}

static void print_list(const char *mark, const struct job *j, const char *list)
{
	const char *reason;
	int length;

	while ((reason = reasons_next(&list, &length)))
		printf("%s  %s/%s %s %.*s\n", mark, j->subject->kind,
		       j->subject->id->name, j->detector->name, length, reason);
}

static const char *tries(const struct job *j)
{
	return j->detector->tries ? j->detector->tries : "laws";
}

static const char *each(const struct job *j)
{
	return j->detector->each ? j->detector->each : "runs";
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
		printf("%-5s %s/%s %s: %u %s, %u %s, %u fail, %u skipped "
		       "(%.1f s)\n",
		       job_caught(j) ? "FAIL" : "ok", j->subject->kind,
		       j->subject->id->name, j->detector->name, f->laws,
		       tries(j), f->runs, each(j), f->failed, f->skipped,
		       f->elapsed_s);
	if (job_caught(j)) {
		printf("      again: ");
		print_replay(stdout, j);
		if (keep_report(j))
			printf("      report: %s\n", report_path(j));
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
	printf("  %-11s %-8s %u %s, %u %s, %.1f s: %s\n", j->detector->name,
	       verdict_name(f->verdict), f->laws, tries(j), f->runs, each(j),
	       f->elapsed_s, j->detector->brief);
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

static void screen_laws(const struct job *j)
{
	const struct law *const *laws = laws_of(j->subject->kind);
	int column = SCREEN_INDENT - 1;

	printf("  %-11s", "laws");
	for (const struct law *const *l = laws; *l; l++)
		if (!reasons_have(j->finding.gaps, (*l)->name))
			word((*l)->name, (int)strlen((*l)->name), &column);
	putchar('\n');
	free((void *)laws);
}

static void screen_words(const char *text, int length)
{
	int column = SCREEN_INDENT - 1;

	while (length > 0) {
		int n = (int)strcspn(text, " ");

		n = n < length ? n : length;
		word(text, n, &column);
		n += n < length;
		text += n;
		length -= n;
	}
	putchar('\n');
}

/* Most detectors skip the same laws, many for the same reason: a line each. */
static void screen_gaps(const struct job *jobs, size_t n)
{
	static char all[2 * FINDING_TEXT], grouped[sizeof(all)];
	const char *gaps = grouped, *gap;
	int length;

	all[0] = '\0';
	for (size_t i = 0; i < n; i++)
		reasons_merge(all, sizeof(all), jobs[i].finding.gaps);
	reasons_group(all, grouped, sizeof(grouped));
	while ((gap = reasons_next(&gaps, &length))) {
		printf("  %-11s", "not covered");
		screen_words(gap, length);
	}
}

static bool saw_weak_memory(const struct job *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (jobs[i].detector->weak_memory &&
		    jobs[i].finding.verdict != SKIPPED)
			return true;
	return false;
}

static void screen_limits(const struct job *jobs, size_t n)
{
	if (!saw_weak_memory(jobs, n))
		printf("  %-12s%s\n", "not covered",
		       "what only weaker memory than this processor's can "
		       "show");
	printf("  %-12s%s\n", "not covered", "schedules that no run came near");
}

void verdict_screen(const struct job *jobs, size_t n)
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
	screen_limits(jobs, n);
	if (!first) {
		printf("no fault found by %zu of %zu detectors\n", ran, n);
		return;
	}
	printf("BROKEN: caught by %zu of %zu detectors; first look at %s\n",
	       caught, ran, report_path(first));
	printf("again: ");
	print_replay(stdout, first);
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
