/* SPDX-License-Identifier: MIT */
/*
 * Clients of conditions: primitives/cond.h. The guard is a mutex of the C
 * library, which the explorer answers in few steps.
 */
#include "kit.h"

#include "../../../primitives/cond.h"

LACKS(lacks_timed, cond, timedwait)

/* ---- guards ---- */

static struct {
	pthread_mutex_t mutex;
	unsigned depth; /* when it is used as a recursive one */
} guarding = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void lock(void *unused, void *node)
{
	(void)unused, (void)node;
	pthread_mutex_lock(&guarding.mutex);
}

static void unlock(void *unused, void *node)
{
	(void)unused, (void)node;
	pthread_mutex_unlock(&guarding.mutex);
}

static unsigned release_all(void *unused)
{
	unsigned depth = guarding.depth;

	guarding.depth = 0;
	unlock(unused, NULL);
	return depth;
}

static void reacquire(void *unused, unsigned depth)
{
	lock(unused, NULL);
	assert(guarding.depth == 0);
	guarding.depth = depth;
}

static const struct guard simple = {
	.mutex = &(const struct mutex_impl){ .lock = lock, .unlock = unlock },
};
static const struct guard nested = {
	.recursive =
		&(const struct recursive_mutex_impl){
			.release_all = release_all,
			.reacquire = reacquire,
		},
};

/* ---- parts ---- */

static const struct cond_impl *c;
static void *cond;
static unsigned tokens; /* guarded, plain */

static void begin(const void *impl)
{
	c = impl;
	cond = object_new(&c->id);
	if (c->init)
		assert(c->init(cond) == SYNC_OK);
}

static void discard(void)
{
	if (c->destroy)
		c->destroy(cond);
	free(cond);
}

static void end(void)
{
	assert(tokens == 0);
	discard();
}

static void enter(void)
{
	lock(NULL, NULL);
}

static void leave(void)
{
	unlock(NULL, NULL);
}

static unsigned take(void)
{
	enter();
	while (!tokens)
		c->wait(cond, &simple);
	tokens--;
	leave();
	return 1;
}

static unsigned give(void)
{
	enter();
	tokens++;
	c->signal(cond, 1);
	leave();
	return 0;
}

static unsigned give_twice(void)
{
	return give() + give();
}

static unsigned give_two(void)
{
	enter();
	tokens += 2;
	c->signal(cond, 2);
	leave();
	return 0;
}

static unsigned give_and_signal_outside(void)
{
	enter();
	tokens++;
	leave();
	c->signal(cond, 1);
	return 0;
}

static unsigned give_all(void)
{
	enter();
	tokens += 2;
	c->broadcast(cond);
	leave();
	return 0;
}

CLIENT(cond, signal_2, .threads = 2, .about = "one waits for a token")
{
	begin(impl);
	TOGETHER(take, give);
	end();
}

CLIENT(cond, signal_without_mutex, .threads = 2,
       .about = "one waits for a token, signalled without the mutex")
{
	begin(impl);
	TOGETHER(take, give_and_signal_outside);
	end();
}

CLIENT(cond, broadcast_3, .threads = 3, .about = "two wait, one broadcasts")
{
	begin(impl);
	TOGETHER(take, take, give_all);
	end();
}

CLIENT(cond, signal_n, .threads = 3, .size = CLIENT_LARGE,
       .about = "two wait, one signals two")
{
	begin(impl);
	TOGETHER(take, take, give_two);
	end();
}

CLIENT(cond, a_signal_a_token, .threads = 3, .size = CLIENT_LARGE,
       .about = "two wait, one gives and signals twice")
{
	begin(impl);
	TOGETHER(take, take, give_twice);
	end();
}

CLIENT(cond, signal_takes_no_one_elses, .threads = 4, .size = CLIENT_LARGE,
       .about = "two wait, two give and signal")
{
	begin(impl);
	TOGETHER(take, take, give, give);
	end();
}

/* Each has a signal of its own, and the second one waits only after the first
 * signal: of one waiter, sent when nobody else waited. */
static bool for_first, for_second;

static unsigned first(void)
{
	enter();
	while (!for_first)
		c->wait(cond, &simple);
	leave();
	return 0;
}

static unsigned second(void)
{
	enter();
	while (for_first && !for_second)
		c->wait(cond, &simple);
	leave();
	return 0;
}

static unsigned signal_each(void)
{
	enter();
	for_first = true;
	c->signal(cond, 1);
	leave();
	enter();
	for_second = true;
	c->signal(cond, 1);
	leave();
	return 0;
}

CLIENT(cond, a_signal_each, .threads = 3, .size = CLIENT_LARGE,
       .about = "one waits and is signalled, then another waits and is")
{
	begin(impl);
	TOGETHER(first, second, signal_each);
	end();
}

static unsigned take_at(unsigned depth)
{
	reacquire(NULL, depth);
	while (!tokens)
		c->wait(cond, &nested);
	tokens--;
	unsigned restored = release_all(NULL);

	assert(restored == depth);
	return 1;
}

static unsigned take_nested(void)
{
	return take_at(2);
}

static unsigned take_deeper(void)
{
	return take_at(3);
}

CLIENT(cond, nested_guard, .threads = 2,
       .about = "one waits for a token with a mutex that it holds twice")
{
	begin(impl);
	TOGETHER(take_nested, give);
	end();
}

CLIENT(cond, nested_guards, .threads = 3, .size = CLIENT_LARGE,
       .about = "two wait with a mutex that they hold at different depths")
{
	begin(impl);
	TOGETHER(take_nested, take_deeper, give_all);
	end();
}

/* A place for one token and two conditions on one mutex. */
static void *room;

static unsigned put_two(void)
{
	for (int i = 0; i < 2; i++) {
		enter();
		while (tokens)
			c->wait(room, &simple);
		tokens++;
		c->signal(cond, 1);
		leave();
	}
	return 0;
}

static unsigned get_two(void)
{
	for (int i = 0; i < 2; i++) {
		enter();
		while (!tokens)
			c->wait(cond, &simple);
		tokens--;
		c->signal(room, 1);
		leave();
	}
	return 0;
}

CLIENT(cond, two_on_a_mutex, .threads = 2, .size = CLIENT_LARGE,
       .about = "two items through a place for one, with two conditions")
{
	begin(impl);
	room = cond;
	begin(impl);
	TOGETHER(put_two, get_two);
	end();
	cond = room;
	end();
}

/* ---- timed waits ---- */

static unsigned timed(uint64_t deadline)
{
	int result;

	enter();
	result = c->timedwait(cond, &simple, deadline);
	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	/* what it may have got, and does not need, it hands on */
	if (result == SYNC_OK)
		c->signal(cond, 1);
	leave();
	return result == SYNC_OK;
}

static unsigned wait_till_soon(void)
{
	return timed(soon());
}

CLIENT(cond, timed_2, .threads = 2, .lacks = lacks_timed,
       .about = "one that may give up beside a signal")
{
	begin(impl);
	TOGETHER(wait_till_soon, give_and_signal_outside);
	tokens--;
	end();
}

CLIENT(cond, timeout_takes_no_signal, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_timed,
       .about = "one that waits and one that may give up, and one signal")
{
	begin(impl);
	TOGETHER(take, wait_till_soon, give);
	end();
}

static unsigned give_up_and_take(void)
{
	return timed(soon()) + take();
}

static unsigned give_up_and_give(void)
{
	return timed(soon()) + give();
}

CLIENT(cond, waits_after_timeout, .threads = 2, .lacks = lacks_timed,
       .about = "two that may give up; then one gives what the other waits for")
{
	begin(impl);
	TOGETHER(give_up_and_take, give_up_and_give);
	end();
}

/* Too late for the signal before it, and for its own deadline. */
static unsigned give_and_wait_no_more(void)
{
	int result;

	give();
	enter();
	result = c->timedwait(cond, &simple, 0);
	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	leave();
	return 0;
}

CLIENT(cond, latecomer_takes_no_signal, .threads = 2, .lacks = lacks_timed,
       .about = "one waits, another signals and is then late for a wait")
{
	begin(impl);
	TOGETHER(take, give_and_wait_no_more);
	end();
}

/* ---- destruction ---- */

static unsigned take_and_discard(void)
{
	enter();
	while (!tokens)
		c->wait(cond, &simple);
	discard();
	leave();
	return 0;
}

CLIENT(cond, freed_after_wait, .threads = 2,
       .about = "the one that was woken destroys and frees")
{
	begin(impl);
	TOGETHER(take_and_discard, give);
}

static bool gone;

static unsigned wait_until_gone(void)
{
	enter();
	while (!gone)
		c->wait(cond, &simple);
	leave();
	return 0;
}

static unsigned broadcast_and_discard(void)
{
	enter();
	gone = true;
	c->broadcast(cond);
	leave();
	discard();
	return 0;
}

CLIENT(cond, freed_after_broadcast_2, .threads = 2,
       .about = "one waits; the one that broadcasts destroys and frees")
{
	begin(impl);
	TOGETHER(wait_until_gone, broadcast_and_discard);
}

CLIENT(cond, freed_after_broadcast_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "two wait; the one that broadcasts destroys and frees")
{
	begin(impl);
	TOGETHER(wait_until_gone, wait_until_gone, broadcast_and_discard);
}

static unsigned wait_a_moment(void)
{
	enter();
	if (!gone)
		c->timedwait(cond, &simple, soon());
	leave();
	return 0;
}

CLIENT(cond, destroy_waits_for_timeouts, .threads = 2, .lacks = lacks_timed,
       .about = "one that may give up; the one that broadcasts frees")
{
	begin(impl);
	TOGETHER(wait_a_moment, broadcast_and_discard);
}
