/* SPDX-License-Identifier: MIT */
#include "histogram.h"

#include <stdlib.h>

static unsigned bucket_of(uint64_t ns)
{
	if (ns < HISTOGRAM_SUB)
		return (unsigned)ns;

	unsigned shift =
		63u - (unsigned)__builtin_clzll(ns) - HISTOGRAM_SUB_BITS;
	unsigned bucket = (shift + 1) * HISTOGRAM_SUB +
			  (unsigned)(ns >> shift) - HISTOGRAM_SUB;

	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The middle of a bucket. */
static uint64_t value_of(unsigned bucket)
{
	if (bucket < HISTOGRAM_SUB)
		return bucket;

	unsigned shift = bucket / HISTOGRAM_SUB - 1;
	uint64_t low = (uint64_t)(bucket % HISTOGRAM_SUB + HISTOGRAM_SUB)
		       << shift;

	return low + (UINT64_C(1) << shift) / 2;
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	h->counts[bucket_of(ns)]++;
	h->total++;
	h->sum += (double)ns;
	if (ns > h->max)
		h->max = ns;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->counts[i] += from->counts[i];
	into->total += from->total;
	into->sum += from->sum;
	if (from->max > into->max)
		into->max = from->max;
}

uint64_t histogram_quantile(const struct histogram *h, double q)
{
	double rank = q * (double)h->total;
	uint64_t seen = 0;

	if (h->total == 0)
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += h->counts[i];
		if (seen > 0 && (double)seen >= rank)
			return value_of(i) < h->max ? value_of(i) : h->max;
	}
	return h->max;
}

double histogram_mean(const struct histogram *h)
{
	return h->total ? h->sum / (double)h->total : 0;
}

void histogram_write(const struct histogram *h, FILE *out)
{
	const char *space = "";

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (h->counts[i]) {
			fprintf(out, "%s%llu:%u", space,
				(unsigned long long)value_of(i), h->counts[i]);
			space = " ";
		}
}

void histogram_read(struct histogram *into, const char *text)
{
	char *end = (char *)(uintptr_t)text;

	while (*end) {
		uint64_t ns = strtoull(end, &end, 10);

		if (*end != ':')
			return;

		uint32_t count = (uint32_t)strtoul(end + 1, &end, 10);

		into->counts[bucket_of(ns)] += count;
		into->total += count;
	}
}

void histogram_print(const struct histogram *h, FILE *out)
{
	uint64_t seen = 0;

	fprintf(out, "%12s %14s %10s %14s\n\n", "Value", "Percentile",
		"TotalCount", "1/(1-Percentile)");
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (h->counts[i] == 0)
			continue;
		seen += h->counts[i];

		double q = (double)seen / (double)h->total;

		fprintf(out, "%12llu %2.12f %10llu",
			(unsigned long long)value_of(i), q,
			(unsigned long long)seen);
		if (seen < h->total)
			fprintf(out, " %14.2f", 1 / (1 - q));
		fputc('\n', out);
	}
	fprintf(out, "#[Mean    = %12.3f, Max = %llu, Total count = %llu]\n",
		histogram_mean(h), (unsigned long long)h->max,
		(unsigned long long)h->total);
}
