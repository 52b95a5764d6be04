/* SPDX-License-Identifier: MIT */
/*
 * Three tests of one form. Each has contrasts that lie around the quantity to
 * estimate, and under the null hypothesis the number of them below it has a
 * known, symmetric distribution:
 *
 *	sample		contrasts			distribution
 *	paired, n	averages of two logs, or one:	Wilcoxon's signed-rank
 *			n (n + 1) / 2			statistic
 *	unpaired, n, m	differences of logs: n m	Mann-Whitney's U
 *	single, n	the n values			binomial, 1/2
 *
 * The estimate is the median of the contrasts, and the interval goes from the
 * k-th least to the k-th greatest with the largest k that the level allows
 * (Hodges & Lehmann 1963; Hollander, Wolfe & Chicken, Nonparametric Statistical
 * Methods, 2014, chapters 3 and 4). Logs make NEW / BASE and BASE / NEW say the
 * same.
 *
 * A contrast exactly at the null hypothesis counts against a difference. With
 * ties and zeros broken at random the distributions below would be exact; this
 * is the worst of all ways to break them, so p is valid, if cautious, for data
 * that are coarsely rounded. Mid-ranks would be less cautious, but then p and
 * interval might contradict each other.
 */
#include "ratio.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

/*
 * Beyond these sizes the normal approximation with continuity correction
 * serves. Its p is never more than 1 % below the exact one (samples of like
 * size) and less than 7 % above it down to 0.01. Further out it is cautious, by
 * a quarter at 0.001: a bounded statistic has thinner tails.
 */
enum { EXACT_PAIRS = 100, EXACT_DIFFERENCES = 1000 };

/* How many of the contrasts lie below the true value. */
struct null {
	size_t contrasts;
	double (*tail)(const struct null *, size_t count); /* P(at most) */
	double *cdf; /* for exact_tail, owned; or NULL */
	double sd;   /* for normal_tail */
};

static double *doubles(size_t n)
{
	double *new_ = calloc(n ? n : 1, sizeof(*new_));

	if (!new_)
		abort();
	return new_;
}

/* ---- null distributions ---- */

static double exact_tail(const struct null *null, size_t count)
{
	return null->cdf[count];
}

static double normal_tail(const struct null *null, size_t count)
{
	double mean = (double)null->contrasts / 2;

	return gsl_cdf_ugaussian_P(((double)count + 0.5 - mean) / null->sd);
}

static double binomial_tail(const struct null *null, size_t count)
{
	return gsl_cdf_binomial_P((unsigned)count, 0.5,
				  (unsigned)null->contrasts);
}

/* Weights of 0, 1, ..., n - 1 to probabilities of at most so much. */
static void accumulate(double *weights, size_t n)
{
	double total = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		total += weights[i];
	for (size_t i = 0; i < n; i++) {
		sum += weights[i];
		weights[i] = sum / total;
	}
}

/* The sum of those of the ranks 1..n for which a fair coin shows heads. */
static double *signed_rank_cdf(unsigned n, size_t contrasts)
{
	double *p = doubles(contrasts + 1);

	p[0] = 1;
	for (size_t rank = 1; rank <= n; rank++)
		for (size_t sum = rank * (rank + 1) / 2 + 1; sum-- > 0;)
			p[sum] =
				(p[sum] + (sum < rank ? 0 : p[sum - rank])) / 2;
	accumulate(p, contrasts + 1);
	return p;
}

/*
 * Of n + m values in ascending order, n are of one sample. Its j-th, at place
 * `at` of all, stands above at - j of the other's. ways[j][u]: in how many ways
 * the first j stand above u in all. Counts stay far below the largest double,
 * and sums of positive numbers lose no digits.
 */
static double *rank_sum_cdf(unsigned n, unsigned m, size_t contrasts)
{
	size_t few = n < m ? n : m, many = n < m ? m : n;
	size_t stride = contrasts + 1;
	double *ways = doubles((few + 1) * stride), *cdf = doubles(stride);

	ways[0] = 1;
	for (size_t at = 1; at <= few + many; at++)
		for (size_t j = at < few ? at : few; j > 0; j--) {
			double *to = ways + j * stride;
			const double *from = to - stride;
			size_t above = at - j;

			if (above > many)
				break;
			for (size_t u = above; u <= j * many; u++)
				to[u] += from[u - above];
		}
	for (size_t u = 0; u < stride; u++)
		cdf[u] = ways[few * stride + u];
	free(ways);
	accumulate(cdf, stride);
	return cdf;
}

static struct null signed_rank(unsigned n)
{
	struct null null = { .contrasts = (size_t)n * (n + 1) / 2 };

	if (n <= EXACT_PAIRS) {
		null.tail = exact_tail;
		null.cdf = signed_rank_cdf(n, null.contrasts);
	} else {
		null.tail = normal_tail;
		null.sd = sqrt((double)null.contrasts * (2.0 * n + 1) / 12);
	}
	return null;
}

static struct null rank_sum(unsigned n, unsigned m)
{
	struct null null = { .contrasts = (size_t)n * m };

	if (null.contrasts <= EXACT_DIFFERENCES) {
		null.tail = exact_tail;
		null.cdf = rank_sum_cdf(n, m, null.contrasts);
	} else {
		null.tail = normal_tail;
		null.sd = sqrt((double)null.contrasts * (1.0 + n + m) / 12);
	}
	return null;
}

/* ---- from contrasts to ratios ---- */

/* The largest k of which the k-th least and the k-th greatest contrast bound an
 * interval at 1 - alpha; 0: not even the outermost do. */
static size_t depth(const struct null *null, double alpha)
{
	size_t low = 0, high = (null->contrasts + 1) / 2;

	while (low < high) {
		size_t k = (low + high + 1) / 2;

		if (2 * null->tail(null, k - 1) <= alpha)
			low = k;
		else
			high = k - 1;
	}
	return low;
}

static double p_value(const struct null *null, const double *sorted, double one)
{
	size_t not_above = 0, not_below = 0;

	for (size_t i = 0; i < null->contrasts; i++) {
		not_above += sorted[i] <= one;
		not_below += sorted[i] >= one;
	}

	size_t against = not_above < not_below ? not_above : not_below;

	return fmin(1, 2 * null->tail(null, against));
}

/* one: what the contrasts lie around if there is no difference. */
static struct ratio estimate(double *contrasts, const struct null *null,
			     double one, double alpha)
{
	size_t n = null->contrasts;
	struct ratio r = { NAN, -INFINITY, INFINITY, 1, 1 - alpha, 0, 0 };

	if (n == 0)
		return r;
	gsl_sort(contrasts, 1, n);
	r.value = gsl_stats_median_from_sorted_data(contrasts, 1, n);
	r.p = p_value(null, contrasts, one);

	size_t k = depth(null, alpha);

	if (k > 0) {
		r.low = contrasts[k - 1];
		r.high = contrasts[n - k];
	}
	return r;
}

static struct ratio estimate_logs(double *contrasts, const struct null *null,
				  double alpha)
{
	struct ratio r = estimate(contrasts, null, 0, alpha);

	r.value = exp(r.value);
	r.low = exp(r.low);
	r.high = exp(r.high);
	return r;
}

static bool usable(double x)
{
	return isfinite(x) && x > 0;
}

/* alpha instead of the level: 1 - (1 - alpha) is not quite alpha, and a p that
 * equals alpha would be in and out of the interval. */
static struct ratio paired(const double *new_, const double *base, unsigned n,
			   double alpha)
{
	double *logs = doubles(n);
	unsigned used = 0;

	for (unsigned i = 0; i < n; i++)
		if (usable(new_[i]) && usable(base[i]))
			logs[used++] = log(new_[i]) - log(base[i]);

	struct null null = signed_rank(used);
	double *averages = doubles(null.contrasts), *at = averages;

	for (unsigned i = 0; i < used; i++)
		for (unsigned j = 0; j <= i; j++)
			*at++ = (logs[i] + logs[j]) / 2;

	struct ratio r = estimate_logs(averages, &null, alpha);

	r.n = used;
	free(averages);
	free(null.cdf);
	free(logs);
	return r;
}

static unsigned usable_logs(const double *values, unsigned n, double *logs)
{
	unsigned used = 0;

	for (unsigned i = 0; i < n; i++)
		if (usable(values[i]))
			logs[used++] = log(values[i]);
	return used;
}

static struct ratio unpaired(const double *new_, unsigned n, const double *base,
			     unsigned m, double alpha)
{
	double *x = doubles(n), *y = doubles(m);
	unsigned used_n = usable_logs(new_, n, x);
	unsigned used_m = usable_logs(base, m, y);
	struct null null = rank_sum(used_n, used_m);
	double *differences = doubles(null.contrasts), *at = differences;

	for (unsigned i = 0; i < used_n; i++)
		for (unsigned j = 0; j < used_m; j++)
			*at++ = x[i] - y[j];

	struct ratio r = estimate_logs(differences, &null, alpha);

	r.n = used_n;
	r.m = used_m;
	free(differences);
	free(null.cdf);
	free(y);
	free(x);
	return r;
}

struct ratio ratio_paired(const double *new_, const double *base, unsigned n,
			  double level)
{
	return paired(new_, base, n, 1 - level);
}

struct ratio ratio_unpaired(const double *new_, unsigned n, const double *base,
			    unsigned m, double level)
{
	return unpaired(new_, n, base, m, 1 - level);
}

struct ratio ratio_single(const double *values, unsigned n, double level)
{
	struct null null = { .tail = binomial_tail };
	double *kept = doubles(n);

	for (unsigned i = 0; i < n; i++)
		if (!isnan(values[i]))
			kept[null.contrasts++] = values[i];

	struct ratio r = estimate(kept, &null, 1, 1 - level);

	r.n = (unsigned)null.contrasts;
	free(kept);
	return r;
}

struct ratio ratio_share(unsigned k, unsigned n, double level)
{
	double tail = (1 - level) / 2;
	struct ratio r = { .value = NAN,
			   .low = 0,
			   .high = 1,
			   .p = 1,
			   .level = level,
			   .n = n };

	if (n == 0)
		return r;
	r.value = (double)k / n;
	if (k > 0)
		r.low = gsl_cdf_beta_Pinv(tail, k, n - k + 1);
	if (k < n)
		r.high = gsl_cdf_beta_Qinv(tail, k + 1, n - k);
	return r;
}

void ratio_deviations(double *values, unsigned n)
{
	double *logs = doubles(n), median;
	size_t kept = 0;

	for (unsigned i = 0; i < n; i++) {
		bool positive = isfinite(values[i]) && values[i] > 0;

		values[i] = positive ? log(values[i]) : NAN;
		if (positive)
			logs[kept++] = values[i];
	}
	gsl_sort(logs, 1, kept);
	median = kept ? gsl_stats_median_from_sorted_data(logs, 1, kept) : NAN;
	for (unsigned i = 0; i < n; i++)
		values[i] = fabs(values[i] - median);
	free(logs);
}

/* ---- many comparisons ---- */

enum verdict ratio_verdict(const struct ratio *r)
{
	if (r->low > 1)
		return RATIO_ABOVE;
	return r->high < 1 ? RATIO_BELOW : RATIO_UNRESOLVED;
}

static struct ratio compare(const struct comparison *c, double alpha)
{
	if (c->paired)
		return paired(c->new_, c->base, c->n, alpha);
	return unpaired(c->new_, c->n, c->base, c->m, alpha);
}

/* R q / m of the step-up: R is the largest rank at which a p is small enough,
 * 1 if there is none. */
static double step_up(double *p, size_t m, double q)
{
	size_t resolved = m;

	gsl_sort(p, 1, m);
	while (resolved > 1 &&
	       p[resolved - 1] > (double)resolved * q / (double)m)
		resolved--;
	return m ? (double)resolved * q / (double)m : q;
}

/*
 * A verdict of an earlier look enters with p = 0. Let V be the false verdicts
 * of this look and R all verdicts so far; then E(V / R) is at most this look's
 * q, by the same argument as for a single look, since given that a comparison
 * is unresolved, the others' verdicts do not depend on it. R only grows, so the
 * false share in the end is at most the sum over the looks.
 */
void ratio_correct(struct comparison *table, size_t n, double q)
{
	double *p = doubles(n);
	size_t m = 0;

	for (struct comparison *c = table; c < table + n; c++) {
		bool settled = c->verdict != RATIO_UNRESOLVED;

		if (!settled)
			c->ratio = compare(c, q);
		if (!isnan(c->ratio.value))
			p[m++] = settled ? 0 : c->ratio.p;
	}

	double alpha = step_up(p, m, q);

	for (struct comparison *c = table; c < table + n; c++) {
		if (c->verdict != RATIO_UNRESOLVED)
			continue;
		c->ratio = compare(c, alpha);
		c->verdict = ratio_verdict(&c->ratio);
	}
	free(p);
}

double ratio_look(double q, unsigned k)
{
	return k ? q / k / (k + 1.0) : 0;
}
