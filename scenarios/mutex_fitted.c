/* SPDX-License-Identifier: MIT */
/*
 * Threads use mutexes as a profiled program does: _fitted.h.
 */
#include "../primitives/mutex.h"
#include "_fitted.h"

static const struct mutex_impl *impl_of(const struct cell *c)
{
	return (const struct mutex_impl *)c->implementation->id;
}

static bool setup(struct cell *c)
{
	return fitted_setup(c, impl_of(c)->init);
}

static void section(struct worker *w, void *node)
{
	const struct mutex_impl *impl = impl_of(w->cell);
	struct fitted *f = w->cell->state;
	struct fitted_lock *l = fitted_choose(f, w);
	uint64_t ns = fitted_draw(f->cs_ns, w);
	uint64_t start = worker_start(w), inside;

	impl->lock(l->object, node);
	inside = start ? now_ns() : 0;
	w->violations += !fitted_write(l, ns);
	if (inside)
		worker_record_section(w, now_ns() - inside);
	impl->unlock(l->object, node);
	/* the wait is what an operation is timed for */
	worker_end(w, start ? now_ns() - (inside - start) : 0);
	worker_count(w, 1);
	fitted_rest(f, w, start != 0);
}

static void work(struct worker *w)
{
	void *node = kit_node(w->cell->implementation->id);

	while (worker_next(w))
		section(w, node);
	free(node);
}

static bool verify(struct cell *c)
{
	return fitted_verify(c, cell_total_ops(c));
}

SCENARIO(
	.name = "mutex_fitted",
	.kind = "mutex",
	.bound = BOUND_MICRO,
	.brief = "one section, its length and its mutex drawn as a program's",
	.models = "a program that `synclab run --profile` has looked at",
	.params = {
		FITTED_LOCKS,
		FITTED_LENGTHS(100, 200, 400, 1000),
	},
	.setup = setup,
	.work = work,
	.verify = verify);
