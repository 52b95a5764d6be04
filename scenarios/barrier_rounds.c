/* SPDX-License-Identifier: MIT */
/*
 * All threads meet at one barrier, again and again.
 *
 * Before it waits, each party checks that another one, a different one each
 * time, has not passed this round already; after its wait, that the other one
 * had come. The marks are plain memory, two a party that take turns: with a
 * correct barrier nobody writes one while it is read.
 *
 * Whoever notices the end leaves the others waiting; stop aborts the barrier.
 */
#include "../primitives/barrier.h"
#include "_kit.h"

/* What a party writes, and others read. */
struct party {
	uint64_t marks[2]; /* of the last even and the last odd round */
	uint64_t serial;   /* how often it was the serial one */
} __attribute__((aligned(2 * CACHE_LINE)));

struct state {
	const struct barrier_impl *impl;
	void *barrier;
	struct party *parties;
};

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));

	s->impl = (const void *)c->implementation->id;
	s->barrier = cell_object(c->implementation);
	s->parties = cell_alloc(c->threads * sizeof(*s->parties));
	return kit_ok(c, "init", s->impl->init(s->barrier, c->threads));
}

static void work(struct worker *w)
{
	struct state *s = w->cell->state;
	struct party *me = &s->parties[w->index];
	unsigned n = w->cell->n_workers, index;

	w->auxiliary = w->index != 0; /* one counts for all */
	for (uint64_t round = 1; worker_next(w); round++) {
		struct party *other = &s->parties[(w->index + round) % n];
		uint64_t start = worker_start(w);

		me->marks[round % 2] = round;
		w->violations += other->marks[(round + 1) % 2] != round - 1;
		if (s->impl->wait(s->barrier, DEADLINE_NEVER, &index)) {
			w->violations += worker_next(w); /* not before stop */
			return;
		}
		worker_end(w, start);
		w->violations += other->marks[round % 2] != round;
		me->serial += index == 0;
		w->checksum = round;
		worker_count(w, !w->auxiliary);
	}
}

static void stop(struct cell *c)
{
	struct state *s = c->state;

	s->impl->abort(s->barrier);
}

/* stop may break the last round for some of those who had met in it. */
static bool verify(struct cell *c)
{
	struct state *s = c->state;
	uint64_t least = UINT64_MAX, most = 0, serial = 0;

	for (unsigned i = 0; i < c->n_workers; i++) {
		uint64_t rounds = c->workers[i].checksum;

		least = rounds < least ? rounds : least;
		most = rounds > most ? rounds : most;
		serial += s->parties[i].serial;
	}
	if (most > least + 1 || serial < least || serial > most)
		return cell_fail(c, "%llu to %llu rounds, %llu serial ones",
				 (unsigned long long)least,
				 (unsigned long long)most,
				 (unsigned long long)serial);
	return kit_no_violations(c, "a party was in another round");
}

static void teardown(struct cell *c)
{
	struct state *s = c->state;

	if (s->impl->destroy)
		s->impl->destroy(s->barrier);
}

SCENARIO(.name = "barrier_rounds", .kind = "barrier", .bound = BOUND_MICRO,
	 .brief = "one round in which all threads meet",
	 .models =
		 "a stencil solver: all strips of a step before the next step",
	 .setup = setup, .work = work, .stop = stop, .verify = verify,
	 .teardown = teardown);
