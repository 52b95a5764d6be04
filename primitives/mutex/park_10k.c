/* SPDX-License-Identifier: MIT */
/*
 * Spin then park, after 10000 pauses: 150 to 500 us of CPU time.
 *
 * Source, state and edges: see _park.h.
 *
 * Progress: barging, no bypass bound; spins, then sleeps.
 * Costs: two atomic read-modify-writes uncontended; contended up to the whole
 * spin before each sleep, ten wake-ups' worth of a core.
 * Loses to parking at once when sections are longer than the spin, or the
 * holder has no core: then every waiter spins in vain.
 */
#include "_park.h"

static bool spin(struct park *m)
{
	return spin_for(m, TURNS(10000)) < TURNS(10000);
}

REGISTER_PARK(.brief = "parks after 10000 pauses; barging",
	      .source = "Ousterhout, ICDCS 1982");
