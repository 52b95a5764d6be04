/* SPDX-License-Identifier: MIT */
/*
 * Is NEW above or below BASE, by how much, and how sure is that? Estimates of
 * ratios with distribution-free intervals, and a correction for looking at many
 * of them. docs/statistics.md explains them to users.
 *
 * How many pairs a campaign needs. n pairs have 2^n equally likely patterns of
 * signs, so p is never below 2^(1-n); to resolve R of m comparisons at the rate
 * q, each of the R needs p <= R q / m. Hence
 *
 *	n >= 1 + log2(m / (R q)),
 *
 * which at q = 5 % is 6 pairs for a single comparison or where all differ, and,
 * where only one does, 9 of m = 10, 11 of 50, 12 of 100, 15 of 500. Ten pairs
 * (p = 1/512) serve 50 comparisons if at least 2 differ, 100 if at least 4 do.
 * That is where every pair agrees; a small effect in noise takes more. Samples
 * of n and m that are not paired have the least p of 2 / C(n + m, n): 4 and 4
 * for a single comparison, 7 and 7 for one of 50.
 *
 * All figures are plain numbers without unit: NEW / BASE. Whether above 1 means
 * better is for the caller to know. Pure functions: no I/O, no state; they only
 * read their inputs and keep none of them, so threads may call them at once.
 * While they run they take memory for n^2 / 2 (paired) or n m (unpaired)
 * doubles; without it they abort().
 */
#ifndef RATIO_H
#define RATIO_H

#include <stdbool.h>
#include <stddef.h>

enum verdict {
	RATIO_UNRESOLVED, /* the interval includes 1 */
	RATIO_ABOVE,
	RATIO_BELOW
};

struct ratio {
	double value;	  /* estimate of NEW / BASE; NAN: no data */
	double low, high; /* interval; no bound (0 and INFINITY, or -INFINITY
			     and INFINITY of a single sample) where n is too
			     small for this level */
	double p;	  /* two-sided, of "the ratio is 1"; 1: no data */
	double level;	  /* of the interval, such as 0.95 */
	unsigned n, m;	  /* used: pairs or values (m = 0), or both samples */
};

/*
 * Paired: new_[i] and base[i] were measured next to each other, in random
 * order, in block i, and whatever the block did to one it did to the other. The
 * median of the Walsh averages of the log ratios, and the interval and p of
 * Wilcoxon's signed-rank test. A pair of which either is not a positive finite
 * number is left out: who leaves out many has to say so elsewhere.
 */
struct ratio ratio_paired(const double *new_, const double *base, unsigned n,
			  double level);

/* Two independent samples, from campaigns at different times: the median of all
 * differences of logs, and the interval and p of Mann and Whitney's test.
 * Values that are not positive finite numbers are left out. */
struct ratio ratio_unpaired(const double *new_, unsigned n, const double *base,
			    unsigned m, double level);

/* The median of one sample and its interval (order statistics), to compare a
 * figure with a constant, p with 1. Values may be 0 or negative, NAN is left
 * out. */
struct ratio ratio_single(const double *values, unsigned n, double level);

/* A share of k in n and its interval (C. Clopper & E. Pearson, Biometrika
 * 1934), exact; p says nothing. */
struct ratio ratio_share(unsigned k, unsigned n, double level);

/*
 * In place of each value, how far its log is from that of the sample's median.
 * Ratios of these are ratios of spreads: of the noise, not of the speed (M.
 * Brown & A. Forsythe, JASA 1974, take deviations from the median likewise).
 * What is not a positive finite number becomes NAN.
 */
void ratio_deviations(double *values, unsigned n);

/* On which side of 1 the interval lies; RATIO_UNRESOLVED if it includes 1. */
enum verdict ratio_verdict(const struct ratio *r);

struct comparison {
	const double *new_, *base; /* the caller's */
	unsigned n, m;		   /* their lengths; m is not read if paired */
	bool paired;
	struct ratio ratio;   /* out */
	enum verdict verdict; /* in and out: see below */
};

/*
 * Fill in ratios and verdicts of a table of which a share of at most q of the
 * resolved ones is wrong on average: Benjamini & Hochberg's (1995) step-up of
 * the m comparisons that have data, independent or positively dependent. With R
 * of them resolved, all intervals are at the level 1 - R q / m (Benjamini &
 * Yekutieli 2005; R = 1 if none is), so that an interval excludes 1 exactly
 * where the verdict is resolved.
 *
 * A campaign that looks several times passes the same table again with more
 * data: a comparison whose verdict is resolved already keeps it, and its ratio,
 * and counts among the R. Verdicts are RATIO_UNRESOLVED (0) before the first
 * look.
 */
void ratio_correct(struct comparison *table, size_t n, double q);

/*
 * The q of the k-th look, k from 1: q / (k (k + 1)), which adds up to q over
 * any number of looks, so that a campaign may stop after whichever it likes.
 * Looks are dear (the third has a sixth of the first's q): double the number of
 * blocks from one to the next, and let the data decide what to measure on only
 * there.
 */
double ratio_look(double q, unsigned k);

#endif
