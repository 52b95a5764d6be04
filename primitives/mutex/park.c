/* SPDX-License-Identifier: MIT */
/*
 * Spin then park, with a limit that follows what earlier waits have taken.
 *
 * Source: glibc's PTHREAD_MUTEX_ADAPTIVE_NP (nptl/pthread_mutex_lock.c): spin
 * for at most twice the moving average plus 10, at most 100; an eighth of the
 * difference goes into the average. Without its back-off and jitter (2.36).
 *
 * State  see _park.h for the word and the edges
 *        pauses  moving average of a wait. A hint, written without the lock:
 *                may be any of the averages lately computed.
 *
 * Progress: barging, no bypass bound; spins, then sleeps.
 * Costs: two atomic read-modify-writes uncontended; at most 100 pauses (1.5 to
 * 5 us) before a sleep.
 * Loses to a fixed limit where it learns the wrong thing: a wait that ends in a
 * sleep counts as the limit, so vain spinning makes it spin longer; and 100
 * pauses are less than a wake-up on most machines.
 */
#include "_park.h"

enum { PAUSES_MAX = TURNS(100), PAUSES_MORE = TURNS(10) };

static bool spin(struct park *m)
{
	/* relaxed, here and below: a hint */
	int32_t mean =
		(int32_t)atomic_load_explicit(&m->pauses, memory_order_relaxed);
	int32_t limit = 2 * mean + PAUSES_MORE;
	int32_t n;

	if (limit > PAUSES_MAX)
		limit = PAUSES_MAX;
	n = (int32_t)spin_for(m, (uint32_t)limit);
	atomic_store_explicit(&m->pauses, (uint32_t)(mean + (n - mean) / 8),
			      memory_order_relaxed);
	return n < limit;
}

REGISTER_PARK(.brief = "parks after a spin that adapts, 10 to 100 pauses",
	      .source = "glibc, PTHREAD_MUTEX_ADAPTIVE_NP");
