/* SPDX-License-Identifier: MIT */
/*
 * Some threads only write and all others only read what one lock guards. The
 * sides are told apart in every figure: a sum hides the one that starves.
 *
 * Source: dotnet/runtime issue 13243, one writer beside readers: 1183 reads to
 * 2 writes.
 */
#include "_kit.h"

#include "../primitives/rwlock.h"

#include <stdlib.h>

struct table {
	const struct rwlock_impl *impl;
	void *lock;
	/* Plain, guarded by it: a writer leaves them equal. */
	_Alignas(2 * CACHE_LINE) uint64_t first;
	_Alignas(2 * CACHE_LINE) uint64_t last;
};

/* The first workers write. */
static unsigned n_writers(const struct cell *c)
{
	return (unsigned)cell_param(c, "writers");
}

static const char *skip(const struct cell *c)
{
	return c->threads <= n_writers(c) ? "needs a thread that reads" : NULL;
}

static bool setup(struct cell *c)
{
	struct table *t = c->state = cell_alloc(sizeof(*t));

	t->impl = (const struct rwlock_impl *)c->implementation->id;
	t->lock = cell_object(c->implementation);
	return !t->impl->init || kit_ok(c, "rwlock", t->impl->init(t->lock));
}

/* Each returns whether no writer was inside beside it. */
static bool write_table(struct table *t, uint64_t hold_ns)
{
	bool alone = t->first == t->last;

	t->first++;
	work_ns(hold_ns);
	t->last++;
	return alone;
}

static bool read_table(const struct table *t, uint64_t hold_ns)
{
	uint64_t before = t->first;

	work_ns(hold_ns); /* and then second loads, not copies */
	return t->first == before && t->last == before;
}

static void operate(struct worker *w, struct table *t, bool write)
{
	uint64_t hold_ns = cell_param(w->cell, "hold_ns");
	uint64_t rest_ns = cell_param(w->cell, "rest_ns");
	void *node = kit_node(&t->impl->id);

	while (worker_next(w)) {
		uint64_t start = worker_start(w), inside;

		rwlock_enter(t->impl, t->lock, node, write);
		worker_end(w, start);
		inside = now_ns();
		w->violations += !(write ? write_table(t, hold_ns)
					 : read_table(t, hold_ns));
		worker_record_section(w, now_ns() - inside);
		rwlock_leave(t->impl, t->lock, node, write);
		worker_count(w, 1);
		work_ns(rest_ns);
	}
	free(node);
}

static void work(struct worker *w)
{
	operate(w, w->cell->state, w->index < n_writers(w->cell));
}

/* The figures of one side. */
static void side(struct cell *c, unsigned first, unsigned n,
		 const char *const names[3])
{
	double ops = 0;

	for (unsigned i = first; i < first + n; i++)
		ops += (double)worker_window_ops(&c->workers[i]);
	cell_figure(c, names[0], ops * (double)NS_PER_S / (double)c->window_ns);
	cell_figure(c, names[1], kit_wait_p50(c, first, n));
	cell_figure(c, names[2], cell_latencies(c, first, n).p99_ns);
}

static bool verify(struct cell *c)
{
	static const char *const reads[] = { "reads_per_s", "read_p50_ns",
					     "read_p99_ns" };
	static const char *const writes[] = { "writes_per_s", "write_p50_ns",
					      "write_p99_ns" };
	const struct table *t = c->state;
	unsigned n = n_writers(c);
	uint64_t written = 0;

	side(c, n, c->threads - n, reads);
	side(c, 0, n, writes);
	for (unsigned i = 0; i < n; i++)
		written += c->workers[i].turn.ops;
	if (t->first != written || t->last != written)
		return cell_fail(c, "%llu writes left a trace of %llu and %llu",
				 (unsigned long long)written,
				 (unsigned long long)t->first,
				 (unsigned long long)t->last);
	return kit_no_violations(c, "a section met a writer beside it");
}

SCENARIO(
	.name = "rwlock_roles",
	.kind = "rwlock",
	.bound = BOUND_MICRO,
	.brief = "one section of a thread that always writes or always reads",
	.models = "a router's table: packet threads read it, one daemon writes",
	.params = {
		{ "writers", 1, 0, THREADS_MAX, "threads that write" },
		{ "hold_ns", 1000, 0, NS_PER_S, "work inside the section" },
		{ "rest_ns", 100, 0, NS_PER_S, "work outside" },
	},
	.slow = true,
	.skip = skip,
	.setup = setup,
	.work = work,
	.verify = verify);
