/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <stdlib.h>
#include <string.h>

#include "../../primitives/sync.h"
#include "histogram.h"

/* The slice of time in which distinct holders are counted (F9). */
#define SLICE_NS NS_PER_MS

/* What is known while the runs are gone through. */
struct walk {
	unsigned threads;
	uint64_t *counts; /* of each thread, all runs */
	size_t *next;	  /* place behind each thread's last entry of the run */
	uint64_t *slice;  /* the last slice in which each thread was seen */
	uint64_t n, handovers, self, cross, longest;
	uint64_t slices, distinct; /* whole ones; holders in them, added up */
	uint64_t slice_number;	   /* of the current one, from 1, all runs */
	struct histogram reacquire;
};

static void *array(unsigned n, size_t size)
{
	void *memory = calloc(n ? n : 1, size);

	if (!memory)
		abort();
	return memory;
}

static void bypassed(struct walk *w, uint64_t by)
{
	if (by > w->longest)
		w->longest = by;
}

/* Everything that counts in acquisitions rather than in time. */
static void walk_run(struct walk *w, const struct order_run *run)
{
	memset(w->next, 0, w->threads * sizeof(w->next[0]));
	for (size_t i = 0; i < run->n; i++) {
		const struct order_entry *e = &run->entries[i];
		size_t others = i - w->next[e->thread];

		bypassed(w, others);
		if (w->next[e->thread]) /* not its first */
			histogram_add(&w->reacquire, others);
		if (i) {
			w->self += e[-1].thread == e->thread;
			w->cross += e[-1].cpu != e->cpu;
		}
		w->next[e->thread] = i + 1;
		w->counts[e->thread]++;
	}
	for (unsigned t = 0; t < w->threads; t++)
		bypassed(w, run->n - w->next[t]);
	w->n += run->n;
	w->handovers += run->n - 1;
}

static void close_slice(struct walk *w, uint64_t distinct)
{
	w->slices++;
	w->distinct += distinct;
}

/* A slice without any acquisition has no working set; the last one, which the
 * record cuts off, counts only if there is no other. */
static void walk_slices(struct walk *w, const struct order_run *run)
{
	uint64_t start = run->entries[0].ns, before = w->slices, distinct = 0;

	w->slice_number++;
	for (size_t i = 0; i < run->n; i++) {
		const struct order_entry *e = &run->entries[i];
		uint64_t into = e->ns > start ? e->ns - start : 0;

		if (into >= SLICE_NS) {
			close_slice(w, distinct);
			start += into / SLICE_NS * SLICE_NS;
			distinct = 0;
			w->slice_number++;
		}
		distinct += w->slice[e->thread] != w->slice_number;
		w->slice[e->thread] = w->slice_number;
	}
	if (w->slices == before)
		close_slice(w, distinct);
}

static int most_first(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

double order_dice(const uint64_t *counts, unsigned n)
{
	uint64_t *sorted = array(n, sizeof(*sorted));
	double all = 0, upper = 0;

	if (n)
		memcpy(sorted, counts, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), most_first);
	for (unsigned i = 0; i < n; i++) {
		all += (double)sorted[i];
		if (2 * i + 1 <= n) /* the middle one of an odd number: half */
			upper += (double)sorted[i] * (2 * i + 1 < n ? 1 : 0.5);
	}
	free(sorted);
	return all > 0 ? upper / all : 0;
}

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

void order_figures_of(const struct order_run *runs, size_t n, unsigned threads,
		      struct order_figures *out)
{
	struct walk w = { .threads = threads,
			  .counts = array(threads, sizeof(*w.counts)),
			  .next = array(threads, sizeof(*w.next)),
			  .slice = array(threads, sizeof(*w.slice)) };

	for (size_t i = 0; i < n; i++) {
		if (runs[i].n == 0)
			continue;
		walk_run(&w, &runs[i]);
		walk_slices(&w, &runs[i]);
	}
	*out = (struct order_figures){
		.self_known = w.handovers > 0,
		.self_handover = share(w.self, w.handovers),
		.samples = w.n,
		.longest_bypass = w.longest,
		.lwss = share(w.distinct, w.slices),
		.reacquire_median =
			(double)histogram_quantile(&w.reacquire, 0.5),
		.dice = order_dice(w.counts, threads),
		.cross_cpu = share(w.cross, w.handovers),
	};
	free(w.counts);
	free(w.next);
	free(w.slice);
}

void order_matrix_add(struct order_matrix *m, const struct order_run *run)
{
	for (size_t i = 1; i < run->n; i++) {
		unsigned from = run->entries[i - 1].cpu;
		unsigned to = run->entries[i].cpu;

		m->folded |= from >= ORDER_CPUS || to >= ORDER_CPUS;
		m->counts[from % ORDER_CPUS][to % ORDER_CPUS]++;
	}
}

void order_matrix_merge(struct order_matrix *into,
			const struct order_matrix *from)
{
	into->folded |= from->folded;
	for (int i = 0; i < ORDER_CPUS; i++)
		for (int j = 0; j < ORDER_CPUS; j++)
			into->counts[i][j] += from->counts[i][j];
}

void order_matrix_print(const struct order_matrix *m, FILE *out)
{
	int used = 0;

	for (int i = 0; i < ORDER_CPUS; i++)
		for (int j = 0; j < ORDER_CPUS; j++)
			if (m->counts[i][j] && used <= (i > j ? i : j))
				used = (i > j ? i : j) + 1;
	fprintf(out, "# hand-overs, from the CPU of the line to that of the "
		     "column\n");
	if (m->folded)
		fprintf(out, "# folded: CPU n counts as n modulo %d\n",
			ORDER_CPUS);
	fputs("cpu", out);
	for (int j = 0; j < used; j++)
		fprintf(out, "\t%d", j);
	fputc('\n', out);
	for (int i = 0; i < used; i++) {
		fprintf(out, "%d", i);
		for (int j = 0; j < used; j++)
			fprintf(out, "\t%u", m->counts[i][j]);
		fputc('\n', out);
	}
}

/* One line of counts, a tab before each. */
static void read_counts(uint32_t counts[ORDER_CPUS], const char *text)
{
	for (int j = 0; j < ORDER_CPUS && *text == '\t'; j++) {
		char *end;

		counts[j] += (uint32_t)strtoul(text + 1, &end, 10);
		text = end;
	}
}

void order_matrix_read(struct order_matrix *m, FILE *in)
{
	char *line = NULL, *end;
	size_t size = 0;

	while (getline(&line, &size, in) > 0) {
		unsigned long cpu = strtoul(line, &end, 10);

		if (strncmp(line, "# folded", 8) == 0)
			m->folded = true;
		if (end != line && cpu < ORDER_CPUS)
			read_counts(m->counts[cpu], end);
	}
	free(line);
}
