/* SPDX-License-Identifier: MIT */
/*
 * A log-linear histogram of nanoseconds: 64 buckets for each power of two, so a
 * value is off by at most 1.6 %. After G. Tene's HdrHistogram, whose text form
 * (.hgrm) it prints. Not thread-safe: one per thread, merged afterwards.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

enum {
	HISTOGRAM_SUB_BITS = 6,
	HISTOGRAM_SUB = 1 << HISTOGRAM_SUB_BITS,
	/* Up to 2^40 ns = 18 minutes; longer values land in the last bucket. */
	HISTOGRAM_BUCKETS = (40 - HISTOGRAM_SUB_BITS + 1) * HISTOGRAM_SUB,
};

struct histogram {
	uint64_t total, max;
	double sum;
	uint32_t counts[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t ns);
void histogram_merge(struct histogram *into, const struct histogram *from);

/* The value below which the share q (0 .. 1) lies; 0 if it is empty. */
uint64_t histogram_quantile(const struct histogram *h, double q);
double histogram_mean(const struct histogram *h);

/* All counts in one line, "NS:COUNT NS:COUNT ...", and added from such a line;
 * total is then what was read, max and sum are the caller's to set. */
void histogram_write(const struct histogram *h, FILE *out);
void histogram_read(struct histogram *into, const char *text);

/* In .hgrm form; what is written can be plotted and read by HdrHistogram. */
void histogram_print(const struct histogram *h, FILE *out);

#endif
