/* SPDX-License-Identifier: MIT */
/*
 * Spin then park, with a spin of nothing: a waiter parks at once.
 *
 * Source, state and edges: see _park.h.
 *
 * Progress: barging, no bypass bound; sleeps.
 * Costs: two atomic read-modify-writes uncontended; contended a FUTEX_WAIT and
 * a FUTEX_WAKE a hand-over, and no CPU time while waiting.
 * Loses to a spin when sections are shorter than a wake-up (5 to 50 us) and the
 * holder has a core.
 */
#include "_park.h"

static bool spin(struct park *m)
{
	(void)m;
	return false;
}

REGISTER_PARK(.brief = "parks at once; barging",
	      .source = "Drepper, Futexes Are Tricky (2011), section 6");
