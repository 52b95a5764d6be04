/* SPDX-License-Identifier: MIT */
#include "profile_raw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const raw_kinds[RAW_KINDS] = {
	"mutex", "rwlock", "cond", "semaphore", "barrier", "spin",
};

static void *grown(void *array, unsigned n, size_t size)
{
	/* in steps of a power of two */
	if (n & (n - 1))
		return array;
	array = realloc(array, (n ? 2 * n : 1) * size);
	if (!array)
		abort();
	return array;
}

static struct histogram *read_histogram(const char *text)
{
	struct histogram *h = calloc(1, sizeof(*h));

	if (!h)
		abort();
	histogram_read(h, text);
	h->max = UINT64_MAX;
	return h;
}

/* ---- lines ---- */

static bool read_module(struct raw *r, const char *text)
{
	unsigned long bias, start, end;
	int at;

	if (sscanf(text, "%lx %lx %lx %n", &bias, &start, &end, &at) != 3)
		return false;
	r->modules = grown(r->modules, r->n_modules, sizeof(*r->modules));
	r->modules[r->n_modules++] =
		(struct raw_module){ bias, start, end, strdup(text + at) };
	return true;
}

static bool read_origin(struct raw *r, const char *text)
{
	struct raw_origin o = { 0 };
	char kind[16], how[8];
	unsigned long site;

	if (sscanf(text, "%u %15s %7s %lx", &o.index, kind, how, &site) != 4)
		return false;
	while (o.kind < RAW_KINDS && strcmp(raw_kinds[o.kind], kind) != 0)
		o.kind++;
	o.by_use = strcmp(how, "use") == 0;
	o.site = site;
	r->origins = grown(r->origins, r->n_origins, sizeof(*r->origins));
	r->origins[r->n_origins++] = o;
	return o.kind < RAW_KINDS;
}

/* All origins come before the first object: they do not move any more. */
static bool read_object(struct raw *r, const char *text)
{
	struct raw_object o = { 0 };
	unsigned long address;
	unsigned long long inits;
	unsigned origin;

	if (sscanf(text, "%lx %u %llu", &address, &origin, &inits) != 3)
		return false;
	o.address = address;
	o.inits = inits;
	for (unsigned i = 0; i < r->n_origins; i++)
		if (r->origins[i].index == origin)
			o.origin = &r->origins[i];
	r->objects = grown(r->objects, r->n_objects, sizeof(*r->objects));
	r->objects[r->n_objects++] = o;
	return o.origin != NULL;
}

static bool read_counts(struct raw_object *o, const char *text)
{
	unsigned long long n[5];

	if (sscanf(text, "%llu %llu %llu %llu %llu", &n[0], &n[1], &n[2], &n[3],
		   &n[4]) != 5)
		return false;
	o->writes = n[0];
	o->others = n[1];
	o->contended = n[2];
	o->failed = n[3];
	o->handovers = n[4];
	return true;
}

static bool read_threads(struct raw_object *o, const char *text)
{
	char *end = (char *)(uintptr_t)text;

	for (int i = 0; i < RAW_THREAD_WORDS; i++)
		o->threads[i] = strtoull(end, &end, 16);
	return true;
}

static int by_samples(const void *a, const void *b)
{
	const struct raw_site *x = a, *y = b;

	return x->samples < y->samples ? 1 : -(x->samples > y->samples);
}

static bool read_sites(struct raw_object *o, const char *text)
{
	unsigned long address;
	unsigned samples;
	int n;

	while (o->n_sites < RAW_SITES &&
	       sscanf(text, "%lx:%u%n", &address, &samples, &n) == 2) {
		o->sites[o->n_sites++] = (struct raw_site){ address, samples };
		text += n;
	}
	qsort(o->sites, o->n_sites, sizeof(o->sites[0]), by_samples);
	return true;
}

static bool read_of_object(struct raw_object *o, const char *key,
			   const char *text)
{
	if (strcmp(key, "counts") == 0)
		return read_counts(o, text);
	if (strcmp(key, "waited") == 0)
		return sscanf(text, "%lf %lf", &o->waited_ns, &o->burnt_ns) ==
		       2;
	if (strcmp(key, "threads") == 0)
		return read_threads(o, text);
	if (strcmp(key, "sites") == 0)
		return read_sites(o, text);
	if (strcmp(key, "wait") == 0)
		o->wait = read_histogram(text);
	else if (strcmp(key, "hold") == 0)
		o->hold = read_histogram(text);
	else if (strcmp(key, "rest") == 0)
		o->rest = read_histogram(text);
	else
		return false;
	return true;
}

static bool read_of_origin(struct raw_origin *o, const char *key,
			   const char *text)
{
	if (strcmp(key, "gap_burnt") == 0)
		return sscanf(text, "%lf %lf", &o->gap_burnt_ns,
			      &o->gap_burnt_of_ns) == 2;
	o->gap = read_histogram(text);
	return true;
}

static bool read_line(struct raw *r, const char *key, const char *text)
{
	if (strcmp(key, "profile") == 0)
		return strcmp(text, "1") == 0;
	if (strcmp(key, "pid") == 0)
		return sscanf(text, "%llu", &r->pid) == 1;
	if (strcmp(key, "elapsed_ns") == 0)
		return sscanf(text, "%lf", &r->elapsed_ns) == 1;
	if (strcmp(key, "merged") == 0)
		return sscanf(text, "%llu", &r->merged) == 1;
	if (strcmp(key, "program") == 0)
		return (r->program = strdup(text)) != NULL;
	if (strcmp(key, "module") == 0)
		return read_module(r, text);
	if (strcmp(key, "origin") == 0)
		return read_origin(r, text);
	if (strcmp(key, "object") == 0)
		return read_object(r, text);
	if (strcmp(key, "end") == 0)
		return r->complete = true;
	if (strncmp(key, "gap", 3) == 0 && r->n_origins)
		return read_of_origin(&r->origins[r->n_origins - 1], key, text);
	return r->n_objects &&
	       read_of_object(&r->objects[r->n_objects - 1], key, text);
}

struct raw *raw_read(const char *path)
{
	FILE *in = fopen(path, "r");
	struct raw *r = calloc(1, sizeof(*r));
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (!r)
		abort();
	while (in && (n = getline(&line, &size, in)) > 0) {
		char *text = line;

		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		strsep(&text, " ");
		if (!read_line(r, line, text ? text : ""))
			break;
	}
	free(line);
	if (in)
		fclose(in);
	if (r->program && r->pid)
		return r;
	raw_free(r);
	return NULL;
}

void raw_free(struct raw *r)
{
	for (unsigned i = 0; i < r->n_modules; i++)
		free(r->modules[i].path);
	for (unsigned i = 0; i < r->n_origins; i++)
		free(r->origins[i].gap);
	for (unsigned i = 0; i < r->n_objects; i++) {
		free(r->objects[i].wait);
		free(r->objects[i].hold);
		free(r->objects[i].rest);
	}
	free(r->modules);
	free(r->origins);
	free(r->objects);
	free(r->program);
	free(r);
}

/* ---- figures ---- */

uint64_t raw_acquired(const struct raw_object *o)
{
	return o->writes + (o->origin->kind == RAW_RWLOCK ? o->others : 0);
}

unsigned raw_samples(const struct raw_object *o)
{
	unsigned n = 0;

	for (unsigned i = 0; i < o->n_sites; i++)
		n += o->sites[i].samples;
	return n;
}

bool raw_is_lock(const struct raw_object *o)
{
	if (o->origin->kind == RAW_SEMAPHORE)
		return o->hold &&
		       (double)o->hold->total >= 0.9 * raw_samples(o);
	return o->origin->kind != RAW_COND && o->origin->kind != RAW_BARRIER;
}

unsigned raw_threads(const uint64_t threads[RAW_THREAD_WORDS])
{
	unsigned n = 0;

	for (int i = 0; i < RAW_THREAD_WORDS; i++)
		n += (unsigned)__builtin_popcountll(threads[i]);
	return n;
}

double raw_quantile(const struct histogram *h, double q)
{
	return h && h->total ? (double)histogram_quantile(h, q) : NAN;
}
