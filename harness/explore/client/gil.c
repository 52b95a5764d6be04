/* SPDX-License-Identifier: MIT */
/*
 * Clients of GILs: primitives/gil.h. What it guards is plain memory. A request
 * to drop it comes of a timeout, which the explorer lets happen at any moment.
 */
#include "kit.h"

#include "../../../primitives/gil.h"

static const struct gil_impl *g;
static void *gil;
static unsigned sum, inside;

static void begin(const void *impl)
{
	g = impl;
	gil = object_new(&g->id);
	assert(g->init(gil, GIL_SWITCH_INTERVAL_NS) == SYNC_OK);
}

static void end(unsigned sections)
{
	assert(sum == sections);
	if (g->destroy)
		g->destroy(gil);
	free(gil);
}

static unsigned section(void)
{
	g->acquire(gil);
	assert(!inside);
	sum++;
	g->release(gil);
	return 1;
}

/* Computes: between two bytecodes others may run, but no others are inside. */
static unsigned compute(void)
{
	uint64_t switches;

	g->acquire(gil);
	sum++;
	switches = g->switches(gil);
	/* there and back, if somebody has asked */
	if (g->yield(gil))
		assert(g->switches(gil) - switches >= 2);
	inside++;
	sum++;
	inside--;
	g->release(gil);
	return 2;
}

CLIENT(gil, exclusion_2, .threads = 2, .about = "a section each")
{
	begin(impl);
	TOGETHER(section, section);
	assert(g->switches(gil) == 1);
	end(2);
}

CLIENT(gil, yield_2, .threads = 2,
       .about = "one computes and yields, another wants a section")
{
	begin(impl);
	end(TOGETHER(compute, section));
}

/* Computes until the other one has had it as well. */
static unsigned compute_until_both(void)
{
	g->acquire(gil);
	sum++;
	while (sum % 2) {
		g->yield(gil);
		sched_yield();
	}
	g->release(gil);
	return 1;
}

CLIENT(gil, asks_again, .threads = 2, .size = CLIENT_LARGE,
       .about = "each computes until the other one has had it, too")
{
	begin(impl);
	g->acquire(gil);
	pthread_t threads[] = { start(compute_until_both),
				start(compute_until_both) };

	g->release(gil);
	end(join(threads[0]) + join(threads[1]));
}

CLIENT(gil, exclusion_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "a section each")
{
	begin(impl);
	TOGETHER(section, section, section);
	assert(g->switches(gil) == 2);
	end(3);
}

CLIENT(gil, both_yield, .threads = 2, .size = CLIENT_LARGE,
       .about = "both compute and yield")
{
	begin(impl);
	end(TOGETHER(compute, compute));
}

CLIENT(gil, yield_alone, .threads = 1, .about = "alone, yield is false")
{
	begin(impl);
	TOGETHER(section);
	g->acquire(gil);
	assert(!g->yield(gil));
	sum++;
	g->release(gil);
	end(2);
}
