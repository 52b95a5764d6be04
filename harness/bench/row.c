/* SPDX-License-Identifier: MIT */
#include "row.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../registry.h"
#include "output.h"
#include "recorder.h"

/* A window that a thread spent elsewhere measures something else (M1). */
static const double OVERLAP_MIN = 0.95;
/* More than this taken by the hypervisor or by other programs: the machine was
 * not ours (M17). */
static const double STEAL_MAX = 0.05;
static const double FOREIGN_MAX = 0.10;
/* The CPU's speed may differ by so much from what the work was measured at. */
static const double STEP_TOLERANCE = 0.20;
/* The realised section may be off by so much (M3), or by the clock's grain. */
static const double LENGTH_TOLERANCE = 0.10;

bool row_lenient;

static const char *const states[ROW_STATES] = {
	[ROW_VALID] = "valid",	   [ROW_SPOILT] = "spoilt",
	[ROW_INVALID] = "invalid", [ROW_FAILED] = "failed",
	[ROW_SKIPPED] = "skipped",
};

const char *row_state_name(enum row_state state)
{
	return states[state];
}

enum row_state row_state(const char *name)
{
	int s = 0;

	while (s < ROW_STATES && strcmp(states[s], name) != 0)
		s++;
	return (enum row_state)s;
}

const char *row_header(void)
{
	static char text[2000];
	size_t n;

	if (text[0])
		return text;
	n = (size_t)snprintf(text, sizeof(text),
			     "schema,campaign,block,order,attempt,seed,mode,"
			     "scenario,bound,kind,implementation,family,"
			     "parameters,threads,cpus");
	for (int f = 0; f < FIGURES; f++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ",%s",
				      figure_name((enum figure)f));
	snprintf(text + n, sizeof(text) - n,
		 ",extra,verified,state,why_invalid,note\n");
	return text;
}

double row_figure(const struct row *row, const char *name)
{
	enum figure f = figure_by_name(name);

	if (f < FIGURES)
		return row->figures[f];
	for (int i = 0; i < EXTRAS_MAX && row->extras[i].name[0]; i++)
		if (strcmp(row->extras[i].name, name) == 0)
			return row->extras[i].value;
	return NAN;
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
	if (cell->rate_per_s && n < size)
		n += (size_t)snprintf(out + n, size - n, " rate_per_s=%llu",
				      (unsigned long long)cell->rate_per_s);
	if (cell->ops && n < size)
		snprintf(out + n, size - n, " ops=%llu",
			 (unsigned long long)cell->ops);
}

static void object(struct row *row, enum row_state state, const char *format,
		   ...) __attribute__((format(printf, 3, 4)));

/* One more reason against the row; the gravest state stays. */
static void object(struct row *row, enum row_state state, const char *format,
		   ...)
{
	size_t n = strlen(row->why);
	va_list args;

	if (state > row->state)
		row->state = state;
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
 * Nor is a rare request's, which finds the caches cold (mode open).
 */
static void judge_length(struct row *row, enum figure requested,
			 bool longer_is_fine)
{
	double asked = row->figures[requested];
	double is = row->figures[requested + 1];
	double off = longer_is_fine ? asked - is : fabs(is - asked);

	if (asked == 0 || isnan(is))
		return;
	if (off > LENGTH_TOLERANCE * asked && off > (double)clock_cost_ns)
		object(row, ROW_INVALID,
		       "%scritical section is %.0f ns instead of %.0f",
		       requested == NCS_REQUESTED ? "non-" : "", is, asked);
}

/* FIXED and UNSYNCED windows are there to show what is wrong with them. */
static bool naive(const struct campaign_cell *cell)
{
	return cell->mode == FIXED || cell->mode == UNSYNCED;
}

static void judge_machine(struct row *row)
{
	const double *f = row->figures;

	if (f[OVERLAP] < OVERLAP_MIN && !naive(row->cell))
		object(row, ROW_SPOILT,
		       "threads overlap for %.2f of the window", f[OVERLAP]);
	if (f[STEAL] > STEAL_MAX)
		object(row, ROW_SPOILT,
		       "the hypervisor took %.0f %% of the CPU time",
		       100 * f[STEAL]);
	if (f[FOREIGN] > FOREIGN_MAX)
		object(row, ROW_SPOILT,
		       "other programs took %.0f %% of the CPU time",
		       100 * f[FOREIGN]);
	for (int i = STEP_BEFORE; i <= STEP_AFTER; i++)
		if (fabs(f[i] / work_step_ns - 1) > STEP_TOLERANCE) {
			object(row, ROW_SPOILT,
			       "the CPU ran at %.2f of its speed",
			       work_step_ns / f[i]);
			return;
		}
}

/* Latency percentiles belong to windows that time many operations. */
static bool has_latency(const struct campaign_cell *cell)
{
	return cell->mode == LATENCY || cell->mode == OPEN ||
	       cell->cell.scenario->slow;
}

static void judge(struct row *row, const struct window_result *r)
{
	if (r->skipped || !r->complete) {
		object(row, r->skipped ? ROW_SKIPPED : ROW_FAILED, "%s%s",
		       r->skipped ? "skipped: " : "", r->why);
		return;
	}
	if (!r->verified)
		object(row, ROW_FAILED, "not verified: %s", r->why);
	if (r->ops == 0)
		object(row, ROW_INVALID,
		       "no operation was finished within the window");
	if (!row_lenient)
		judge_machine(row);
	judge_length(row, CS_REQUESTED,
		     row->cell->cell.threads > 1 || row->cell->mode == OPEN);
	judge_length(row, NCS_REQUESTED, row->cell->mode == OPEN);
}

void row_judge(struct row *row, const struct window_result *r)
{
	row->state = ROW_VALID;
	row->why[0] = '\0';
	row->complete = r->complete;
	row->verified = r->verified;
	row->cpus = r->cpus;
	memcpy(row->extras, r->extras, sizeof(row->extras));
	snprintf(row->note, sizeof(row->note), "%s", r->note);
	for (int f = 0; f < FIGURES; f++)
		row->figures[f] = NAN;
	if (r->complete)
		figures_of(r, has_latency(row->cell), row->figures);
	judge(row, r);
}

static void print_extras(FILE *f, const struct row *row)
{
	fputs(",\"", f);
	for (int i = 0; i < EXTRAS_MAX && row->extras[i].name[0]; i++)
		fprintf(f, "%s%s=%.6g", i ? " " : "", row->extras[i].name,
			row->extras[i].value);
	fputc('"', f);
}

static void print(FILE *f, const struct row *row)
{
	const struct campaign_cell *cell = row->cell;
	const struct row_context *c = &row->context;
	char parameters[400];

	row_parameters(cell, parameters, sizeof(parameters));
	fprintf(f, "%d,%s,%u,%zu,%u,%llu,%s,%s,%s,%s,%s,%s,%s,%u,%u", SCHEMA,
		c->campaign, c->block, c->order, c->attempt,
		(unsigned long long)c->seed, window_mode_name(cell->mode),
		cell->cell.scenario->name,
		lab_bound_name(cell->cell.scenario->bound), row_kind(cell),
		cell->name, row_family(cell), parameters, cell->cell.threads,
		row->cpus);
	for (int i = 0; i < FIGURES; i++)
		if (isnan(row->figures[i])) /* none is better than a wrong one
					     */
			fputc(',', f);
		else
			fprintf(f, ",%.10g", row->figures[i]);
	print_extras(f, row);
	fprintf(f, ",%d,%s", row->verified, row_state_name(row->state));
	output_text(f, row->why);
	output_text(f, row->note);
	fputc('\n', f);
}

bool row_write(int fd, const struct row *row)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	bool good;

	if (!f)
		return false;
	print(f, row);
	fclose(f);
	good = output_append(fd, text, size);
	free(text);
	return good;
}
