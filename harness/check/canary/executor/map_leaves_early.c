/* SPDX-License-Identifier: MIT */
/*
 * A map that gives up when one of its tasks is refused, and does not wait for
 * those that were not.
 *
 * Bug:       held-pool-map-leaves-early
 * Source:    apache/gobblin issue 658 (2016): one failure, and close returns
 *            before the other futures are done; the same of a scope that
 *            unwinds: rust-lang/rust issue 157969 (2026)
 * Scenario:  a shutdown in the midst of a map
 * Violation: tasks write into memory that map has freed, or map's caller
 * Caught by: preempt, faults, perturb
 * Explored by: map_beside_shutdown (use after free)
 */
#define OWN_MAP
#include "_pool.h"

static int map(void *executor, task_function *function, void *const *in,
	       void **out, size_t n)
{
	struct pool *p = executor;
	struct future *f = malloc((n + 1) * sizeof(*f));
	int r = SYNC_OK;
	size_t i, begun = 0;

	if (!f)
		return SYNC_NO_MEMORY;
	if (n == 0 && atomic_load_explicit(&p->closed, memory_order_relaxed))
		r = SYNC_CLOSED;
	for (; begun < n && r == SYNC_OK; begun += r == SYNC_OK)
		r = submit(executor, &f[begun], function, in[begun]);
#if BROKEN
	if (r)
		begun = 0;
#endif
	for (i = 0; i < begun; i++)
		if (result(&f[i], DEADLINE_NEVER, &out[i]))
			r = SYNC_CLOSED;
	free(f);
	return r;
}

#include "_plain.h"

REGISTER_POOL("a map that fails does not wait", "apache/gobblin issue 658");
