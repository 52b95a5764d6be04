/* SPDX-License-Identifier: MIT */
/*
 * The laws of a queue: see primitives/queue.h.
 *
 * Where a law puts numbers, an item is the number itself; 0 is the item NULL.
 */
#include <stdlib.h>
#include <string.h>

#include "../../../primitives/queue.h"
#include "law.h"

enum { UNBOUNDED = 0 };

/* One, the smallest that wrap round unevenly, and one of many slots. */
static const size_t capacities[] = { 1, 2, 3, 64 };
enum { CAPACITIES = sizeof(capacities) / sizeof(capacities[0]) };

/* The same and unbounded. */
static const size_t shapes[] = { 1, 2, 3, 64, UNBOUNDED };
enum { SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

/* How many threads a law may have at each end. */
enum { ENDS_MAX = 8 };

/* What a crew shares: the queue and what is told about its items. */
struct bench {
	const struct queue_impl *impl;
	void *queue;
	unsigned rounds;
	unsigned putters, getters;
	_Atomic unsigned done, got, ready;
	_Atomic unsigned char *seen; /* how often each number was got */
	uint64_t *data;		     /* plain: handed over with the items */
	/* what each putter has put: its numbers start at index * rounds */
	_Atomic unsigned put[ENDS_MAX];
	struct law_waiter waiters[ENDS_MAX];
};

static void *item_of(uintptr_t number)
{
	return (void *)number;
}

static struct bench bench_new(const struct queue_impl *impl, size_t capacity,
			      unsigned rounds)
{
	struct bench b = { .impl = impl,
			   .queue = law_object(&impl->id),
			   .rounds = rounds };

	CHECK_EQ(impl->init(b.queue, capacity), 0);
	law_age(&impl->id, b.queue);
	return b;
}

static void bench_end(struct bench *b)
{
	b->impl->destroy(b->queue);
	free(b->queue);
	free((void *)b->seen);
	free(b->data);
}

/* Putters 0 .. putters - 1, then getters, and a tally of what they got. */
static struct bench ends_new(const struct queue_impl *impl, size_t capacity,
			     unsigned rounds, unsigned putters,
			     unsigned getters)
{
	struct bench b = bench_new(impl, capacity, rounds);

	b.putters = putters;
	b.getters = getters;
	b.seen = calloc(putters * b.rounds, 1);
	CHECK(b.seen != NULL);
	return b;
}

/* Note that a number was got: it was put, and nobody has got it before. */
static void tally(struct bench *b, void *item)
{
	uintptr_t number = (uintptr_t)item;

	CHECK(number < (uintptr_t)b->putters * b->rounds);
	CHECK_EQ(atomic_fetch_add(&b->seen[number], 1), 0);
	atomic_fetch_add(&b->got, 1);
}

/* Exactly the numbers that were put were got. */
static void check_tally(struct bench *b)
{
	for (unsigned p = 0; p < b->putters; p++)
		for (unsigned i = 0; i < b->rounds; i++)
			CHECK_EQ(b->seen[p * b->rounds + i], i < b->put[p]);
}

static unsigned all_put(struct bench *b)
{
	unsigned sum = 0;

	for (unsigned p = 0; p < b->putters; p++)
		sum += b->put[p];
	return sum;
}

static void expect_get(struct bench *b, uintptr_t number)
{
	void *item = b;

	CHECK_EQ(b->impl->tryget(b->queue, &item), SYNC_OK);
	CHECK(item == item_of(number));
}

/* Empty (or empty and closed), and the place for the item is left alone. */
static void expect_none(struct bench *b, int result)
{
	void *item = b;

	CHECK_EQ(b->impl->tryget(b->queue, &item), result);
	CHECK(item == b);
	CHECK_EQ(b->impl->length(b->queue), 0);
}

/* ---- one thread ---- */

LAW(queue, fifo, "one thread gets its items in the order in which it put them")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], 1);
		uintptr_t put = 0, got = 0;
		void *item;

		/* bursts of changing length, over the ends of rings, segments
		 * and whatever else there may be */
		for (unsigned i = 0; i < 400; i++) {
			for (unsigned n = 0; n < i * 7 % 130; n++)
				if (!impl->tryput(b.queue, item_of(put)))
					put++;
			CHECK_EQ(impl->length(b.queue), put - got);
			for (unsigned n = 0; n < i * 11 % 131; n++)
				if (!impl->tryget(b.queue, &item))
					CHECK(item == item_of(got++));
		}
		while (got < put)
			expect_get(&b, got++);
		expect_none(&b, SYNC_BUSY);
		bench_end(&b);
	}
}

LAW(queue, capacity_is_exact, "as many as the capacity fit, and not one more")
{
	for (unsigned c = 0; c < CAPACITIES; c++) {
		struct bench b = bench_new(impl, capacities[c], 1);
		uintptr_t put = 0, got = 0;

		/* at each place where the oldest item may stand, twice */
		for (size_t i = 0; i < 2 * capacities[c] + 1; i++) {
			while (put - got < capacities[c])
				CHECK_EQ(impl->tryput(b.queue, item_of(put++)),
					 SYNC_OK);
			CHECK_EQ(impl->length(b.queue), capacities[c]);
			CHECK_EQ(impl->tryput(b.queue, NULL), SYNC_BUSY);
			CHECK_EQ(impl->tryput(b.queue, NULL), SYNC_BUSY);
			expect_get(&b, got++);
			CHECK_EQ(impl->length(b.queue), capacities[c] - 1);
		}
		while (got < put)
			expect_get(&b, got++);
		expect_none(&b, SYNC_BUSY);
		bench_end(&b);
	}
}

LAW(queue, many_laps, "indices that go round many times stay right")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], law_rounds(100000));

		/* past 2^16 laps at capacity 1 */
		for (uintptr_t i = 0; i < b.rounds; i++) {
			CHECK_EQ(impl->tryput(b.queue, item_of(i)), SYNC_OK);
			expect_get(&b, i);
		}
		expect_none(&b, SYNC_BUSY);
		bench_end(&b);
	}
}

LAW(queue, unbounded_never_full, "a put into an unbounded queue never waits")
{
	struct bench b = bench_new(impl, UNBOUNDED, law_rounds(300000));

	for (uintptr_t i = 0; i < b.rounds; i++)
		CHECK_EQ(i % 2 ? impl->tryput(b.queue, item_of(i))
			       : impl->put(b.queue, item_of(i)),
			 SYNC_OK);
	CHECK_EQ(impl->length(b.queue), b.rounds);
	for (uintptr_t i = 0; i < b.rounds; i++)
		expect_get(&b, i);
	expect_none(&b, SYNC_BUSY);
	bench_end(&b);
}

LAW(queue, null_is_an_item, "NULL goes through like any other item")
{
	struct bench b = bench_new(impl, 2, 1);
	void *item = &b;

	CHECK_EQ(impl->put(b.queue, NULL), SYNC_OK);
	CHECK_EQ(impl->put(b.queue, item_of(UINTPTR_MAX)), SYNC_OK);
	CHECK_EQ(impl->tryput(b.queue, NULL), SYNC_BUSY);
	CHECK_EQ(impl->get(b.queue, &item), SYNC_OK);
	CHECK(item == NULL);
	expect_get(&b, UINTPTR_MAX);
	expect_none(&b, SYNC_BUSY);
	bench_end(&b);
}

LAW(queue, init_refuses_absurd, "more than 2^30 items are refused")
{
	void *queue = law_object(&impl->id);

	CHECK_EQ(impl->init(queue, ((size_t)1 << 30) + 1), SYNC_INVALID);
	CHECK_EQ(impl->init(queue, SIZE_MAX), SYNC_INVALID);
	/* and the object can still be used */
	CHECK_EQ(impl->init(queue, 1), SYNC_OK);
	CHECK_EQ(impl->put(queue, NULL), SYNC_OK);
	impl->destroy(queue);
	free(queue);
}

LAW(queue, destroy_drops_items,
    "a queue with items can be destroyed and reused")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], 1);

		for (unsigned n = 0; n < 300; n += 37) {
			for (uintptr_t i = 0; i < n; i++)
				impl->tryput(b.queue, item_of(i));
			if (n)
				expect_get(&b, 0);
			impl->close(b.queue);
			impl->destroy(b.queue);
			/* not zeroed: init owes nothing to the past */
			memset(b.queue, 0xa5, impl->id.size);
			CHECK_EQ(impl->init(b.queue, shapes[s]), SYNC_OK);
			law_age(&impl->id, b.queue);
			expect_none(&b, SYNC_BUSY);
			if (impl->task_done)
				CHECK_EQ(impl->task_done(b.queue),
					 SYNC_INVALID);
		}
		bench_end(&b);
	}
}

LAW(queue, timed_takes_ready, "what can be done at once is done, however late")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], 1);
		void *item = NULL;

		NEEDS(timedput);
		NEEDS(timedget);
		CHECK_EQ(impl->timedput(b.queue, &b, 0), SYNC_OK);
		CHECK_EQ(impl->timedget(b.queue, &item, 0), SYNC_OK);
		CHECK(item == &b);
		CHECK_EQ(impl->timedput(b.queue, NULL, DEADLINE_NEVER),
			 SYNC_OK);
		CHECK_EQ(impl->timedget(b.queue, &item, DEADLINE_NEVER),
			 SYNC_OK);
		CHECK(item == NULL);
		bench_end(&b);
	}
}

/* ---- waiting ---- */

static void time_out(void *shared, unsigned index)
{
	struct bench *b = shared;
	uint64_t deadline = SOON;
	void *item = b;

	if (index % 2) {
		CHECK_EQ(b->impl->timedput(b->queue, NULL, deadline),
			 SYNC_TIMEOUT);
		CHECK(now_ns() >= deadline);
		CHECK_EQ(b->impl->timedput(b->queue, NULL, 0), SYNC_TIMEOUT);
	} else {
		CHECK_EQ(b->impl->timedget(b->queue, &item, deadline),
			 SYNC_TIMEOUT);
		CHECK(now_ns() >= deadline);
		CHECK_EQ(b->impl->timedget(b->queue, &item, 0), SYNC_TIMEOUT);
		CHECK(item == b);
	}
}

static void time_out_put(void *shared, unsigned index)
{
	time_out(shared, 2 * index + 1);
}

static void time_out_get(void *shared, unsigned index)
{
	time_out(shared, 2 * index);
}

LAW(queue, timed_times_out, "empty and full time out, and not too early")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], 1);

		NEEDS(timedput);
		NEEDS(timedget);
		law_crew(2, time_out_get, &b);
		for (uintptr_t i = 0; i < shapes[s]; i++)
			CHECK_EQ(impl->put(b.queue, item_of(i)), SYNC_OK);
		if (shapes[s] != UNBOUNDED)
			law_crew(2, time_out_put, &b);
		/* those who left have left nothing behind, and taken nothing */
		for (uintptr_t i = 0; i < shapes[s]; i++)
			expect_get(&b, i);
		expect_none(&b, SYNC_BUSY);
		bench_end(&b);
	}
}

static void get_in_ages(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	law_about_to_wait(&b->waiters[index]);
	CHECK_EQ(b->impl->timedget(b->queue, &item, law_far_deadline(index)),
		 SYNC_OK);
}

static void put_in_ages(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	CHECK_EQ(b->impl->timedput(b->queue, b, law_far_deadline(index)),
		 SYNC_OK);
}

LAW(queue, far_deadline_waits, "a deadline years away has not passed")
{
	struct bench b = bench_new(impl, 1, 1);
	struct crew *c;
	void *item;

	NEEDS(timedput);
	NEEDS(timedget);
	c = crew_start_waiting(FAR_DEADLINES, get_in_ages, &b, b.waiters);
	for (unsigned i = 0; i < FAR_DEADLINES; i++)
		CHECK_EQ(impl->put(b.queue, &b), SYNC_OK);
	crew_join(c);
	CHECK_EQ(impl->put(b.queue, &b), SYNC_OK);
	memset(b.waiters, 0, sizeof(b.waiters));
	c = crew_start_waiting(FAR_DEADLINES, put_in_ages, &b, b.waiters);
	for (unsigned i = 0; i <= FAR_DEADLINES; i++)
		CHECK_EQ(impl->get(b.queue, &item), SYNC_OK);
	crew_join(c);
	bench_end(&b);
}

static void get_one(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	law_about_to_wait(&b->waiters[index]);
	CHECK_EQ(b->impl->get(b->queue, &item), SYNC_OK);
	tally(b, item);
}

static void put_one(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	CHECK_EQ(b->impl->put(b->queue, item_of(index * b->rounds)), SYNC_OK);
	atomic_fetch_add(&b->put[index], 1);
}

LAW(queue, put_releases_getter, "each put lets one waiting getter go")
{
	for (unsigned round = 0; round < law_rounds(10); round++)
		for (unsigned s = 2; s < SHAPES; s++) {
			struct bench b = ends_new(impl, shapes[s], 3, 1, 3);
			struct crew *c =
				crew_start_waiting(3, get_one, &b, b.waiters);
			/* in one go: the queue is empty before the first only,
			 * and no getter has run before the last */
			for (uintptr_t i = 0; i < 3; i++)
				CHECK_EQ(impl->tryput(b.queue, item_of(i)),
					 SYNC_OK);
			crew_join(c);
			CHECK_EQ(b.got, 3);
			expect_none(&b, SYNC_BUSY);
			bench_end(&b);
		}
}

LAW(queue, get_releases_putter, "each get lets one waiting putter go")
{
	for (unsigned round = 0; round < law_rounds(10); round++)
		for (unsigned s = 2; s < CAPACITIES; s++) {
			struct bench b = ends_new(impl, shapes[s], 1, 3, 1);
			struct crew *c;
			void *item;

			for (uintptr_t i = 0; i < shapes[s]; i++)
				impl->put(b.queue, item_of(100 + i));
			c = crew_start_waiting(3, put_one, &b, b.waiters);
			CHECK_EQ(impl->length(b.queue), shapes[s]);
			CHECK_EQ(all_put(&b), 0);
			for (uintptr_t i = 0; i < 3; i++)
				expect_get(&b, 100 + i);
			crew_join(c);
			for (uintptr_t i = 3; i < shapes[s]; i++)
				expect_get(&b, 100 + i);
			while (!impl->tryget(b.queue, &item))
				tally(&b, item);
			check_tally(&b);
			bench_end(&b);
		}
}

/* ---- many threads ---- */

static void put_all(struct bench *b, unsigned index)
{
	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->put(b->queue, item_of(index * b->rounds + i)),
			 SYNC_OK);
		atomic_fetch_add(&b->put[index], 1);
	}
	/* the last one tells the getters */
	if (atomic_fetch_add(&b->done, 1) + 1 == b->putters)
		b->impl->close(b->queue);
}

/* Until closed; what one getter sees of one putter comes in order. */
static void get_all(struct bench *b)
{
	uintptr_t next[ENDS_MAX] = { 0 };
	void *item;
	int r;

	while (!(r = b->impl->get(b->queue, &item))) {
		uintptr_t number = (uintptr_t)item;

		tally(b, item);
		CHECK(number % b->rounds >= next[number / b->rounds]);
		next[number / b->rounds] = number % b->rounds + 1;
	}
	CHECK_EQ(r, SYNC_CLOSED);
}

static void put_or_get(void *shared, unsigned index)
{
	struct bench *b = shared;

	if (index < b->putters)
		put_all(b, index);
	else
		get_all(b);
}

static void run_ends(const struct queue_impl *impl, size_t capacity,
		     unsigned rounds, unsigned putters, unsigned getters)
{
	struct bench b =
		ends_new(impl, capacity, law_rounds(rounds), putters, getters);

	law_crew(putters + getters, put_or_get, &b);
	CHECK_EQ(all_put(&b), putters * b.rounds);
	check_tally(&b);
	expect_none(&b, SYNC_CLOSED);
	bench_end(&b);
}

LAW(queue, nothing_lost_or_doubled, "4 putters, 4 getters: each item got once")
{
	for (unsigned s = 0; s < SHAPES; s++)
		run_ends(impl, shapes[s], shapes[s] % 64 ? 1500 : 10000, 4, 4);
}

LAW(queue, fifo_per_producer, "a getter sees each putter's items in order")
{
	for (unsigned s = 0; s < SHAPES; s++)
		run_ends(impl, shapes[s], shapes[s] % 64 ? 1500 : 10000, 4, 2);
}

LAW(queue, fifo_to_one, "one getter gets all of each putter's items in order")
{
	for (unsigned s = 0; s < SHAPES; s++)
		run_ends(impl, shapes[s], shapes[s] % 64 ? 1500 : 10000, 2, 1);
}

LAW(queue, survives_oversubscription, "16 threads finish on few cores")
{
	for (unsigned s = 0; s < SHAPES; s++)
		run_ends(impl, shapes[s], 500, 8, 8);
}

/* As put_all, by whichever form comes; the items of try and timed forms that
 * are refused are put again, so a lost or doubled one shows. */
static int put_somehow(struct bench *b, void *item, unsigned turn)
{
	uint64_t ns = turn * 7 % 40 * NS_PER_US;

	if (turn % 3 == 0)
		return b->impl->put(b->queue, item);
	if (turn % 3 == 1 || !b->impl->timedput)
		return b->impl->tryput(b->queue, item);
	return b->impl->timedput(b->queue, item, deadline_in(ns));
}

static int get_somehow(struct bench *b, void **item, unsigned turn)
{
	uint64_t ns = turn * 11 % 40 * NS_PER_US;

	if (turn % 3 == 0)
		return b->impl->get(b->queue, item);
	if (turn % 3 == 1 || !b->impl->timedget)
		return b->impl->tryget(b->queue, item);
	return b->impl->timedget(b->queue, item, deadline_in(ns));
}

static void mixed_forms(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;
	int r = SYNC_OK;

	if (index >= b->putters) {
		for (unsigned turn = index; r != SYNC_CLOSED; turn++) {
			r = get_somehow(b, &item, turn);
			if (!r)
				tally(b, item);
			else if (r == SYNC_BUSY)
				sched_yield();
		}
		return;
	}
	for (unsigned i = 0, turn = index; i < b->rounds; turn++) {
		r = put_somehow(b, item_of(index * b->rounds + i), turn);
		i += r == SYNC_OK;
		CHECK(r == SYNC_OK || r == SYNC_BUSY || r == SYNC_TIMEOUT);
		if (r == SYNC_BUSY)
			sched_yield();
	}
	b->put[index] = b->rounds;
	if (atomic_fetch_add(&b->done, 1) + 1 == b->putters)
		b->impl->close(b->queue);
}

LAW(queue, forms_mix, "blocking, try and timed forms work on one queue")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b =
			ends_new(impl, shapes[s], law_rounds(1500), 3, 3);

		law_crew(6, mixed_forms, &b);
		check_tally(&b);
		expect_none(&b, SYNC_CLOSED);
		bench_end(&b);
	}
}

/* Even numbers put, odd ones get; half of each gives up again and again while
 * the other half waits for ever, and sees that no wake-up leaves with those. */
static void give_up_or_wait(void *shared, unsigned index)
{
	struct bench *b = shared;
	bool patient = index / 2 % 2;
	unsigned n = 0;

	for (unsigned i = 0; n < b->rounds; i++) {
		uint64_t ns = (i * 7 + index * 13) % 30 * NS_PER_US;
		uint64_t deadline = patient ? DEADLINE_NEVER : deadline_in(ns);
		void *item;
		int r = index % 2 ? b->impl->timedget(b->queue, &item, deadline)
				  : b->impl->timedput(b->queue, b, deadline);

		CHECK(r == SYNC_OK || (!patient && r == SYNC_TIMEOUT));
		n += r == SYNC_OK;
		/* bursts and pauses, so that all fall asleep now and then */
		if (index < 2 && i % 128 == 0)
			law_pause();
	}
	atomic_fetch_add(&b->done, 1);
}

LAW(queue, no_lost_wakeup, "waiters that give up take no wake-up along")
{
	NEEDS(timedput);
	NEEDS(timedget);
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], law_rounds(800));

		law_crew(8, give_up_or_wait, &b);
		CHECK_EQ(b.done, 8);
		expect_none(&b, SYNC_BUSY);
		bench_end(&b);
	}
}

/* A sleeping getter's deadline against the put that is to wake it. */
static void race_the_deadline(void *shared, unsigned index)
{
	struct bench *b = shared;

	for (unsigned i = 0; i < b->rounds; i++) {
		uint64_t at = now_ns() + (60 + i * 13 % 20) * NS_PER_US;
		void *item;

		if (index == 0) {
			CHECK_EQ(b->impl->put(b->queue, item_of(i)), SYNC_OK);
			/* whoever got it says so */
			SHORTLY(atomic_load(&b->got) > i);
			law_busy_until(at);
		} else if (!b->impl->timedget(b->queue, &item, at)) {
			tally(b, item);
		}
	}
	/* index 1 and 2 leave when all is done; the last takes no deadline */
	if (index == 0)
		b->impl->close(b->queue);
	else
		for (void *item; !b->impl->get(b->queue, &item);)
			tally(b, item);
}

LAW(queue, timeout_races_put, "an item put at the deadline is got or stays")
{
	for (unsigned s = 0; s < SHAPES; s += 2) {
		struct bench b =
			ends_new(impl, shapes[s], law_rounds(1500), 1, 2);

		NEEDS(timedget);
		law_crew(3, race_the_deadline, &b);
		CHECK_EQ(b.got, b.rounds);
		bench_end(&b);
	}
}

static void hand_over(void *shared, unsigned index)
{
	struct bench *b = shared;
	uint64_t *data;
	void *item;

	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->get(b->queue, &item), SYNC_OK);
		data = item;
		/* plain, so that ThreadSanitizer sees a missing edge */
		data[0] = data[0] * 3 + 1;
		data[1] += index + 1;
		CHECK_EQ(b->impl->put(b->queue, data), SYNC_OK);
	}
}

LAW(queue, publishes, "who gets an item sees all that its putter wrote")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], law_rounds(3000));
		uint64_t expected = 0;

		/* one item that all hand round */
		b.data = calloc(2, sizeof(b.data[0]));
		CHECK_EQ(impl->put(b.queue, b.data), SYNC_OK);
		law_crew(3, hand_over, &b);
		for (unsigned i = 0; i < 3 * b.rounds; i++)
			expected = expected * 3 + 1;
		CHECK(b.data[0] == expected);
		CHECK_EQ(b.data[1], 6 * (uint64_t)b.rounds);
		bench_end(&b);
	}
}

static void count_length(void *shared, unsigned index)
{
	struct bench *b = shared;

	if (index < b->putters + b->getters) {
		put_or_get(b, index);
		atomic_fetch_add(&b->ready, 1);
		return;
	}
	while (atomic_load(&b->ready) < b->putters + b->getters) {
		CHECK(b->impl->length(b->queue) <= b->data[0]);
		sched_yield();
	}
}

LAW(queue, length_in_range, "the length is never more than was ever there")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b =
			ends_new(impl, shapes[s], law_rounds(2000), 2, 2);

		b.data = calloc(1, sizeof(b.data[0]));
		b.data[0] = shapes[s] ? shapes[s] : b.putters * b.rounds;
		law_crew(5, count_length, &b);
		check_tally(&b);
		bench_end(&b);
	}
}

static void put_and_get(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	for (unsigned i = 0; index == 0 && i < b->rounds; i++) {
		CHECK_EQ(b->impl->put(b->queue, item_of(i)), SYNC_OK);
		CHECK_EQ(b->impl->get(b->queue, &item), SYNC_OK);
	}
	atomic_fetch_add(&b->done, index == 0);
	while (!atomic_load(&b->done))
		CHECK(b->impl->length(b->queue) <= 1);
}

LAW(queue, length_of_one, "one at a time put and got: the length is 0 or 1")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], law_rounds(10000));

		law_crew(3, put_and_get, &b);
		expect_none(&b, SYNC_BUSY);
		bench_end(&b);
	}
}

/* As many items as threads go round, and nobody has more than one of them: to
 * each who looks there is an item, and to each who has one there is room. */
static void take_and_give(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	(void)index;
	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->tryget(b->queue, &item), SYNC_OK);
		CHECK((uintptr_t)item < ENDS_MAX);
		/* it is ours alone */
		CHECK_EQ(atomic_fetch_add(&b->put[(uintptr_t)item], 1), 0);
		atomic_fetch_sub(&b->put[(uintptr_t)item], 1);
		CHECK_EQ(b->impl->tryput(b->queue, item), SYNC_OK);
	}
}

/* Each of the items is there, and once. */
static void check_all_there(struct bench *b, unsigned n)
{
	void *item;

	for (unsigned i = 0; i < n; i++) {
		CHECK_EQ(b->impl->tryget(b->queue, &item), SYNC_OK);
		CHECK_EQ(atomic_fetch_add(&b->put[(uintptr_t)item], 1), 0);
	}
	expect_none(b, SYNC_BUSY);
}

LAW(queue, busy_is_true, "no try is refused because of unfinished operations")
{
	static const struct {
		unsigned n;
		size_t capacity;
	} rounds[] = { { 2, 2 }, { 3, 3 }, { 3, UNBOUNDED }, { 5, UNBOUNDED } };

	for (unsigned r = 0; r < sizeof(rounds) / sizeof(rounds[0]); r++) {
		struct bench b =
			bench_new(impl, rounds[r].capacity, law_rounds(10000));
		unsigned n = rounds[r].n;

		for (uintptr_t i = 0; i < n; i++)
			CHECK_EQ(impl->put(b.queue, item_of(i)), SYNC_OK);
		law_crew(n, take_and_give, &b);
		check_all_there(&b, n);
		bench_end(&b);
	}
}

static void try_beside_waiter(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	if (index == 0) {
		law_about_to_wait(&b->waiters[0]);
		CHECK_EQ(b->impl->get(b->queue, &item), SYNC_OK);
		CHECK(item == b);
		return;
	}
	law_until_waiting(&b->waiters[0]);
	CHECK_EQ(b->impl->tryget(b->queue, &item), SYNC_BUSY);
	CHECK_EQ(b->impl->tryput(b->queue, b), SYNC_OK);
}

LAW(queue, try_never_blocks, "try forms say busy, also beside those who wait")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], 1);

		law_crew(2, try_beside_waiter, &b);
		expect_none(&b, SYNC_BUSY);
		bench_end(&b);
	}
}

/* ---- tasks ---- */

LAW(queue, task_done_is_counted, "task_done answers each put, and no more")
{
	NEEDS(task_done);
	NEEDS(join);
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], 1);

		CHECK_EQ(impl->task_done(b.queue), SYNC_INVALID);
		CHECK_EQ(impl->join(b.queue, 0), SYNC_OK);
		for (unsigned i = 0; i < 200; i++) {
			CHECK_EQ(impl->put(b.queue, NULL), SYNC_OK);
			CHECK_EQ(impl->join(b.queue, 0), SYNC_TIMEOUT);
			/* puts are counted, not gets */
			if (i % 2)
				CHECK_EQ(impl->task_done(b.queue), SYNC_OK);
			expect_get(&b, 0);
			if (i % 2 == 0)
				CHECK_EQ(impl->task_done(b.queue), SYNC_OK);
			CHECK_EQ(impl->task_done(b.queue), SYNC_INVALID);
			CHECK_EQ(impl->join(b.queue, DEADLINE_NEVER), SYNC_OK);
		}
		bench_end(&b);
	}
}

LAW(queue, refused_is_no_task, "a put that is refused adds no task")
{
	struct bench b = bench_new(impl, 1, 1);

	NEEDS(task_done);
	NEEDS(join);
	CHECK_EQ(impl->put(b.queue, NULL), SYNC_OK);
	CHECK_EQ(impl->tryput(b.queue, NULL), SYNC_BUSY);
	if (impl->timedput)
		CHECK_EQ(impl->timedput(b.queue, NULL, SOON), SYNC_TIMEOUT);
	impl->close(b.queue);
	CHECK_EQ(impl->put(b.queue, NULL), SYNC_CLOSED);
	/* and tasks can be done and waited for after close */
	CHECK_EQ(impl->join(b.queue, 0), SYNC_TIMEOUT);
	CHECK_EQ(impl->task_done(b.queue), SYNC_OK);
	CHECK_EQ(impl->task_done(b.queue), SYNC_INVALID);
	CHECK_EQ(impl->join(b.queue, 0), SYNC_OK);
	expect_get(&b, 0);
	bench_end(&b);
}

LAW(queue, join_times_out, "join with tasks left times out, not too early")
{
	struct bench b = bench_new(impl, UNBOUNDED, 1);
	uint64_t deadline;

	NEEDS(task_done);
	NEEDS(join);
	CHECK_EQ(impl->put(b.queue, NULL), SYNC_OK);
	expect_get(&b, 0);
	deadline = SOON;
	CHECK_EQ(impl->join(b.queue, deadline), SYNC_TIMEOUT);
	CHECK(now_ns() >= deadline);
	CHECK_EQ(impl->task_done(b.queue), SYNC_OK);
	CHECK_EQ(impl->join(b.queue, deadline), SYNC_OK);
	bench_end(&b);
}

static void work_off(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	(void)index;
	while (!b->impl->get(b->queue, &item)) {
		/* plain: join is what publishes it */
		b->data[(uintptr_t)item]++;
		CHECK_EQ(b->impl->task_done(b->queue), SYNC_OK);
	}
}

LAW(queue, join_waits_for_all, "after join the work of all tasks is seen")
{
	enum { TASKS = 5 };

	NEEDS(task_done);
	NEEDS(join);
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], law_rounds(1000));
		struct crew *c;

		b.data = calloc(TASKS, sizeof(b.data[0]));
		c = crew_start(3, work_off, &b);
		for (unsigned i = 0; i < b.rounds; i++) {
			/* a worker may be done before put returns */
			for (uintptr_t t = 0; t < TASKS; t++)
				CHECK_EQ(impl->put(b.queue, item_of(t)),
					 SYNC_OK);
			CHECK_EQ(impl->join(b.queue, DEADLINE_NEVER), SYNC_OK);
			for (unsigned t = 0; t < TASKS; t++)
				CHECK_EQ(b.data[t], i + 1);
		}
		impl->close(b.queue);
		crew_join(c);
		CHECK_EQ(impl->task_done(b.queue), SYNC_INVALID);
		bench_end(&b);
	}
}

/* Each may find the tasks of others done; nobody finds more than there are. */
static void call_it_done(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	for (unsigned i = 0; i < b->rounds; i++) {
		CHECK_EQ(b->impl->put(b->queue, item_of(index)), SYNC_OK);
		CHECK_EQ(b->impl->get(b->queue, &item), SYNC_OK);
		for (unsigned tries = 0; tries < 2; tries++)
			if (b->impl->task_done(b->queue) == SYNC_OK)
				atomic_fetch_add(&b->done, 1);
	}
}

LAW(queue, task_done_races, "of many task_dones at once each counts another")
{
	enum { WORKERS = 3 };

	NEEDS(task_done);
	NEEDS(join);
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], law_rounds(10000));

		law_crew(WORKERS, call_it_done, &b);
		while (b.done < WORKERS * b.rounds) {
			CHECK_EQ(impl->task_done(b.queue), SYNC_OK);
			b.done++;
		}
		CHECK_EQ(b.done, WORKERS * b.rounds);
		CHECK_EQ(impl->task_done(b.queue), SYNC_INVALID);
		CHECK_EQ(impl->join(b.queue, 0), SYNC_OK);
		bench_end(&b);
	}
}

static void join_it(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	CHECK_EQ(b->impl->join(b->queue, DEADLINE_NEVER), SYNC_OK);
	/* plain: written before the last task_done */
	CHECK_EQ(b->data[0], 2);
}

LAW(queue, last_task_releases_joiners, "the last task_done lets all joiners go")
{
	NEEDS(task_done);
	NEEDS(join);
	for (unsigned round = 0; round < law_rounds(20); round++) {
		struct bench b = bench_new(impl, 2, 1);
		struct crew *c;

		b.data = calloc(1, sizeof(b.data[0]));
		CHECK_EQ(impl->put(b.queue, NULL), SYNC_OK);
		CHECK_EQ(impl->put(b.queue, NULL), SYNC_OK);
		c = crew_start_waiting(3, join_it, &b, b.waiters);
		b.data[0]++;
		CHECK_EQ(impl->task_done(b.queue), SYNC_OK);
		law_pause();
		b.data[0]++;
		CHECK_EQ(impl->task_done(b.queue), SYNC_OK);
		crew_join(c);
		bench_end(&b);
	}
}

/* ---- close ---- */

LAW(queue, closed_refuses_puts, "after close each form of put says closed")
{
	for (unsigned s = 0; s < SHAPES; s++)
		for (int fill = 0; fill < 2; fill++) {
			struct bench b = bench_new(impl, shapes[s], 1);

			/* full or empty, it is closed first of all */
			for (uintptr_t i = 0; fill && i < shapes[s]; i++)
				impl->put(b.queue, item_of(i));
			impl->close(b.queue);
			CHECK_EQ(impl->put(b.queue, &b), SYNC_CLOSED);
			CHECK_EQ(impl->tryput(b.queue, &b), SYNC_CLOSED);
			if (impl->timedput) {
				CHECK_EQ(impl->timedput(b.queue, &b, 0),
					 SYNC_CLOSED);
				CHECK_EQ(impl->timedput(b.queue, &b,
							DEADLINE_NEVER),
					 SYNC_CLOSED);
			}
			for (uintptr_t i = 0; fill && i < shapes[s]; i++)
				expect_get(&b, i);
			expect_none(&b, SYNC_CLOSED);
			bench_end(&b);
		}
}

LAW(queue, closed_drains, "getters get what is left, and then closed")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], 1);
		size_t n = shapes[s] ? shapes[s] : 200;
		void *item = &b;

		for (uintptr_t i = 0; i < n; i++)
			CHECK_EQ(impl->put(b.queue, item_of(i)), SYNC_OK);
		impl->close(b.queue);
		impl->close(b.queue);
		CHECK_EQ(impl->length(b.queue), n);
		for (uintptr_t i = 0; i < n; i++) {
			CHECK_EQ(impl->get(b.queue, &item), SYNC_OK);
			CHECK(item == item_of(i));
		}
		item = &b;
		CHECK_EQ(impl->get(b.queue, &item), SYNC_CLOSED);
		if (impl->timedget) {
			CHECK_EQ(impl->timedget(b.queue, &item, 0),
				 SYNC_CLOSED);
			CHECK_EQ(impl->timedget(b.queue, &item, DEADLINE_NEVER),
				 SYNC_CLOSED);
		}
		CHECK(item == &b);
		impl->close(b.queue);
		expect_none(&b, SYNC_CLOSED);
		bench_end(&b);
	}
}

/* Even numbers wait with a deadline that never comes, odd ones without. */
static void get_closed(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item = b;

	law_about_to_wait(&b->waiters[index]);
	if (index % 2 || !b->impl->timedget)
		CHECK_EQ(b->impl->get(b->queue, &item), SYNC_CLOSED);
	else
		CHECK_EQ(b->impl->timedget(b->queue, &item,
					   deadline_in(900 * NS_PER_S)),
			 SYNC_CLOSED);
	CHECK(item == b);
}

static void put_closed(void *shared, unsigned index)
{
	struct bench *b = shared;

	law_about_to_wait(&b->waiters[index]);
	if (index % 2 || !b->impl->timedput)
		CHECK_EQ(b->impl->put(b->queue, b), SYNC_CLOSED);
	else
		CHECK_EQ(b->impl->timedput(b->queue, b,
					   deadline_in(900 * NS_PER_S)),
			 SYNC_CLOSED);
}

LAW(queue, close_releases_getters, "all who wait for an item get closed")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		struct bench b = bench_new(impl, shapes[s], 1);
		struct crew *c =
			crew_start_waiting(4, get_closed, &b, b.waiters);
		impl->close(b.queue);
		crew_join(c);
		bench_end(&b);
	}
}

LAW(queue, close_releases_putters, "all who wait for room get closed at once")
{
	for (unsigned c = 0; c < CAPACITIES; c++) {
		struct bench b = bench_new(impl, capacities[c], 1);
		struct crew *crew;

		for (uintptr_t i = 0; i < capacities[c]; i++)
			CHECK_EQ(impl->put(b.queue, item_of(i)), SYNC_OK);
		crew = crew_start_waiting(4, put_closed, &b, b.waiters);
		impl->close(b.queue);
		/* at once: nobody makes room */
		crew_join(crew);
		for (uintptr_t i = 0; i < capacities[c]; i++)
			expect_get(&b, i);
		expect_none(&b, SYNC_CLOSED);
		bench_end(&b);
	}
}

/* Putters and getters run until closed; what was accepted is what was got. */
static void until_closed(void *shared, unsigned index)
{
	struct bench *b = shared;
	unsigned n = 0;
	void *item;
	int r = SYNC_OK;

	atomic_fetch_add(&b->ready, 1);
	if (index < b->putters) {
		while (n < b->rounds && r == SYNC_OK) {
			r = b->impl->put(b->queue,
					 item_of(index * b->rounds + n));
			n += r == SYNC_OK;
		}
		CHECK(r == SYNC_OK || r == SYNC_CLOSED);
		b->put[index] = n;
		return;
	}
	while (!(r = b->impl->get(b->queue, &item)))
		tally(b, item);
	CHECK_EQ(r, SYNC_CLOSED);
	/* nothing comes after closed */
	for (int i = 0; i < 3; i++)
		expect_none(b, SYNC_CLOSED);
}

static void race_close(const struct queue_impl *impl, size_t capacity,
		       unsigned round)
{
	struct bench b = ends_new(impl, capacity, law_rounds(2000), 3, 2);
	struct crew *c = crew_start(5, until_closed, &b);

	SHORTLY(b.ready >= 5);
	for (unsigned i = 0; i < round % 8 * 100; i++)
		cpu_relax();
	impl->close(b.queue);
	CHECK_EQ(impl->tryput(b.queue, &b), SYNC_CLOSED);
	crew_join(c);
	CHECK_EQ(b.got, all_put(&b));
	check_tally(&b);
	expect_none(&b, SYNC_CLOSED);
	bench_end(&b);
}

LAW(queue, close_races_put_and_get, "what was accepted is got, nothing else")
{
	for (unsigned round = 0; round < law_rounds(20); round++)
		for (unsigned s = 0; s < SHAPES; s++)
			race_close(impl, shapes[s], round);
}

LAW(queue, closed_after_last, "getters get the last item put before close")
{
	for (unsigned round = 0; round < 2 + law_rounds(100); round++)
		for (unsigned s = 0; s < SHAPES; s++) {
			struct bench b =
				ends_new(impl, shapes[s], 1 + round % 2, 1, 3);

			law_crew(4, put_or_get, &b);
			check_tally(&b);
			expect_none(&b, SYNC_CLOSED);
			bench_end(&b);
		}
}

static void learn_of_close(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	/* plain: SYNC_CLOSED is what publishes it */
	if (index == 0) {
		for (unsigned i = 0; i < b->rounds; i++)
			cpu_relax();
		b->data[0] = 1;
		b->impl->close(b->queue);
	} else if (index == 1) {
		while (!b->impl->get(b->queue, &item))
			;
	} else {
		while (!b->impl->put(b->queue, NULL))
			;
	}
	CHECK_EQ(b->data[0], 1);
}

LAW(queue, close_publishes, "who learns of close sees all that came before it")
{
	for (unsigned round = 0; round < law_rounds(60); round++)
		for (unsigned s = 0; s < SHAPES; s++) {
			struct bench b =
				bench_new(impl, shapes[s], round % 8 * 100);

			b.data = calloc(1, sizeof(b.data[0]));
			law_crew(3, learn_of_close, &b);
			bench_end(&b);
		}
}

/* Waiters against close, with nothing else that could wake them. */
static void wait_for_close(void *shared, unsigned index)
{
	struct bench *b = shared;
	void *item;

	atomic_fetch_add(&b->ready, 1);
	if (index < b->putters)
		CHECK_EQ(b->impl->put(b->queue, b), SYNC_CLOSED);
	else
		CHECK_EQ(b->impl->get(b->queue, &item), SYNC_CLOSED);
}

LAW(queue, close_races_waiters, "close reaches those about to fall asleep")
{
	for (unsigned round = 0; round < law_rounds(400); round++) {
		struct bench b = bench_new(impl, 1, 1);
		struct crew *c;

		b.putters = round % 2 ? 2 : 0;
		if (b.putters)
			CHECK_EQ(impl->put(b.queue, NULL), SYNC_OK);
		c = crew_start(2, wait_for_close, &b);
		SHORTLY(b.ready >= 2);
		/* the spin before a sleep is of this order: so is the delay */
		for (unsigned i = 0; i < round * 7 % 500; i++)
			cpu_relax();
		impl->close(b.queue);
		crew_join(c);
		bench_end(&b);
	}
}

/* Puts as much as makes any queue without a bound grow, then gets it all. */
static int fill_and_empty(void *shared)
{
	enum { ITEMS = 300 };
	struct bench *b = shared;
	unsigned n = 0;
	int r = b->impl->init(b->queue, b->rounds);

	if (r)
		return r;
	while (n < ITEMS && !(r = b->impl->tryput(b->queue, item_of(n))))
		n++;
	if (r == SYNC_BUSY) {
		CHECK_EQ(n, b->rounds);
		r = SYNC_OK;
	}
	/* one that was refused has changed nothing */
	CHECK_EQ(b->impl->length(b->queue), n);
	for (unsigned i = 0; i < n; i++)
		expect_get(b, i);
	expect_none(b, SYNC_BUSY);
	b->impl->destroy(b->queue);
	return r;
}

LAW(queue, no_memory, "init and put without memory say so, and no item is lost")
{
	for (unsigned s = 0; s < SHAPES; s++) {
		/* rounds: the capacity */
		struct bench b = { .impl = impl,
				   .queue = law_object(&impl->id),
				   .rounds = (unsigned)shapes[s] };

		law_without_memory(fill_and_empty, &b);
		CHECK_EQ(fill_and_empty(&b), SYNC_OK);
		free(b.queue);
	}
}
