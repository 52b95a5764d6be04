/* SPDX-License-Identifier: MIT */
#include "profile_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LOCKS_SHOWN = 10, OTHERS_SHOWN = 4 };

/* All that come to a condition or a barrier wait: nothing is contended. */
static bool may_pass(const struct raw_object *o)
{
	return o->origin->kind != RAW_COND && o->origin->kind != RAW_BARRIER;
}

static int by_cost(const void *a, const void *b)
{
	const struct raw_object *x = a, *y = b;
	uint64_t nx = raw_acquired(x), ny = raw_acquired(y);

	if (raw_is_lock(x) != raw_is_lock(y))
		return raw_is_lock(x) ? -1 : 1;
	if (x->waited_ns != y->waited_ns)
		return x->waited_ns < y->waited_ns ? 1 : -1;
	return nx < ny ? 1 : -(nx > ny);
}

void profile_sort(struct raw *raw)
{
	if (raw->n_objects)
		qsort(raw->objects, raw->n_objects, sizeof(*raw->objects),
		      by_cost);
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

/* ---- for people ---- */

/* In a column of its own, three digits that tell something. */
static void put(FILE *out, int width, double value)
{
	if (isnan(value))
		fprintf(out, " %*s", width, "-");
	else if (value > 0 && value < 0.0995)
		fprintf(out, " %*.3f", width, value);
	else if (value < 9.995)
		fprintf(out, " %*.2f", width, value);
	else if (value < 99.95)
		fprintf(out, " %*.1f", width, value);
	else
		fprintf(out, " %*.0f", width, value);
}

static void put_times(FILE *out, const struct histogram *h)
{
	put(out, 7, raw_quantile(h, 0.5) / 1e3);
	put(out, 7, raw_quantile(h, 0.99) / 1e3);
}

static void put_heading(FILE *out)
{
	fputs("kind      thr- acquired  reads  con-   waited  burnt hand-"
	      "      wait us         hold us         rest us\n"
	      "          eads               %  tended      ms     ms over"
	      "    p50     p99     p50     p99     p50     p99\n"
	      "                                     %                     %\n",
	      out);
}

static void put_figures(FILE *out, const struct raw_object *o)
{
	double n = (double)raw_acquired(o);

	fprintf(out, "%-9s %4u %8.0f", raw_kinds[o->origin->kind],
		raw_threads(o->threads), n);
	put(out, 6,
	    o->origin->kind == RAW_RWLOCK ? percent((double)o->others, n)
					  : NAN);
	put(out, 6, may_pass(o) ? percent((double)o->contended, n) : NAN);
	put(out, 8, o->waited_ns / 1e6);
	put(out, 6, may_pass(o) ? o->burnt_ns / 1e6 : NAN);
	put(out, 4, may_pass(o) ? percent((double)o->handovers, n) : NAN);
	put_times(out, o->wait);
	put_times(out, o->hold);
	put_times(out, o->rest);
	fputc('\n', out);
}

static void put_object(FILE *out, const struct raw_object *o, struct symbols *s)
{
	if (o->address)
		fprintf(out, "  %s", symbols_object(s, o->address));
	else
		fputs("  several, beyond the limit", out);
	if (!o->origin->by_use)
		fprintf(out, ", initialised by %s",
			symbols_call(s, o->origin->site));
	fputc('\n', out);
}

static void put_sites(FILE *out, const struct raw_object *o, struct symbols *s)
{
	for (unsigned i = 0; i < o->n_sites; i++)
		fprintf(out, "    %3.0f %% %s\n",
			percent(o->sites[i].samples, raw_samples(o)),
			symbols_call(s, o->sites[i].address));
}

static void put_one(FILE *out, const struct raw_object *o, struct symbols *s)
{
	put_figures(out, o);
	put_object(out, o, s);
	put_sites(out, o, s);
}

void profile_print(FILE *out, const struct raw *raw, struct symbols *s)
{
	unsigned locks = 0, others = 0;

	fprintf(out, "\n%s[%llu]: %u objects used in %.3f s%s\n", raw->program,
		raw->pid, raw->n_objects, raw->elapsed_ns / 1e9,
		raw->complete ? "" : "; its profile is cut off");
	if (raw->merged)
		fputs("  more objects than can be told apart: the others are "
		      "counted together, by call site\n",
		      out);
	if (raw->n_objects)
		put_heading(out);
	for (unsigned i = 0; i < raw->n_objects; i++) {
		const struct raw_object *o = &raw->objects[i];

		if (raw_is_lock(o) ? locks++ < LOCKS_SHOWN
				   : others++ < OTHERS_SHOWN)
			put_one(out, o, s);
	}
	if (locks > LOCKS_SHOWN || others > OTHERS_SHOWN)
		fputs("  the others are in profile.csv\n", out);
}

/* ---- for programs ---- */

static void put_text(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void profile_csv_header(FILE *out)
{
	fputs("program,pid,kind,object,address,origin,origin_site,threads,"
	      "acquisitions,writes,reads,posts,contended,failed,handovers,"
	      "waited_ns,burnt_ns",
	      out);
	for (int t = 0; t < 3; t++) {
		const char *of = (const char *[]){ "wait", "hold", "rest" }[t];

		fprintf(out, ",%s_samples,%s_p50_ns,%s_p90_ns,%s_p99_ns", of,
			of, of, of);
	}
	fputs(",sites\n", out);
}

static void csv_times(FILE *out, const struct histogram *h)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99 };

	fprintf(out, ",%llu", h ? (unsigned long long)h->total : 0);
	for (int i = 0; i < 3; i++)
		if (h && h->total)
			fprintf(out, ",%.0f", raw_quantile(h, quantiles[i]));
		else
			fputc(',', out);
}

static void csv_names(FILE *out, const struct raw *raw,
		      const struct raw_object *o, struct symbols *s)
{
	put_text(out, raw->program);
	fprintf(out, ",%llu,%s,", raw->pid, raw_kinds[o->origin->kind]);
	put_text(out, o->address ? symbols_object(s, o->address) : "several");
	fprintf(out, ",0x%llx,%s,", (unsigned long long)o->address,
		o->origin->by_use ? "use" : "init");
	put_text(out, symbols_call(s, o->origin->site));
}

static void csv_counts(FILE *out, const struct raw_object *o)
{
	bool reads = o->origin->kind == RAW_RWLOCK;

	fprintf(out, ",%u,%llu,%llu,%llu,%llu,%llu,%llu,%llu,%.0f,%.0f",
		raw_threads(o->threads), (unsigned long long)raw_acquired(o),
		(unsigned long long)o->writes,
		(unsigned long long)(reads ? o->others : 0),
		(unsigned long long)(reads ? 0 : o->others),
		(unsigned long long)o->contended, (unsigned long long)o->failed,
		(unsigned long long)o->handovers, o->waited_ns, o->burnt_ns);
}

static void csv_sites(FILE *out, const struct raw_object *o, struct symbols *s)
{
	char text[2000];
	size_t n = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < o->n_sites && n < sizeof(text); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s: %u",
				      i ? "; " : "",
				      symbols_call(s, o->sites[i].address),
				      o->sites[i].samples);
	put_text(out, text);
}

void profile_csv(FILE *out, const struct raw *raw, struct symbols *s)
{
	for (unsigned i = 0; i < raw->n_objects; i++) {
		const struct raw_object *o = &raw->objects[i];

		csv_names(out, raw, o, s);
		csv_counts(out, o);
		csv_times(out, o->wait);
		csv_times(out, o->hold);
		csv_times(out, o->rest);
		fputc(',', out);
		csv_sites(out, o, s);
		fputc('\n', out);
	}
}
