/* SPDX-License-Identifier: MIT */
/*
 * Clients of queues: primitives/queue.h. Items are plain words that their
 * putters write just before, and who gets one reads it: an item that is got
 * before it has been published is a data race.
 */
#include "kit.h"

#include "../../../primitives/queue.h"

LACKS(lacks_tryput, queue, tryput)
LACKS(lacks_tryget, queue, tryget)
LACKS(lacks_timedput, queue, timedput)
LACKS(lacks_timedget, queue, timedget)
LACKS(lacks_join, queue, join)

enum { UNBOUNDED };

static const struct queue_impl *q;
static void *queue;
static unsigned items[4]; /* each holds its number, from 1, once it is put */

static void begin(const void *impl, size_t capacity)
{
	q = impl;
	queue = object_new(&q->id);
	assert(q->init(queue, capacity) == SYNC_OK);
}

static void discard(void)
{
	q->destroy(queue);
	free(queue);
}

static void *item(unsigned number)
{
	items[number - 1] = number;
	return &items[number - 1];
}

static void end(void)
{
	assert(q->length(queue) == 0);
	discard();
}

/* Its number; the sum says which ones were got, as each is got once. */
static unsigned number(const void *got)
{
	return *(const unsigned *)got;
}

static unsigned put(unsigned i)
{
	assert(q->put(queue, item(i)) == SYNC_OK);
	return 0;
}

static unsigned put_first(void)
{
	return put(1);
}

static unsigned put_second(void)
{
	return put(2);
}

static unsigned put_both(void)
{
	return put(1) + put(2);
}

static unsigned get(void)
{
	void *got;

	assert(q->get(queue, &got) == SYNC_OK);
	return number(got);
}

static unsigned get_both(void)
{
	return get() + get();
}

static unsigned get_both_in_order(void)
{
	assert(get() == 1);
	assert(get() == 2);
	return 3;
}

CLIENT(queue, put_get, .threads = 2, .about = "one item")
{
	begin(impl, UNBOUNDED);
	assert(TOGETHER(put_first, get) == 1);
	end();
}

CLIENT(queue, put_get_bounded, .threads = 2,
       .about = "one item, capacity for one")
{
	begin(impl, 1);
	assert(TOGETHER(put_first, get) == 1);
	end();
}

CLIENT(queue, in_order, .threads = 2, .about = "two items, in their order")
{
	begin(impl, UNBOUNDED);
	TOGETHER(put_both, get_both_in_order);
	end();
}

CLIENT(queue, in_order_bounded, .threads = 2,
       .about = "two items, capacity for one: the putter waits as well")
{
	begin(impl, 1);
	TOGETHER(put_both, get_both_in_order);
	end();
}

CLIENT(queue, two_putters, .threads = 3, .size = CLIENT_LARGE,
       .about = "an item each, one that gets both")
{
	begin(impl, UNBOUNDED);
	assert(TOGETHER(put_first, put_second, get_both) == 3);
	end();
}

CLIENT(queue, two_putters_bounded, .threads = 3, .size = CLIENT_LARGE,
       .about = "an item each, capacity for one, one that gets both")
{
	begin(impl, 1);
	assert(TOGETHER(put_first, put_second, get_both) == 3);
	end();
}

/* Both getters may sleep when the items come, one right after the other. */
CLIENT(queue, two_getters, .threads = 3, .size = CLIENT_LARGE,
       .about = "two items in a row, two that get one each")
{
	begin(impl, UNBOUNDED);
	assert(TOGETHER(put_both, get, get) == 3);
	end();
}

CLIENT(queue, two_getters_bounded, .threads = 3, .size = CLIENT_LARGE,
       .about = "two items in a row, capacity for two, two that get one each")
{
	begin(impl, 2);
	assert(TOGETHER(put_both, get, get) == 3);
	end();
}

/* Those who wait for items and those who wait for room wait at once: a wake-up
 * that is meant for the ones does not help the others. */
CLIENT(queue, two_getters_one_slot, .threads = 3, .size = CLIENT_LARGE,
       .about = "the same, capacity for one: the putter waits as well")
{
	begin(impl, 1);
	assert(TOGETHER(put_both, get, get) == 3);
	end();
}

/* Both putters may sleep when the room comes: as two_getters_bounded. */
static unsigned put_third(void)
{
	return put(3);
}

static unsigned put_fourth(void)
{
	return put(4);
}

CLIENT(queue, two_putters_wait, .threads = 3, .size = CLIENT_LARGE,
       .about = "two that put into a full queue, one that gets two items")
{
	begin(impl, 2);
	put_both();
	assert(TOGETHER(get_both_in_order, put_third, put_fourth) == 3);
	assert(get_both() == 7);
	end();
}

CLIENT(queue, two_putters_wait_one_slot, .threads = 3, .size = CLIENT_LARGE,
       .about = "the same, capacity for one: who gets waits as well")
{
	begin(impl, 1);
	put(1);
	unsigned got = TOGETHER(get_both, put_second, put_third);

	assert(got + get() == 6);
	end();
}

/* ---- length ---- */

static unsigned put_get_twice(void)
{
	for (unsigned i = 1; i <= 2; i++) {
		put(i);
		assert(get() == i);
	}
	return 0;
}

static unsigned length_at_most_one(void)
{
	assert(q->length(queue) <= 1);
	return 0;
}

CLIENT(queue, length_of_a_moment, .threads = 2,
       .about = "one puts and gets, twice; one is told how many there are")
{
	begin(impl, UNBOUNDED);
	TOGETHER(put_get_twice, length_at_most_one);
	end();
}

CLIENT(queue, length_of_a_moment_bounded, .threads = 2,
       .about = "the same, capacity for one")
{
	begin(impl, 1);
	TOGETHER(put_get_twice, length_at_most_one);
	end();
}

/* ---- many items: structures that grow do so once in a while ---- */

/* What primitives/queue/_segments.h has in a segment; elsewhere a number. */
enum { SEGMENT = 63 };

/* Put and got, so that only `left` more go where these went. */
static void begin_with_room(const void *impl, unsigned left)
{
	begin(impl, UNBOUNDED);
	for (unsigned i = left; i < SEGMENT; i++) {
		put(1);
		get();
	}
}

CLIENT(queue, room_ends_putters, .threads = 2, .size = CLIENT_LARGE,
       .about = "two that put, as the queue grows")
{
	begin_with_room(impl, 1);
	TOGETHER(put_first, put_second);
	assert(get_both() == 3);
	end();
}

/* Who comes late may take what the one before it has made in vain. */
CLIENT(queue, room_ends_putters_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "three that put, as the queue grows")
{
	begin_with_room(impl, 1);
	TOGETHER(put_first, put_second, put_third);
	assert(get_both() + get() == 6);
	end();
}

CLIENT(queue, room_ends, .threads = 2, .size = CLIENT_LARGE,
       .about = "one puts two, one gets them, as the queue grows")
{
	begin_with_room(impl, 1);
	TOGETHER(put_both, get_both_in_order);
	end();
}

CLIENT(queue, room_ends_getters, .threads = 2, .size = CLIENT_LARGE,
       .about = "two that get one each, as the queue shrinks")
{
	begin_with_room(impl, 2);
	put_both();
	assert(TOGETHER(get, get) == 3);
	end();
}

static unsigned put_first_and_get(void)
{
	return put(1) + get();
}

CLIENT(queue, room_ends_for_both, .threads = 2, .size = CLIENT_LARGE,
       .about = "two that put as the queue grows; one of them gets one")
{
	begin_with_room(impl, 1);
	unsigned got = TOGETHER(put_first_and_get, put_second);

	assert(got + get() == 3);
	end();
}

/* Who has lost the race for the last place has made room in vain. */
CLIENT(queue, room_ends_for_three, .threads = 3, .size = CLIENT_LARGE,
       .about = "the same, and another one that gets")
{
	begin_with_room(impl, 2);
	put(3);
	unsigned got = TOGETHER(put_first_and_get, put_second, get);

	assert(got + get() == 6);
	end();
}

/* ---- try forms ---- */

static unsigned try_put(unsigned i)
{
	int result = q->tryput(queue, item(i));

	assert(result == SYNC_OK || result == SYNC_BUSY);
	return result == SYNC_OK ? i : 0;
}

static unsigned try_put_first(void)
{
	return try_put(1);
}

static unsigned try_put_second(void)
{
	return try_put(2);
}

static unsigned try_get(void)
{
	void *got;
	int result = q->tryget(queue, &got);

	assert(result == SYNC_OK || result == SYNC_BUSY);
	return result == SYNC_OK ? number(got) : 0;
}

CLIENT(queue, try_put_beside_get, .threads = 2, .lacks = lacks_tryput,
       .about = "one tries to put a second item beside one that gets the first")
{
	begin(impl, 1);
	put(1);
	unsigned sum = TOGETHER(try_put_second, get);

	assert(sum == 1 || sum == 3);
	if (sum == 3)
		assert(get() == 2);
	end();
}

CLIENT(queue, try_put_2, .threads = 2, .lacks = lacks_tryput,
       .about = "two try to put an item, capacity for one")
{
	begin(impl, 1);
	unsigned fits = TOGETHER(try_put_first, try_put_second);

	assert(fits == 1 || fits == 2);
	assert(get() == fits);
	end();
}

CLIENT(queue, try_get_beside_put, .threads = 2, .lacks = lacks_tryget,
       .about = "one tries to get what another puts")
{
	begin(impl, UNBOUNDED);
	if (!TOGETHER(put_first, try_get))
		assert(get() == 1);
	end();
}

CLIENT(queue, try_get_2, .threads = 2, .lacks = lacks_tryget,
       .about = "two try to get the one item")
{
	begin(impl, 1);
	put(1);
	assert(TOGETHER(try_get, try_get) == 1);
	end();
}

/* Who has taken an item out finds room, whatever the other one is at; and what
 * that one has claimed nobody else gets, or puts over. */
static unsigned get_try_put(void)
{
	unsigned got = get();

	assert(q->tryput(queue, item(3)) == SYNC_OK);
	return got;
}

CLIENT(queue, try_put_has_room, .threads = 2, .lacks = lacks_tryput,
       .about = "of two that get from a full queue one puts another item")
{
	begin(impl, 2);
	put_both();
	assert(TOGETHER(get, get_try_put) == 3);
	assert(get() == 3);
	end();
}

/* Who has put an item in finds one, unless others get. */
static unsigned put_try_get(void)
{
	put(3);
	unsigned got = try_get();

	assert(got);
	return got;
}

CLIENT(queue, try_get_finds, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_tryget,
       .about = "of three that put an item one tries to get one")
{
	begin(impl, UNBOUNDED);
	unsigned got = TOGETHER(put_first, put_second, put_try_get);

	assert(got + get_both() == 6);
	end();
}

CLIENT(queue, room_ends_try_get, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_tryget, .about = "the same, as the queue grows")
{
	begin_with_room(impl, 2);
	unsigned got = TOGETHER(put_first, put_second, put_try_get);

	assert(got + get_both() == 6);
	end();
}

static unsigned put_try_put(void)
{
	put_both();
	unsigned got = try_get();

	put(3);
	return got;
}

CLIENT(queue, room_ends_waiters, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_tryget,
       .about = "two that wait for items, which come as the queue grows")
{
	begin_with_room(impl, 2);
	unsigned got = TOGETHER(put_try_put, get, get);

	if (q->length(queue))
		got += get();
	assert(got == 6);
	end();
}

/* ---- timed forms ---- */

static unsigned get_soon(void)
{
	void *got;
	int result = q->timedget(queue, &got, soon());

	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	return result == SYNC_OK ? number(got) : 0;
}

static unsigned put_soon(void)
{
	int result = q->timedput(queue, item(2), soon());

	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	return result == SYNC_OK ? 2 : 0;
}

CLIENT(queue, timed_get, .threads = 2, .lacks = lacks_timedget,
       .about = "an item that comes as a getter gives up is got or stays")
{
	begin(impl, UNBOUNDED);
	if (!TOGETHER(put_first, get_soon))
		assert(get() == 1);
	end();
}

CLIENT(queue, timed_put, .threads = 2, .lacks = lacks_timedput,
       .about = "a putter that may give up beside one that makes room")
{
	begin(impl, 1);
	put(1);
	unsigned sum = TOGETHER(put_soon, get);

	assert(sum == 1 || sum == 3);
	if (sum == 3)
		assert(get() == 2);
	end();
}

static unsigned get_two_or_one(void)
{
	return get_soon() ? put(2) : 0;
}

CLIENT(queue, timeout_takes_no_wake, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_timedget,
       .about = "one that gets and one that may give up, and one item")
{
	begin(impl, UNBOUNDED);
	TOGETHER(get, get_two_or_one, put_first);
	end();
}

/* ---- close ---- */

static unsigned close_it(void)
{
	q->close(queue);
	return 0;
}

static unsigned put_and_close(void)
{
	return put(1) + close_it();
}

static unsigned get_all(void)
{
	unsigned sum = 0;
	void *got;
	int result;

	while ((result = q->get(queue, &got)) == SYNC_OK)
		sum += number(got);
	assert(result == SYNC_CLOSED);
	return sum;
}

static unsigned put_if_open(unsigned i)
{
	int result = q->put(queue, item(i));

	assert(result == SYNC_OK || result == SYNC_CLOSED);
	return result == SYNC_OK ? i : 0;
}

static unsigned put_both_if_open(void)
{
	return put_if_open(1) + put_if_open(2);
}

static unsigned put_first_if_open(void)
{
	return put_if_open(1);
}

CLIENT(queue, closed_drains, .threads = 2,
       .about = "one puts and closes, one gets all that is left")
{
	begin(impl, UNBOUNDED);
	assert(TOGETHER(put_and_close, get_all) == 1);
	end();
}

CLIENT(queue, close_releases_getter, .threads = 2,
       .about = "one closes, one waits for an item")
{
	begin(impl, UNBOUNDED);
	assert(TOGETHER(close_it, get_all) == 0);
	end();
}

CLIENT(queue, close_releases_putter, .threads = 2,
       .about = "one closes, one puts two items, capacity for one")
{
	begin(impl, 1);
	unsigned put_ones = TOGETHER(close_it, put_both_if_open);

	assert(put_ones <= 1);
	assert(get_all() == put_ones);
	end();
}

CLIENT(queue, close_beside_put, .threads = 2,
       .about = "one closes, one puts: what was accepted is got")
{
	begin(impl, UNBOUNDED);
	unsigned accepted = TOGETHER(close_it, put_first_if_open);

	assert(get_all() == accepted);
	end();
}

CLIENT(queue, close_beside_put_and_get, .threads = 3, .size = CLIENT_LARGE,
       .about = "one closes, one puts, one gets all")
{
	begin(impl, UNBOUNDED);
	unsigned sum = TOGETHER(close_it, put_first_if_open, get_all);

	assert(sum == 0 || sum == 2);
	end();
}

CLIENT(queue, close_releases_two_getters, .threads = 3, .size = CLIENT_LARGE,
       .about = "one closes, two wait for an item")
{
	begin(impl, UNBOUNDED);
	assert(TOGETHER(close_it, get_all, get_all) == 0);
	end();
}

static unsigned last_words; /* plain: written before close */

static unsigned say_and_close(void)
{
	last_words = 1;
	return close_it();
}

static unsigned get_refused(void)
{
	void *got;

	assert(q->get(queue, &got) == SYNC_CLOSED);
	return last_words;
}

CLIENT(queue, close_publishes_to_getter, .threads = 2,
       .about = "one writes and closes, one whose get is refused reads")
{
	begin(impl, UNBOUNDED);
	assert(TOGETHER(say_and_close, get_refused) == 1);
	end();
}

CLIENT(queue, close_publishes_to_getter_bounded, .threads = 2,
       .about = "the same, capacity for one")
{
	begin(impl, 1);
	assert(TOGETHER(say_and_close, get_refused) == 1);
	end();
}

static unsigned put_refused(void)
{
	int r = q->put(queue, item(2));

	assert(r == SYNC_CLOSED);
	return last_words;
}

CLIENT(queue, close_publishes_to_putter, .threads = 2,
       .about = "one writes and closes, one waits for room, in vain, and reads")
{
	begin(impl, 1);
	put(1);
	assert(TOGETHER(say_and_close, put_refused) == 1);
	assert(get() == 1);
	end();
}

/* ---- tasks ---- */

static unsigned result; /* plain: what the task does */

static unsigned work(void)
{
	result = get();
	assert(q->task_done(queue) == SYNC_OK);
	return 0;
}

static unsigned put_and_join(void)
{
	put(1);
	assert(q->join(queue, DEADLINE_NEVER) == SYNC_OK);
	assert(result == 1);
	return 0;
}

static unsigned join_in_time(void)
{
	int r = q->join(queue, soon());

	assert(r == SYNC_OK || r == SYNC_TIMEOUT);
	if (r == SYNC_OK)
		assert(result == 1);
	return 0;
}

CLIENT(queue, join_waits, .threads = 2, .lacks = lacks_join,
       .about = "one works, one puts and joins, and sees what has been done")
{
	begin(impl, UNBOUNDED);
	TOGETHER(work, put_and_join);
	assert(q->task_done(queue) == SYNC_INVALID);
	end();
}

CLIENT(queue, join_in_time, .threads = 2, .lacks = lacks_join,
       .about = "one works, one joins and may give up")
{
	begin(impl, UNBOUNDED);
	put(1);
	TOGETHER(work, join_in_time);
	assert(q->join(queue, 0) == SYNC_OK);
	end();
}

static unsigned task_done(void)
{
	return q->task_done(queue) == SYNC_OK;
}

CLIENT(queue, done_once, .threads = 2, .lacks = lacks_join,
       .about = "two say that the one task is done")
{
	begin(impl, UNBOUNDED);
	put(1);
	get();
	assert(TOGETHER(task_done, task_done) == 1);
	assert(q->join(queue, 0) == SYNC_OK);
	end();
}
