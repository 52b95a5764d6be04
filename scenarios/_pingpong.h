/* SPDX-License-Identifier: MIT */
/*
 * Pairs of threads that hand a turn to and fro: what the ping-pongs share.
 *
 * Workers 2i and 2i + 1 play in arena i; cell->state is the array of arenas,
 * each of which begins with a struct pingpong. The first of a pair serves: it
 * decides when the window is over, and hands over once more to say so. Nobody
 * is then left waiting, and a hand-over that is lost shows as a hang.
 */
#ifndef PINGPONG_H
#define PINGPONG_H

#include "_kit.h"

enum { SERVER, RETURNER };

struct pingpong {
	/* Plain: they belong to whoever has the turn. */
	uint64_t hits;
	bool over;
} __attribute__((aligned(2 * CACHE_LINE)));

/* Let side have the turn; wait until side, the caller, has it. */
typedef void pingpong_give(void *arena, unsigned side);
typedef void pingpong_take(void *arena, unsigned side);

static inline const char *pingpong_skip(const struct cell *c)
{
	return c->threads % 2 ? "needs pairs of threads" : NULL;
}

/* The arena of a worker. */
static inline void *pingpong_arena(const struct cell *c, unsigned worker,
				   size_t arena_size)
{
	return (char *)c->state + worker / 2 * arena_size;
}

/* As .setup: makes the arenas. */
static inline bool pingpong_setup(struct cell *c, size_t arena_size,
				  bool (*make)(struct cell *c, void *arena))
{
	c->state = cell_alloc(c->threads / 2 * arena_size);
	for (unsigned i = 0; i < c->threads; i += 2)
		if (!make(c, pingpong_arena(c, i, arena_size)))
			return false;
	return true;
}

static ALWAYS_INLINE void pingpong_serve(struct worker *w, struct pingpong *p,
					 pingpong_give *give,
					 pingpong_take *take)
{
	while (worker_next(w)) {
		uint64_t start = worker_start(w);
		uint64_t hits = ++p->hits;

		give(p, RETURNER);
		take(p, SERVER);
		worker_end(w, start);
		worker_count(w, 1);
		w->violations += p->hits != hits + 1;
	}
	p->over = true;
	give(p, RETURNER);
}

static ALWAYS_INLINE void pingpong_return(struct worker *w, struct pingpong *p,
					  pingpong_give *give,
					  pingpong_take *take)
{
	w->auxiliary = true; /* the server counts for both */
	for (uint64_t hits = 1;; hits += 2) {
		take(p, RETURNER);
		worker_next(w); /* only to notice the phases */
		if (p->over)
			return;
		w->violations += p->hits++ != hits;
		give(p, SERVER);
	}
}

static ALWAYS_INLINE void pingpong_play(struct worker *w, struct pingpong *p,
					pingpong_give *give,
					pingpong_take *take)
{
	if (w->index % 2 == SERVER)
		pingpong_serve(w, p, give, take);
	else
		pingpong_return(w, p, give, take);
}

static inline bool pingpong_verify(struct cell *c, size_t arena_size)
{
	for (unsigned i = 0; i < c->n_workers; i += 2) {
		struct pingpong *p = pingpong_arena(c, i, arena_size);
		uint64_t trips = c->workers[i].turn.ops;

		if (p->hits != 2 * trips)
			return cell_fail(c, "pair %u: %llu hits in %llu trips",
					 i / 2, (unsigned long long)p->hits,
					 (unsigned long long)trips);
	}
	return kit_no_violations(c, "the turn was given to both or to nobody");
}

#endif
