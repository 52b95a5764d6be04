/* SPDX-License-Identifier: MIT */
/*
 * In which order threads acquired a lock, and what that says of its fairness.
 * Written down inside the critical section, so the lock itself orders it.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct order_figures {
	/* Known of every window over sections that exclude one another. */
	bool self_known;
	double self_handover; /* share of acquisitions by the last holder */
	/* The rest needs the full record: mode `order`; samples == 0: none. */
	uint64_t samples;	 /* acquisitions written down */
	uint64_t longest_bypass; /* most acquisitions by others between two of
				  * one thread, the window's edges included */
	double lwss; /* lock working set: distinct holders in 1 ms, mean */
	double reacquire_median; /* acquisitions until a thread's next one */
	double dice; /* share of the busier half of the threads: 0.5 is fair */
	double cross_cpu; /* share of hand-overs to another CPU */
};

#endif
