/* SPDX-License-Identifier: MIT */
/*
 * Clients of counters: primitives/counter.h.
 */
#include "kit.h"

#include "../../../primitives/counter.h"

static const struct counter_impl *c;
static void *counter;

static void begin(const void *impl)
{
	c = impl;
	counter = object_new(&c->id);
	if (c->init)
		assert(c->init(counter) == SYNC_OK);
}

static void end(uint64_t total)
{
	assert(c->read(counter) == total);
	if (c->destroy)
		c->destroy(counter);
	free(counter);
}

static unsigned sent; /* plain */

static unsigned add_one(void)
{
	c->add(counter, 1);
	return 0;
}

static unsigned add_one_twice(void)
{
	return add_one() + add_one();
}

static unsigned add_two(void)
{
	c->add(counter, 2);
	return 0;
}

static unsigned send(void)
{
	sent = 7;
	return add_one();
}

CLIENT(counter, adds_2, .threads = 2, .about = "an add each")
{
	begin(impl);
	TOGETHER(add_one, add_two);
	end(3);
}

CLIENT(counter, adds_2x2, .threads = 2, .about = "two adds each")
{
	begin(impl);
	TOGETHER(add_one_twice, add_one_twice);
	end(4);
}

CLIENT(counter, adds_3, .threads = 3, .about = "an add each")
{
	begin(impl);
	TOGETHER(add_one, add_two, add_one);
	end(4);
}

static unsigned read_sent(void)
{
	if (c->read(counter))
		assert(sent == 7);
	return 0;
}

CLIENT(counter, publishes, .threads = 2,
       .about = "a read sees what was before the add that it counts")
{
	begin(impl);
	TOGETHER(send, read_sent);
	end(1);
}

/* Any subset of those beside it, and no less the second time. */
static unsigned read_twice(void)
{
	uint64_t first = c->read(counter), second = c->read(counter);

	assert(first <= second && second <= 3);
	return 0;
}

CLIENT(counter, reads_go_up, .threads = 2, .about = "two reads beside two adds")
{
	begin(impl);
	TOGETHER(add_one_twice, read_twice);
	end(2);
}

CLIENT(counter, reads_go_up_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "two reads beside an add of two others each")
{
	begin(impl);
	TOGETHER(add_one, add_two, read_twice);
	end(3);
}

static const uint64_t half = UINT64_C(1) << 31;

static unsigned add_halves(void)
{
	c->add(counter, half);
	c->add(counter, half);
	return 0;
}

static unsigned read_halves(void)
{
	uint64_t first = c->read(counter), second = c->read(counter);

	assert(first <= second && second <= 2 * half);
	return 0;
}

CLIENT(counter, carry, .threads = 2,
       .about = "two reads beside two adds of 2^31, which carry")
{
	begin(impl);
	TOGETHER(add_halves, read_halves);
	end(2 * half);
}

static unsigned add_and_read(void)
{
	add_one();
	uint64_t total = c->read(counter);

	assert(total == 1 || total == 2);
	return 0;
}

CLIENT(counter, reads_own_adds, .threads = 2, .about = "an add and a read each")
{
	begin(impl);
	TOGETHER(add_and_read, add_and_read);
	end(2);
}
