/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "profile_fit.h"
#include "profile_table.h"

/* What runs a program's hottest few is a campaign of minutes. */
enum { FITTED = 3, ORIGINS_MAX = 4096, PROCESSES_SHOWN = 8 };

/* One process. */
struct told {
	struct raw *raw;
	struct symbols *symbols;
};

struct candidate {
	struct fit fit;
	const struct told *of;
};

struct report {
	struct told *processes;
	unsigned n;
};

static FILE *create(const char *folder, const char *name)
{
	char path[PATH_MAX];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	out = fopen(path, "w");
	if (!out)
		lab_fail("cannot write %s: %s: give --profile another folder",
			 path, strerror(errno));
	return out;
}

/* ---- reading ---- */

static int is_raw(const struct dirent *entry)
{
	return strncmp(entry->d_name, "raw.", 4) == 0;
}

static void read_process(struct report *r, const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct told *t;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	t = &r->processes[r->n];
	t->raw = raw_read(path);
	if (!t->raw)
		return;
	profile_sort(t->raw);
	t->symbols = symbols_open(t->raw);
	r->n++;
}

static double waited(const struct raw *raw)
{
	double sum = 0;

	for (unsigned i = 0; i < raw->n_objects; i++)
		sum += raw->objects[i].waited_ns;
	return sum;
}

static int by_waited(const void *a, const void *b)
{
	double x = waited(((const struct told *)a)->raw);
	double y = waited(((const struct told *)b)->raw);

	return x < y ? 1 : -(x > y);
}

/* false: nothing was left there. */
static bool read_all(struct report *r, const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_raw, alphasort);

	if (n <= 0)
		return false;
	r->processes = calloc((size_t)n, sizeof(*r->processes));
	if (!r->processes)
		abort();
	for (int i = 0; i < n; i++) {
		read_process(r, folder, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	qsort(r->processes, r->n, sizeof(*r->processes), by_waited);
	return r->n > 0;
}

/* ---- what to fit ---- */

/* Locks that threads share come first, then those that cost most. */
static int by_use(const void *a, const void *b)
{
	const struct fit *x = &((const struct candidate *)a)->fit;
	const struct fit *y = &((const struct candidate *)b)->fit;

	if ((x->threads > 1) != (y->threads > 1))
		return x->threads > 1 ? -1 : 1;
	if (x->waited_ns != y->waited_ns)
		return x->waited_ns < y->waited_ns ? 1 : -1;
	return x->acquired < y->acquired ? 1 : -(x->acquired > y->acquired);
}

static unsigned candidates(const struct report *r, struct candidate *out)
{
	unsigned n = 0;

	for (unsigned p = 0; p < r->n; p++) {
		const struct told *t = &r->processes[p];

		for (unsigned i = 0; i < t->raw->n_origins; i++)
			if (n < ORIGINS_MAX &&
			    fit_origin(t->raw, &t->raw->origins[i],
				       &out[n].fit))
				out[n++].of = t;
	}
	qsort(out, n, sizeof(*out), by_use);
	return n;
}

/* Returns how many sections there are. */
static unsigned write_fitted(const struct report *r, FILE *out)
{
	struct candidate *all = calloc(ORIGINS_MAX, sizeof(*all));
	unsigned n;

	if (!all)
		abort();
	n = candidates(r, all);
	n = n < FITTED ? n : FITTED;
	fit_begin(out);
	for (unsigned i = 0; i < n; i++)
		fit_write(out, &all[i].fit, i + 1, all[i].of->raw,
			  all[i].of->symbols);
	free(all);
	return n;
}

/* ---- telling ---- */

/* Those that used no lock are not worth a heading. */
static void print_all(const struct report *r)
{
	unsigned shown = 0, idle = 0;

	for (unsigned i = 0; i < r->n; i++)
		if (!r->processes[i].raw->n_objects)
			idle++;
		else if (shown++ < PROCESSES_SHOWN)
			profile_print(stderr, r->processes[i].raw,
				      r->processes[i].symbols);
	fputc('\n', stderr);
	if (shown > PROCESSES_SHOWN)
		fprintf(stderr,
			"synclab run: %u more processes are in profile.csv\n",
			shown - PROCESSES_SHOWN);
	if (idle)
		fprintf(stderr, "synclab run: %u process%s used no lock\n",
			idle, idle > 1 ? "es" : "");
}

static int write_all(const struct report *r, const char *folder)
{
	FILE *csv = create(folder, "profile.csv");
	FILE *ini = csv ? create(folder, "fitted.ini") : NULL;
	unsigned n;

	if (!ini) {
		if (csv)
			fclose(csv);
		return EXIT_USAGE;
	}
	profile_csv_header(csv);
	for (unsigned i = 0; i < r->n; i++)
		profile_csv(csv, r->processes[i].raw, r->processes[i].symbols);
	n = write_fitted(r, ini);
	fclose(csv);
	fclose(ini);
	fprintf(stderr, "synclab run: all figures are in %s/profile.csv\n",
		folder);
	if (n)
		fprintf(stderr,
			"synclab run: which lock would suit it? "
			"`synclab bench %s/fitted.ini`\n",
			folder);
	else
		fputs("synclab run: no lock was used often enough to fit a "
		      "campaign from\n",
		      stderr);
	return 0;
}

int run_report(const char *folder)
{
	struct report r = { 0 };
	int result;

	if (!read_all(&r, folder))
		return lab_fail("no profile in %s: the program has ended by "
				"_exit, exec or a signal, or was not followed",
				folder);
	print_all(&r);
	result = write_all(&r, folder);
	for (unsigned i = 0; i < r.n; i++) {
		symbols_close(r.processes[i].symbols);
		raw_free(r.processes[i].raw);
	}
	free(r.processes);
	return result;
}
