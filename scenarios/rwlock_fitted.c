/* SPDX-License-Identifier: MIT */
/*
 * Threads use rwlocks as a profiled program does: _fitted.h.
 */
#include "../primitives/rwlock.h"
#include "_fitted.h"

static const struct rwlock_impl *impl_of(const struct cell *c)
{
	return (const struct rwlock_impl *)c->implementation->id;
}

static bool setup(struct cell *c)
{
	return fitted_setup(c, impl_of(c)->init);
}

static void section(struct worker *w, void *node, bool write)
{
	const struct rwlock_impl *impl = impl_of(w->cell);
	struct fitted *f = w->cell->state;
	struct fitted_lock *l = fitted_choose(f, w);
	uint64_t ns = fitted_draw(f->cs_ns, w);
	uint64_t start = worker_start(w), inside;

	if (write)
		impl->wrlock(l->object, node);
	else
		impl->rdlock(l->object, node);
	inside = start ? now_ns() : 0;
	w->violations += !(write ? fitted_write(l, ns) : fitted_read(l, ns));
	if (inside)
		worker_record_section(w, now_ns() - inside);
	impl->unlock(l->object, node);
	/* the wait is what an operation is timed for */
	worker_end(w, start ? now_ns() - (inside - start) : 0);
	worker_count(w, 1);
	fitted_rest(f, w, start != 0);
}

/* checksum: sections written. */
static void work(struct worker *w)
{
	uint64_t write_permille = cell_param(w->cell, "write_permille");
	void *node = kit_node(w->cell->implementation->id);

	while (worker_next(w)) {
		bool write = (worker_random(w) >> 24) % 1000 < write_permille;

		w->checksum += write;
		section(w, node, write);
	}
	free(node);
}

static bool verify(struct cell *c)
{
	unsigned long long written = 0;

	for (unsigned i = 0; i < c->n_workers; i++)
		written += c->workers[i].checksum;
	return fitted_verify(c, written);
}

SCENARIO(
	.name = "rwlock_fitted",
	.kind = "rwlock",
	.bound = BOUND_MICRO,
	.brief = "one section, its length and its rwlock drawn as a program's",
	.models = "a program that `synclab run --profile` has looked at",
	.params = {
		FITTED_LOCKS,
		{ "write_permille", 100, 0, 1000, "sections that write" },
		FITTED_LENGTHS(100, 200, 400, 1000),
	},
	.setup = setup,
	.work = work,
	.verify = verify);
