/* SPDX-License-Identifier: MIT */
/*
 * Spin then park, after 1000 pauses: 15 to 50 us of CPU time.
 *
 * Source, state and edges: see _park.h.
 *
 * Progress: barging, no bypass bound; spins, then sleeps.
 * Costs: two atomic read-modify-writes uncontended; contended at most about one
 * wake-up more than parking at once, in CPU time: the competitive spin (A.
 * Karlin et al., "Empirical studies of competitive spinning for a shared-memory
 * multiprocessor", SOSP 1991).
 * Loses to parking at once when sections are longer than the spin, or the
 * holder has no core: then every waiter spins in vain.
 */
#include "_park.h"

static bool spin(struct park *m)
{
	return spin_for(m, TURNS(1000)) < TURNS(1000);
}

REGISTER_PARK(.brief = "parks after 1000 pauses; barging",
	      .source = "Ousterhout, ICDCS 1982");
