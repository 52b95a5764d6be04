/* SPDX-License-Identifier: MIT */
/*
 * Two events a pair: the one whose turn it is clears its own and sets the
 * other's. The clear comes before the set that lets the other side answer, so
 * it cannot wipe out that answer.
 */
#include "../primitives/event.h"
#include "_pingpong.h"

struct arena {
	struct pingpong pingpong;
	const struct event_impl *impl;
	void *turn[2];
};

static void give(void *arena, unsigned side)
{
	struct arena *a = arena;

	a->impl->set(a->turn[side]);
}

static void take(void *arena, unsigned side)
{
	struct arena *a = arena;

	a->impl->wait(a->turn[side]);
	a->impl->clear(a->turn[side]);
}

static bool make(struct cell *c, void *arena)
{
	struct arena *a = arena;

	a->impl = (const void *)c->implementation->id;
	for (int side = 0; side < 2; side++) {
		a->turn[side] = cell_object(c->implementation);
		if (a->impl->init &&
		    !kit_ok(c, "init", a->impl->init(a->turn[side])))
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

SCENARIO(.name = "event_pingpong", .kind = "event", .bound = BOUND_MICRO,
	 .brief = "one round trip of a turn between two threads",
	 .models = "a client and a server over shared memory: request, answer",
	 .skip = pingpong_skip, .setup = setup, .work = work, .verify = verify);
