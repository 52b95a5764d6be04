/* SPDX-License-Identifier: MIT */
/*
 * Clients of events: primitives/event.h.
 *
 * That a thread which was waiting when set ran returns although clear follows
 * at once, no client can say: it would have to know that the other one waits
 * already, and not that it is about to.
 */
#include "kit.h"

#include "../../../primitives/event.h"

LACKS(lacks_timed, event, timedwait)

static const struct event_impl *e;
static void *event;
static unsigned sent; /* plain: what is announced */

static void begin(const void *impl)
{
	e = impl;
	event = object_new(&e->id);
	if (e->init)
		assert(e->init(event) == SYNC_OK);
}

static void discard(void)
{
	if (e->destroy)
		e->destroy(event);
	free(event);
}

static void end(bool is_set)
{
	assert(e->is_set(event) == is_set);
	discard();
}

static unsigned set(void)
{
	e->set(event);
	return 0;
}

static unsigned clear(void)
{
	e->clear(event);
	return 0;
}

static unsigned wait(void)
{
	e->wait(event);
	return 1;
}

static unsigned send(void)
{
	sent = 7;
	return set();
}

static unsigned receive(void)
{
	e->wait(event);
	assert(sent == 7);
	return 1;
}

CLIENT(event, message, .threads = 2,
       .about = "what one did before set, another sees after wait")
{
	begin(impl);
	TOGETHER(send, receive);
	end(true);
}

CLIENT(event, two_waiters, .threads = 3, .about = "set lets both through")
{
	begin(impl);
	TOGETHER(receive, receive, send);
	end(true);
}

CLIENT(event, two_setters, .threads = 3,
       .about = "two that set beside one that waits")
{
	begin(impl);
	TOGETHER(set, set, wait);
	end(true);
}

static unsigned receive_if_set(void)
{
	if (!e->is_set(event))
		return 0;
	assert(sent == 7);
	return 1;
}

CLIENT(event, is_set_publishes, .threads = 2,
       .about = "what one did before set, another sees once it is set")
{
	begin(impl);
	TOGETHER(send, receive_if_set);
	end(true);
}

CLIENT(event, wrap, .threads = 2, .lacks = lacks_age,
       .about = "set and wait while the counters wrap round")
{
	begin(impl);
	e->id.age(event, 1);
	TOGETHER(send, receive);
	clear();
	TOGETHER(set, receive);
	end(true);
}

/* ---- clear ---- */

static unsigned clear_and_set(void)
{
	return clear() + set();
}

CLIENT(event, clear_and_set, .threads = 2,
       .about = "one waits for what another clears and sets")
{
	begin(impl);
	set();
	TOGETHER(wait, clear_and_set);
	end(true);
}

CLIENT(event, clear_beside_set, .threads = 3, .size = CLIENT_LARGE,
       .about = "a clear beside a set and a wait; then set again")
{
	begin(impl);
	pthread_t waiter = start(wait);

	TOGETHER(clear, set);
	set();
	join(waiter);
	end(true);
}

/* News arrives beside a thread that clears the event, looks for news, and waits
 * if there are none. */
static _Atomic unsigned news; /* relaxed: set and clear order it */

static unsigned announce(void)
{
	atomic_fetch_add_explicit(&news, 1, memory_order_relaxed);
	return set();
}

static unsigned look_for(unsigned wanted)
{
	for (;;) {
		clear();
		if (atomic_load_explicit(&news, memory_order_relaxed) == wanted)
			return 1;
		e->wait(event);
	}
}

static unsigned look_for_one(void)
{
	return look_for(1);
}

static unsigned look_for_two(void)
{
	return look_for(2);
}

CLIENT(event, clear_look_wait, .threads = 2,
       .about = "clear, look for news, wait, beside news and set")
{
	begin(impl);
	TOGETHER(look_for_one, announce);
	discard();
}

CLIENT(event, news_when_set, .threads = 2,
       .about = "the same beside news and a set of what is set already")
{
	begin(impl);
	set();
	TOGETHER(look_for_one, announce);
	discard();
}

CLIENT(event, clear_look_wait_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "clear, look for news, wait, beside two with news and set")
{
	begin(impl);
	TOGETHER(look_for_two, announce, announce);
	discard();
}

/* ---- timed forms ---- */

static unsigned timed(uint64_t deadline)
{
	int result = e->timedwait(event, deadline);

	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	if (result == SYNC_OK)
		assert(sent == 7);
	return result == SYNC_OK;
}

static unsigned wait_till_soon(void)
{
	return timed(soon());
}

static unsigned wait_no_more(void)
{
	return timed(0);
}

CLIENT(event, timed_2, .threads = 2, .lacks = lacks_timed,
       .about = "one that may give up beside a set")
{
	begin(impl);
	TOGETHER(send, wait_till_soon);
	/* what is set is never a timeout */
	assert(e->timedwait(event, 0) == SYNC_OK);
	clear();
	assert(e->timedwait(event, 0) == SYNC_TIMEOUT);
	end(false);
}

CLIENT(event, late_2, .threads = 2, .lacks = lacks_timed,
       .about = "one whose deadline has passed beside a set")
{
	begin(impl);
	TOGETHER(send, wait_no_more);
	end(true);
}

CLIENT(event, timeout_takes_no_wake, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_timed,
       .about = "one that waits and one that may give up beside a set")
{
	begin(impl);
	TOGETHER(receive, wait_till_soon, send);
	end(true);
}

/* ---- who has returned from the last wait may free it ---- */

static unsigned wait_and_discard(void)
{
	e->wait(event);
	discard();
	return 0;
}

CLIENT(event, freed_after_wait, .threads = 2,
       .about = "who returns from the last wait destroys and frees")
{
	begin(impl);
	TOGETHER(set, wait_and_discard);
}
