/* SPDX-License-Identifier: MIT */
#include "order_log.h"

#include <stdlib.h>

#include "recorder.h"

_Static_assert(THREADS_MAX < 1 << 11, "a thread has to fit order_entry");

/* Of one lock; guarded by it. */
struct order_lock {
	_Alignas(2 * CACHE_LINE) uint64_t n; /* acquisitions in the window */
	struct order_entry *entries;	     /* ORDER_STRETCHES stretches */
	uint64_t stretch;	     /* entries in one, a power of two */
	struct order_entry *current; /* stretch, or NULL: not recorded */
	uint64_t random;
	uint64_t epoch_ns;
};

struct order_log {
	unsigned n;
	struct order_lock *locks;
};

struct order_log *order_log_new(void)
{
	return cell_alloc(sizeof(struct order_log));
}

void order_log_open(struct order_log *log, unsigned locks)
{
	uint64_t share = ORDER_ENTRIES, now = now_ns();

	log->n = locks < ORDER_LOCKS ? locks : ORDER_LOCKS;
	while (share * log->n > ORDER_ENTRIES)
		share /= 2;
	log->locks = cell_alloc(log->n * sizeof(log->locks[0]));
	for (unsigned i = 0; i < log->n; i++)
		log->locks[i] = (struct order_lock){
			.entries =
				cell_alloc(share * sizeof(struct order_entry)),
			.stretch = share / ORDER_STRETCHES,
			.random = i + 1,
			.epoch_ns = now,
		};
}

void *order_log_of(struct order_log *log, unsigned i)
{
	return i < log->n ? &log->locks[i] : NULL;
}

/* Where stretch number k goes: NULL for nowhere. */
static struct order_entry *place(struct order_lock *l, uint64_t k)
{
	if (k >= ORDER_STRETCHES) {
		l->random = l->random * UINT64_C(6364136223846793005) + 1;
		k = (l->random >> 20) % (k + 1);
	}
	return k < ORDER_STRETCHES ? l->entries + k * l->stretch : NULL;
}

void order_log_take(struct section *s, struct section_object *o)
{
	const struct recorder *r = s->recorder;
	struct order_lock *l = o->log;

	if (!l)
		return;
	/* relaxed, yet in the order of the sections. Not turn.seen: who waits
	 * or leaves at an edge would be bypassed by those that saw it later. */
	if (atomic_load_explicit(s->turn.phase, memory_order_relaxed) !=
	    MEASURE)
		return;

	uint64_t i = l->n++, at = i & (l->stretch - 1);

	if (at == 0)
		l->current = place(l, i / l->stretch);
	if (l->current)
		l->current[at] = (struct order_entry){
			.ns = now_ns() - l->epoch_ns,
			.thread = r->thread,
			.cpu = (unsigned)sched_getcpu(),
		};
}

/* The runs of one lock: one if all of it is there, else one a stretch. */
static size_t runs_of(const struct order_lock *l, struct order_run *out)
{
	uint64_t written = l->n & (l->stretch - 1); /* of the last stretch */

	if (l->n <= ORDER_STRETCHES * l->stretch) {
		*out = (struct order_run){ l->entries, l->n };
		return 1;
	}
	for (size_t i = 0; i < ORDER_STRETCHES; i++) {
		const struct order_entry *first = l->entries + i * l->stretch;
		bool cut = first == l->current && written;

		out[i] =
			(struct order_run){ first, cut ? written : l->stretch };
	}
	return ORDER_STRETCHES;
}

void order_log_figures(const struct order_log *log, unsigned threads,
		       struct order_figures *out, struct order_matrix *m)
{
	static struct order_run runs[ORDER_LOCKS * ORDER_STRETCHES];
	size_t n = 0;

	for (unsigned i = 0; i < log->n; i++)
		n += runs_of(&log->locks[i], &runs[n]);
	order_figures_of(runs, n, threads, out);
	for (size_t i = 0; m && i < n; i++)
		order_matrix_add(m, &runs[i]);
}
