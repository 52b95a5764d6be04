/* SPDX-License-Identifier: MIT */
/*
 * Each worker starts a thread that does nearly nothing, and joins it.
 *
 * The thread adds one to a plain count of its starter's, which only a start and
 * a join that order memory make the right one.
 */
#include "../primitives/thread.h"
#include "_kit.h"

static bool setup(struct cell *c)
{
	(void)c; /* each worker makes its own */
	return true;
}

static void body(void *argument)
{
	++*(uint64_t *)argument;
}

static void work(struct worker *w)
{
	const struct thread_impl *impl =
		(const void *)w->cell->implementation->id;
	struct thread_options options = { .function = body,
					  .argument = &w->checksum };
	void *thread = cell_object(w->cell->implementation);

	while (worker_next(w)) {
		uint64_t start = worker_start(w);
		int r = impl->start(thread, &options);

		if (r) {
			cell_fail(w->cell, "start: %s", strerror(r));
			w->violations++;
			return;
		}
		r = impl->join(thread, DEADLINE_NEVER);
		worker_end(w, start);
		worker_count(w, 1);
		w->violations += r || w->checksum != w->turn.ops;
	}
}

static bool verify(struct cell *c)
{
	return kit_no_violations(c, "join came before the end, or failed");
}

SCENARIO(.name = "thread_start_join", .kind = "thread", .bound = BOUND_MICRO,
	 .brief = "one thread started and joined",
	 .models = "a server that starts a thread for each request",
	 .slow = true, .setup = setup, .work = work, .verify = verify);
