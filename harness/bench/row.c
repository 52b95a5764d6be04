/* SPDX-License-Identifier: MIT */
#include "row.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../registry.h"
#include "recorder.h"

/* The columns between cpus and verified. */
enum { NO_FIGURES = 23 };

/* A window that a thread spent elsewhere measures something else (M1). */
static const double OVERLAP_MIN = 0.95;
/* More than this taken by the hypervisor: the machine was not ours (M17). */
static const double STEAL_MAX = 0.05;
/* The realised section may be off by so much (M3), or by the clock's grain. */
static const double LENGTH_TOLERANCE = 0.10;

const char row_header[] =
	"schema,campaign,block,order,repetition,seed,mode,scenario,bound,kind,"
	"implementation,family,parameters,threads,cpus,window_s,overlap,ops,"
	"ops_per_s,samples,p50_ns,p90_ns,p99_ns,p999_ns,p9999_ns,max_ns,jain,"
	"min_share,cpu_ns_per_op,vcsw_per_op,ivcsw_per_op,cs_ns_requested,"
	"cs_ns_real,cs_ns_real_p99,ncs_ns_requested,ncs_ns_real,"
	"ncs_ns_real_p99,steal_share,verified,valid,why_invalid,note\n";

double row_ops_per_s(const struct window_result *r)
{
	return r->window_ns ? (double)r->ops * (double)NS_PER_S /
				      (double)r->window_ns
			    : 0;
}

static double per_op(const struct window_result *r, uint64_t n)
{
	return r->ops ? (double)n / (double)r->ops : 0;
}

double row_cpu_ns_per_op(const struct window_result *r)
{
	return per_op(r, r->cpu_ns);
}

bool row_has_latency(const struct row *row)
{
	return row->result->latency.total > 0 &&
	       (row->cell->mode == LATENCY || row->cell->cell.scenario->slow);
}

const char *row_family(const struct campaign_cell *cell)
{
	const struct registration *r = cell->cell.implementation;

	return r ? lab_family_name(r->id->family) : "baseline";
}

const char *row_kind(const struct campaign_cell *cell)
{
	const struct registration *r = cell->cell.implementation;

	return r ? r->kind : cell->cell.scenario->kind;
}

void row_parameters(const struct campaign_cell *cell, char *out, size_t size)
{
	const struct scenario *s = cell->cell.scenario;
	size_t n = 0;

	out[0] = '\0';
	for (int i = 0; i < PARAMS_MAX && s->params[i].name && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s=%llu",
				      i ? " " : "", s->params[i].name,
				      (unsigned long long)cell->cell.values[i]);
}

static void object(struct row *row, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One more reason against the row. */
static void object(struct row *row, const char *format, ...)
{
	size_t n = strlen(row->why);
	va_list args;

	row->valid = false;
	if (n + 3 >= sizeof(row->why))
		return;
	if (n)
		n += (size_t)snprintf(row->why + n, sizeof(row->why) - n, "; ");
	va_start(args, format);
	vsnprintf(row->why + n, sizeof(row->why) - n, format, args);
	va_end(args);
}

/*
 * longer_is_fine: inside a section that several threads share, the lines have
 * to come over from another core first. That belongs to the lock's cost and is
 * reported (cs_ns_real); only a section that is too short was not asked for.
 */
static void judge_length(struct row *row, const char *name, uint64_t asked,
			 const struct histogram *real, bool longer_is_fine)
{
	double is = (double)histogram_quantile(real, 0.5);
	double off =
		longer_is_fine ? (double)asked - is : fabs(is - (double)asked);

	if (asked == 0 || real->total == 0)
		return;
	if (off > LENGTH_TOLERANCE * (double)asked &&
	    off > (double)clock_cost_ns)
		object(row, "%s is %.0f ns instead of %llu", name, is,
		       (unsigned long long)asked);
}

void row_judge(struct row *row)
{
	const struct window_result *r = row->result;

	row->valid = true;
	row->why[0] = '\0';
	if (r->skipped || !r->complete) {
		object(row, "%s%s", r->skipped ? "skipped: " : "", r->why);
		return;
	}
	if (!r->verified)
		object(row, "not verified: %s", r->why);
	if (r->ops == 0)
		object(row, "no operation was finished within the window");
	if (r->overlap < OVERLAP_MIN)
		object(row, "threads overlap for %.2f of the window",
		       r->overlap);
	if (r->steal > STEAL_MAX)
		object(row, "the hypervisor took %.0f %% of the CPU time",
		       100 * r->steal);
	judge_length(row, "critical section", r->cs_ns_requested, &r->inside,
		     row->cell->cell.threads > 1);
	judge_length(row, "non-critical section", r->ncs_ns_requested,
		     &r->outside, false);
}

static void print_latency(FILE *f, const struct row *row)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999, 0.9999 };
	const struct histogram *h = &row->result->latency;

	if (!row_has_latency(row)) {
		fputs(",,,,,,,", f);
		return;
	}
	fprintf(f, ",%llu", (unsigned long long)h->total);
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
		/* a percentile needs at least ten samples beyond it */
		if ((1 - quantiles[i]) * (double)h->total < 10 && i > 0)
			fputc(',', f);
		else
			fprintf(f, ",%llu",
				(unsigned long long)histogram_quantile(
					h, quantiles[i]));
	}
	fprintf(f, ",%llu", (unsigned long long)h->max);
}

static void print_lengths(FILE *f, uint64_t asked, const struct histogram *h)
{
	fprintf(f, ",%llu", (unsigned long long)asked);
	if (h->total)
		fprintf(f, ",%llu,%llu",
			(unsigned long long)histogram_quantile(h, 0.5),
			(unsigned long long)histogram_quantile(h, 0.99));
	else
		fputs(",,", f);
}

static void print_figures(FILE *f, const struct row *row)
{
	const struct window_result *r = row->result;

	fprintf(f, ",%u,%.6f,%.4f,%llu,%.6g", r->cpus,
		(double)r->window_ns / (double)NS_PER_S, r->overlap,
		(unsigned long long)r->ops, row_ops_per_s(r));
	print_latency(f, row);
	fprintf(f, ",%.4f,%.4f,%.6g,%.6g,%.6g", r->jain, r->min_share,
		row_cpu_ns_per_op(r), per_op(r, r->voluntary_switches),
		per_op(r, r->involuntary_switches));
	print_lengths(f, r->cs_ns_requested, &r->inside);
	print_lengths(f, r->ncs_ns_requested, &r->outside);
	fprintf(f, ",%.4f", r->steal);
}

/* In quotes, whatever it holds. */
static void print_text(FILE *f, const char *text)
{
	fputs(",\"", f);
	for (; *text; text++)
		fputc(*text == '"' ? '\'' : *text == '\n' ? ' ' : *text, f);
	fputc('"', f);
}

static void print(FILE *f, const struct row *row)
{
	const struct campaign_cell *cell = row->cell;
	const struct row_context *c = &row->context;
	char parameters[400];

	row_parameters(cell, parameters, sizeof(parameters));
	fprintf(f, "%d,%s,%u,%zu,%u,%llu,%s,%s,%s,%s,%s,%s,%s,%u", SCHEMA,
		c->campaign, c->block, c->order, c->repetition,
		(unsigned long long)c->seed, window_mode_name(cell->mode),
		cell->cell.scenario->name,
		lab_bound_name(cell->cell.scenario->bound), row_kind(cell),
		cell->cell.name, row_family(cell), parameters,
		cell->cell.threads);
	if (row->result->complete)
		print_figures(f, row);
	else /* a hang, a crash, a skip: no figure is better than a wrong one */
		fprintf(f, ",%u%.*s", row->result->cpus, NO_FIGURES,
			",,,,,,,,,,,,,,,,,,,,,,,,");
	fprintf(f, ",%d,%d", row->result->verified, row->valid);
	print_text(f, row->why);
	print_text(f, row->result->note);
	fputc('\n', f);
}

bool row_write(int fd, const struct row *row)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t written;

	if (!f)
		return false;
	print(f, row);
	fclose(f);
	written = write(fd, text, size);
	free(text);
	if (written == (ssize_t)size)
		return true;

	int error = written < 0 ? errno : ENOSPC;

	if (ftruncate(fd, end))
		error = errno;
	errno = error;
	return false;
}
