/* SPDX-License-Identifier: MIT */
#include "figure.h"

#include <math.h>
#include <string.h>

/* Fewer say nothing of a median, nor does less than that beyond a percentile.
 */
enum { SAMPLES_MIN = 10 };

static const char *const names[FIGURES] = {
	[WINDOW_S] = "window_s",
	[RAMP_S] = "ramp_s",
	[RAMP_SLOPE] = "ramp_slope",
	[OVERLAP] = "overlap",
	[OPS] = "ops",
	[OPS_PER_S] = "ops_per_s",
	[SAMPLES] = "samples",
	[P50] = "p50_ns",
	[P90] = "p90_ns",
	[P99] = "p99_ns",
	[P999] = "p999_ns",
	[P9999] = "p9999_ns",
	[MAX] = "max_ns",
	[SERVICE_P50] = "service_p50_ns",
	[SERVICE_P99] = "service_p99_ns",
	[JAIN] = "jain",
	[MIN_SHARE] = "min_share",
	[GINI] = "gini",
	[THREAD_CV] = "thread_cv",
	[CPU_PER_OP] = "cpu_ns_per_op",
	[VCSW] = "vcsw_per_op",
	[IVCSW] = "ivcsw_per_op",
	[FUTEX_WAITS] = "futex_waits_per_op",
	[FUTEX_WAKES] = "futex_wakes_per_op",
	[SELF_HANDOVER] = "self_handover",
	[ORDER_SAMPLES] = "order_samples",
	[LONGEST_BYPASS] = "longest_bypass",
	[LWSS] = "lwss",
	[REACQUIRE] = "reacquire_median",
	[DICE] = "dice_fairness",
	[CROSS_CPU] = "cross_cpu",
	[CS_REQUESTED] = "cs_ns_requested",
	[CS_REAL] = "cs_ns_real",
	[CS_REAL_P99] = "cs_ns_real_p99",
	[NCS_REQUESTED] = "ncs_ns_requested",
	[NCS_REAL] = "ncs_ns_real",
	[NCS_REAL_P99] = "ncs_ns_real_p99",
	[CYCLES] = "cycles_per_op",
	[INSTRUCTIONS] = "instructions_per_op",
	[CACHE_MISSES] = "cache_misses_per_op",
	[STEAL] = "steal_share",
	[FOREIGN] = "foreign_share",
	[LOAD] = "load_1min",
	[IDLE_IVCSW] = "idle_ivcsw",
	[STEP_BEFORE] = "step_ns_before",
	[STEP_AFTER] = "step_ns_after",
	[PADDING] = "padding_bytes",
	[OFFSET] = "offset_bytes",
};

const char *figure_name(enum figure f)
{
	return names[f];
}

enum figure figure_by_name(const char *name)
{
	int f = 0;

	while (f < FIGURES && strcmp(names[f], name) != 0)
		f++;
	return (enum figure)f;
}

static void lengths(uint64_t asked, const struct histogram *h, double *out)
{
	out[0] = (double)asked;
	/* of a few samples after a long wait, all may be slow: cold caches */
	if (h->total < SAMPLES_MIN)
		return;
	out[1] = (double)histogram_quantile(h, 0.5);
	out[2] = (double)histogram_quantile(h, 0.99);
}

static void latencies(const struct window_result *r, double *out)
{
	static const double quantiles[] = { 0.5, 0.9, 0.99, 0.999, 0.9999 };
	const struct histogram *h = &r->latency;

	out[SAMPLES] = (double)h->total;
	out[MAX] = (double)h->max;
	for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		if (i == 0 ||
		    (1 - quantiles[i]) * (double)h->total >= SAMPLES_MIN)
			out[P50 + i] =
				(double)histogram_quantile(h, quantiles[i]);
	if (r->service.total == 0)
		return;
	out[SERVICE_P50] = (double)histogram_quantile(&r->service, 0.5);
	out[SERVICE_P99] = (double)histogram_quantile(&r->service, 0.99);
}

static void machine(const struct window_result *r, double *out)
{
	out[STEAL] = r->steal;
	out[FOREIGN] = r->foreign;
	out[LOAD] = r->load;
	out[IDLE_IVCSW] = (double)r->idle_involuntary;
	out[STEP_BEFORE] = r->step_ns_before;
	out[STEP_AFTER] = r->step_ns_after;
	out[PADDING] = r->padding_bytes;
	out[OFFSET] = r->offset_bytes;
}

static void order(const struct order_figures *o, double *out)
{
	if (o->self_known)
		out[SELF_HANDOVER] = o->self_handover;
	if (o->samples == 0)
		return;
	out[ORDER_SAMPLES] = (double)o->samples;
	out[LONGEST_BYPASS] = (double)o->longest_bypass;
	out[LWSS] = o->lwss;
	out[REACQUIRE] = o->reacquire_median;
	out[DICE] = o->dice;
	out[CROSS_CPU] = o->cross_cpu;
}

static void counts(const struct window_result *r, double *out)
{
	static const enum figure hardware[] = { CYCLES, INSTRUCTIONS,
						CACHE_MISSES };
	double ops = (double)r->ops;

	out[CPU_PER_OP] = (double)r->cpu_ns / ops;
	out[VCSW] = (double)r->voluntary_switches / ops;
	out[IVCSW] = (double)r->involuntary_switches / ops;
	if (r->counters.futex_known) {
		out[FUTEX_WAITS] = (double)r->counters.futex_waits / ops;
		out[FUTEX_WAKES] = (double)r->counters.futex_wakes / ops;
	}
	for (int i = 0; i < HARDWARE_COUNTERS; i++)
		if (r->counters.hardware_known[i])
			out[hardware[i]] =
				(double)r->counters.hardware[i] / ops;
}

void figures_of(const struct window_result *r, bool latency,
		double out[FIGURES])
{
	for (int f = 0; f < FIGURES; f++)
		out[f] = NAN;
	out[WINDOW_S] = (double)r->window_ns / (double)NS_PER_S;
	out[RAMP_S] = (double)r->ramp_ns / (double)NS_PER_S;
	out[RAMP_SLOPE] = r->ramp_slope;
	out[OVERLAP] = r->overlap;
	out[OPS] = (double)r->ops;
	out[OPS_PER_S] = (double)r->ops / out[WINDOW_S];
	if (latency && r->latency.total)
		latencies(r, out);
	out[JAIN] = r->jain;
	out[MIN_SHARE] = r->min_share;
	out[GINI] = r->gini;
	out[THREAD_CV] = r->thread_cv;
	if (r->ops)
		counts(r, out);
	order(&r->order, out);
	lengths(r->cs_ns_requested, &r->inside, out + CS_REQUESTED);
	lengths(r->ncs_ns_requested, &r->outside, out + NCS_REQUESTED);
	machine(r, out);
}
