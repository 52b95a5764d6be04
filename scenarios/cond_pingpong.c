/* SPDX-License-Identifier: MIT */
/*
 * One mutex and one condition a pair: a side holds the mutex whenever it does
 * not wait for its turn. At most one of the two waits, so signal(1) is enough.
 */
#include "../primitives/cond.h"
#include "_pingpong.h"

struct arena {
	struct pingpong pingpong;
	const struct cond_impl *impl;
	void *cond;
	struct guard guards[2]; /* the same mutex with the node of each side */
	unsigned turn;
};

static void give(void *arena, unsigned side)
{
	struct arena *a = arena;

	a->turn = side;
	a->impl->signal(a->cond, 1);
}

static void take(void *arena, unsigned side)
{
	struct arena *a = arena;

	while (a->turn != side)
		a->impl->wait(a->cond, &a->guards[side]);
}

static bool make(struct cell *c, void *arena)
{
	struct arena *a = arena;
	struct guard g = { 0 };

	a->impl = (const void *)c->implementation->id;
	a->cond = cell_object(c->implementation);
	if (a->impl->init && !kit_ok(c, "init", a->impl->init(a->cond)))
		return false;
	if (!kit_guard(c, &g))
		return false;
	a->guards[SERVER] = kit_own_guard(&g);
	a->guards[RETURNER] = kit_own_guard(&g);
	return true;
}

static bool setup(struct cell *c)
{
	return pingpong_setup(c, sizeof(struct arena), make);
}

static void work(struct worker *w)
{
	struct arena *a =
		pingpong_arena(w->cell, w->index, sizeof(struct arena));
	const struct guard *g = &a->guards[w->index % 2];

	guard_acquire(g, 1);
	pingpong_play(w, &a->pingpong, give, take);
	guard_release(g);
}

static bool verify(struct cell *c)
{
	return pingpong_verify(c, sizeof(struct arena));
}

SCENARIO(.name = "cond_pingpong", .kind = "cond", .bound = BOUND_MICRO,
	 .brief = "one round trip of a turn between two threads",
	 .models = "a game's simulation and render threads that swap a frame",
	 .skip = pingpong_skip, .setup = setup, .work = work, .verify = verify);
