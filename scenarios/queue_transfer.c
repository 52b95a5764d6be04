/* SPDX-License-Identifier: MIT */
/*
 * Half of the threads put, the others get.
 *
 * An item is its producer's number and its place among that producer's items;
 * a consumer checks that the places it sees of each producer rise. In the end
 * the number of items put and got, and the sums of their hashes, are equal:
 * nothing was lost, doubled or made up.
 *
 * At the end of a window stop closes the queue: producers that wait leave, and
 * consumers leave when it is empty. To keep that short, and memory small, the
 * producers of an unbounded queue pause while it is very long.
 */
#include "../primitives/queue.h"
#include "_kit.h"

/* Unbounded: how often its length is looked at, and where producers pause. */
enum { LOOK_EVERY = 1024, PAUSE_LENGTH = 1 << 16 };

enum { SEQUENCE_BITS = 48 };

struct state {
	const struct queue_impl *impl;
	void *queue;
	bool unbounded;
	unsigned producers;
	uint64_t *put; /* by each producer, written at the end */
};

static const char *skip(const struct cell *c)
{
	const struct queue_impl *impl = (const void *)c->implementation->id;

	if (!impl->put || !impl->get || !impl->close)
		return impl->id.unsupported;
	return kit_skip_alone(c);
}

static bool setup(struct cell *c)
{
	struct state *s = c->state = cell_alloc(sizeof(*s));
	uint64_t capacity = cell_param(c, "capacity");

	s->impl = (const void *)c->implementation->id;
	s->queue = cell_object(c->implementation);
	s->unbounded = capacity == 0;
	s->producers = c->threads / 2;
	s->put = cell_alloc(s->producers * sizeof(*s->put));
	return kit_ok(c, "init", s->impl->init(s->queue, capacity));
}

/* So that no loss makes up for a doubling in the sum (Stafford's mix 13). */
static uint64_t hash(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void pause_if_long(struct worker *w, struct state *s)
{
	while (worker_next(w) && s->impl->length(s->queue) > PAUSE_LENGTH)
		sched_yield();
}

static void produce(struct worker *w, struct state *s)
{
	uint64_t producer = w->index / 2, place = 1;

	w->auxiliary = true; /* items count where they are got */
	for (; worker_next(w); place++) {
		uint64_t item = producer << SEQUENCE_BITS | place;
		int r = s->impl->put(s->queue, (void *)(uintptr_t)item);

		if (r) {
			w->violations += r != SYNC_CLOSED || worker_next(w);
			break;
		}
		w->checksum += hash(item);
		if (s->unbounded && place % LOOK_EVERY == 0)
			pause_if_long(w, s);
	}
	s->put[producer] = place - 1;
}

static void consume(struct worker *w, struct state *s)
{
	uint64_t *seen = cell_alloc(s->producers * sizeof(*seen));
	void *got;

	for (;;) {
		uint64_t start = worker_start(w);
		int r = s->impl->get(s->queue, &got);
		bool open = worker_next(w);

		if (r) {
			w->violations += r != SYNC_CLOSED || open;
			return;
		}
		worker_end(w, start);
		worker_count(w, 1);

		uint64_t item = (uintptr_t)got;
		uint64_t producer = item >> SEQUENCE_BITS;

		w->checksum += hash(item);
		if (producer >= s->producers || item <= seen[producer])
			w->violations++;
		else
			seen[producer] = item;
	}
}

/* Producers and consumers alternate, so that pinning mixes them. */
static void work(struct worker *w)
{
	struct state *s = w->cell->state;

	if (w->index % 2)
		produce(w, s);
	else
		consume(w, s);
}

static void stop(struct cell *c)
{
	struct state *s = c->state;

	s->impl->close(s->queue);
}

static bool verify(struct cell *c)
{
	struct state *s = c->state;
	uint64_t put = 0, got = cell_total_ops(c), sums[2] = { 0, 0 };

	for (unsigned i = 0; i < s->producers; i++)
		put += s->put[i];
	for (unsigned i = 0; i < c->n_workers; i++)
		sums[i % 2] += c->workers[i].checksum;
	if (put != got)
		return cell_fail(c, "%llu items put, %llu got",
				 (unsigned long long)put,
				 (unsigned long long)got);
	if (sums[0] != sums[1])
		return cell_fail(c, "what was got is not what was put");
	return kit_no_violations(c, "out of order, or a wrong result");
}

static void teardown(struct cell *c)
{
	struct state *s = c->state;

	if (s->impl->destroy)
		s->impl->destroy(s->queue);
}

SCENARIO(
	.name = "queue_transfer",
	.kind = "queue",
	.bound = BOUND_MICRO,
	.brief = "one item got; half of the threads put, half get",
	.models = "request threads that hand log records to writer threads",
	.params = {
		{ "capacity", 1024, 0, 1 << 30, "items; 0: unbounded" },
	},
	.skip = skip,
	.setup = setup,
	.work = work,
	.stop = stop,
	.verify = verify,
	.teardown = teardown);
