/* SPDX-License-Identifier: MIT */
#include "profile_fit.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const double fit_quantiles[FIT_QUANTILES] = { 0.1, 0.5, 0.9, 0.99 };

/* No window lasts long enough for more. */
static const double LENGTH_MAX_NS = 20e6;

/* ---- the locks of an origin ---- */

struct pool {
	double *acquired; /* of each, most first */
	unsigned n;
	double all, writes, contended, waited_ns;
	uint64_t threads[RAW_THREAD_WORDS];
	struct histogram hold, rest;
};

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? 1 : -(x > y);
}

static void add(struct pool *p, const struct raw_object *o)
{
	p->acquired[p->n++] = (double)raw_acquired(o);
	p->all += (double)raw_acquired(o);
	p->writes += (double)o->writes;
	p->contended += (double)o->contended;
	p->waited_ns += o->waited_ns;
	for (int i = 0; i < RAW_THREAD_WORDS; i++)
		p->threads[i] |= o->threads[i];
	if (o->hold)
		histogram_merge(&p->hold, o->hold);
	if (o->rest)
		histogram_merge(&p->rest, o->rest);
}

static void gather(const struct raw *raw, const struct raw_origin *origin,
		   struct pool *p)
{
	p->acquired = calloc(raw->n_objects + 1, sizeof(double));
	if (!p->acquired)
		abort();
	for (unsigned i = 0; i < raw->n_objects; i++)
		if (raw->objects[i].origin == origin &&
		    raw_is_lock(&raw->objects[i]))
			add(p, &raw->objects[i]);
	qsort(p->acquired, p->n, sizeof(double), by_size);
	p->hold.max = p->rest.max = UINT64_MAX;
}

static unsigned count_locks(const struct pool *p)
{
	double sum = 0;
	unsigned n = 0;

	while (n < p->n && sum < 0.99 * p->all)
		sum += p->acquired[n++];
	return n;
}

/* ---- the figures ---- */

static void lengths(const struct histogram *h, double out[FIT_QUANTILES])
{
	for (int i = 0; i < FIT_QUANTILES; i++)
		out[i] = fmin(raw_quantile(h, fit_quantiles[i]), LENGTH_MAX_NS);
}

static unsigned share(double part, double whole, double of)
{
	double s = whole > 0 ? part / whole : 1;

	return (unsigned)(of * fmin(s, 1) + 0.5);
}

static void figures(const struct raw_origin *o, const struct pool *p,
		    struct fit *f)
{
	unsigned threads = raw_threads(p->threads);

	f->origin = o;
	f->rwlock = o->kind == RAW_RWLOCK;
	f->threads = threads < 1		 ? 1
		     : threads > FIT_THREADS_MAX ? FIT_THREADS_MAX
						 : threads;
	f->locks = count_locks(p);
	f->hot_permille =
		f->locks > 1 ? share(p->acquired[0], p->all, 1000) : 0;
	f->write_permille = share(p->writes, p->all, 1000);
	lengths(&p->hold, f->cs_ns);
	lengths(o->gap ? o->gap : &p->rest, f->ncs_ns);
	f->ncs_cpu_percent = share(o->gap_burnt_ns, o->gap_burnt_of_ns, 100);
	f->acquired = p->all;
	f->contended = p->contended;
	f->waited_ns = p->waited_ns;
}

bool fit_origin(const struct raw *raw, const struct raw_origin *origin,
		struct fit *out)
{
	struct pool p = { 0 };
	bool fits;

	gather(raw, origin, &p);
	fits = p.all > 0 && p.hold.total && (origin->gap || p.rest.total);
	if (fits)
		figures(origin, &p, out);
	free(p.acquired);
	return fits;
}

/* ---- the file ---- */

void fit_begin(FILE *out)
{
	fputs("; SPDX-License-Identifier: MIT\n"
	      "; Fitted by `synclab run --profile` from how a program used its "
	      "locks: the\n"
	      "; scenarios are described in scenarios/_fitted.h. Change what "
	      "you like.\n"
	      "[campaign]\n"
	      "window_ms = 100\n"
	      "ramp_ms = 20\n"
	      "repetitions = 5\n"
	      "twin_every = 4\n",
	      out);
}

static void put_lengths(FILE *out, const char *what,
			const double ns[FIT_QUANTILES])
{
	for (int i = 0; i < FIT_QUANTILES; i++)
		fprintf(out, "%s_p%.0f_ns = %.0f\n", what,
			100 * fit_quantiles[i], ns[i]);
}

/* What may stand in a section's name. */
static void put_label(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc(isalnum((unsigned char)*text) ? *text : '_', out);
}

void fit_write(FILE *out, const struct fit *f, unsigned number,
	       const struct raw *raw, struct symbols *s)
{
	const struct raw_origin *o = f->origin;

	fprintf(out, "\n; %s[%llu]: %s %s by %s\n", raw->program, raw->pid,
		raw_kinds[o->kind], o->by_use ? "first used" : "initialised",
		symbols_call(s, o->site));
	fprintf(out,
		"; %.0f acquisitions in %.3f s, %.2f %% contended, "
		"%.3f ms waited\n",
		f->acquired, raw->elapsed_ns / 1e9,
		100 * f->contended / f->acquired, f->waited_ns / 1e6);
	fprintf(out, "[%s: %u ", f->rwlock ? "rwlock_fitted" : "mutex_fitted",
		number);
	put_label(out, symbols_function(s, o->site));
	fprintf(out,
		"]\nimplementations = *\nthreads = %u\nlocks = %u\n"
		"hot_permille = %u\n",
		f->threads, f->locks, f->hot_permille);
	if (f->rwlock)
		fprintf(out, "write_permille = %u\n", f->write_permille);
	put_lengths(out, "cs", f->cs_ns);
	put_lengths(out, "ncs", f->ncs_ns);
	fprintf(out, "ncs_cpu_percent = %u\n", f->ncs_cpu_percent);
}
