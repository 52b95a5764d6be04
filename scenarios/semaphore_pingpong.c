/* SPDX-License-Identifier: MIT */
/*
 * Two semaphores a pair: each has a permit while it is that side's turn.
 */
#include "../primitives/semaphore.h"
#include "_pingpong.h"

struct arena {
	struct pingpong pingpong;
	const struct semaphore_impl *impl;
	void *turn[2];
};

static void give(void *arena, unsigned side)
{
	struct arena *a = arena;

	a->impl->release(a->turn[side], 1);
}

static void take(void *arena, unsigned side)
{
	struct arena *a = arena;

	a->impl->acquire(a->turn[side]);
}

static bool make(struct cell *c, void *arena)
{
	struct arena *a = arena;

	a->impl = (const void *)c->implementation->id;
	for (int side = 0; side < 2; side++) {
		a->turn[side] = cell_object(c->implementation);
		if (!kit_ok(c, "init", a->impl->init(a->turn[side], 0, 0)))
			return false;
	}
	return true;
}

static bool setup(struct cell *c)
{
	return pingpong_setup(c, sizeof(struct arena), make);
}

static void work(struct worker *w)
{
	pingpong_play(w,
		      pingpong_arena(w->cell, w->index, sizeof(struct arena)),
		      give, take);
}

static bool verify(struct cell *c)
{
	return pingpong_verify(c, sizeof(struct arena));
}

SCENARIO(.name = "semaphore_pingpong", .kind = "semaphore",
	 .bound = BOUND_MICRO,
	 .brief = "one round trip of a turn between two threads",
	 .models = "a reader and a parser that share one buffer: full, empty",
	 .skip = pingpong_skip, .setup = setup, .work = work, .verify = verify);
