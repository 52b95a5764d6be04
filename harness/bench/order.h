/* SPDX-License-Identifier: MIT */
/*
 * In which order threads acquired a lock, and what that says of its fairness.
 *
 * Lock working set and time to reacquire: D. Dice, "Malthusian Locks", EuroSys
 * 2017, section 6, and "Measuring short-term fairness for locks" (his blog); he
 * slices by acquisitions, we by time, so that a lock that sleeps shows. Dice's
 * fairness factor: as in "FlexGuard", SOSP 2025, section 5.5.
 *
 * Pure functions; order_log.h has the recorder.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct order_figures {
	/* Known of every window over sections that exclude one another. */
	bool self_known;
	double self_handover; /* share of acquisitions by the last holder */
	/* The rest needs the full record: mode `order`; samples == 0: none. */
	uint64_t samples;	 /* acquisitions written down */
	uint64_t longest_bypass; /* most acquisitions by others between two of
				  * one thread, the window's edges included */
	double lwss; /* lock working set: distinct holders in 1 ms, mean */
	double reacquire_median; /* acquisitions by others until a thread's
				  * next one */
	double dice; /* share of the busier half of the threads: 0.5 is fair */
	double cross_cpu; /* share of hand-overs to another CPU */
};

/* One acquisition. 2^40 ns are 18 minutes. */
struct order_entry {
	uint64_t ns : 40; /* since the record began */
	uint64_t thread : 12;
	uint64_t cpu : 12;
};

/* Acquisitions of one lock of which none is missing in between. */
struct order_run {
	const struct order_entry *entries;
	size_t n;
};

/* Who handed over to whom, by CPU: counts[from][to]. A machine with more CPUs
 * than this is folded: CPU n counts as n modulo ORDER_CPUS. */
enum { ORDER_CPUS = 64 };

struct order_matrix {
	bool folded;
	uint32_t counts[ORDER_CPUS][ORDER_CPUS];
};

/* From all runs of all locks; threads: above every entry's thread. Threads that
 * are in none of the entries were starved, and count. */
void order_figures_of(const struct order_run *runs, size_t n, unsigned threads,
		      struct order_figures *out);

/* The share of the busier half; with an odd number the middle one is halved. */
double order_dice(const uint64_t *counts, unsigned n);

void order_matrix_add(struct order_matrix *m, const struct order_run *run);
void order_matrix_merge(struct order_matrix *into,
			const struct order_matrix *from);

/* As text: a line for each CPU that handed over, a column for each that took,
 * up to the highest in use. */
void order_matrix_print(const struct order_matrix *m, FILE *out);

/* Add what order_matrix_print has written. */
void order_matrix_read(struct order_matrix *m, FILE *in);

#endif
