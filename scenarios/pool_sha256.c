/* SPDX-License-Identifier: MIT */
/*
 * A driver feeds buffers through a bounded queue; workers hash them and compare
 * the digest with the known one.
 *
 * The driver is one thread more than asked for, and auxiliary: throughput,
 * latency and fairness are the workers'. An operation is one buffer: get, hash,
 * compare, task_done.
 */
#include "../harness/kit/sha256.h"
#include "../primitives/queue.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

struct buffer {
	struct sha256_digest digest; /* as hashed in setup, by one thread */
	uint64_t tag;		     /* its share of a thread's checksum */
	void *data;
};

struct pool {
	const struct queue_impl *impl;
	void *queue;
	struct sha256 **hashers; /* one a worker */
	struct buffer *buffers;
	uint64_t n_buffers;
	size_t size;
};

static unsigned workers(const struct cell *c)
{
	return c->threads + 1;
}

static void make_buffers(struct pool *p)
{
	p->buffers = cell_alloc(p->n_buffers * sizeof(p->buffers[0]));
	for (uint64_t i = 0; i < p->n_buffers; i++) {
		struct buffer *b = &p->buffers[i];

		b->data = cell_alloc(p->size);
		sha256_fill(b->data, p->size, i);
		sha256_fill(&b->tag, sizeof(b->tag), ~i);
		b->digest = sha256(p->hashers[0], b->data, p->size);
	}
}

static bool setup(struct cell *c)
{
	struct pool *p = c->state = cell_alloc(sizeof(*p));
	int error;

	p->impl = (const struct queue_impl *)c->implementation->id;
	p->n_buffers = cell_param(c, "buffers");
	p->size = cell_param(c, "size_bytes");
	p->hashers = cell_alloc(c->threads * sizeof(struct sha256 *));
	for (unsigned i = 0; i < c->threads; i++)
		p->hashers[i] = sha256_new();
	make_buffers(p);
	p->queue = cell_object(c->implementation);
	error = p->impl->init(p->queue, cell_param(c, "capacity"));
	if (error)
		return cell_fail(c, "init of the queue: %s", strerror(error));
	return true;
}

/* Its checksum is the sum of the tags of what the queue has taken. */
static void drive(struct worker *w, struct pool *p)
{
	w->auxiliary = true;
	while (worker_next(w)) {
		struct buffer *b = &p->buffers[worker_random(w) % p->n_buffers];

		if (p->impl->put(p->queue, b) != 0)
			break;
		w->checksum += b->tag;
	}
}

static void work(struct worker *w)
{
	struct pool *p = w->cell->state;
	void *item;

	if (w->index == w->cell->threads) {
		drive(w, p);
		return;
	}
	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		if (p->impl->get(p->queue, &item) != 0)
			break;

		struct buffer *b = item;
		struct sha256_digest digest =
			sha256(p->hashers[w->index], b->data, p->size);

		w->violations += !sha256_same(&digest, &b->digest);
		w->violations += p->impl->task_done(p->queue) != 0;
		w->checksum += b->tag;
		worker_end(w, start);
		worker_count(w, 1);
	}
}

static void stop(struct cell *c)
{
	struct pool *p = c->state;

	p->impl->close(p->queue);
}

/* Every buffer that was put has been got once, or is still there. */
static bool verify(struct cell *c)
{
	struct pool *p = c->state;
	uint64_t got = 0, put = c->workers[c->threads].checksum;
	void *item;

	while (p->impl->get(p->queue, &item) == 0) {
		got += ((struct buffer *)item)->tag;
		p->impl->task_done(p->queue);
	}
	for (unsigned i = 0; i < c->threads; i++) {
		got += c->workers[i].checksum;
		if (c->workers[i].violations)
			return cell_fail(
				c,
				"worker %u: %llu digests or "
				"task_done calls were wrong",
				i,
				(unsigned long long)c->workers[i].violations);
	}
	if (got != put)
		return cell_fail(c, "the queue lost or doubled buffers");
	if (p->impl->join(p->queue, 0) != 0)
		return cell_fail(c, "join still waits when all is done");
	return true;
}

static void teardown(struct cell *c)
{
	struct pool *p = c->state;

	p->impl->destroy(p->queue);
	for (unsigned i = 0; i < c->threads; i++)
		sha256_free(p->hashers[i]);
}

SCENARIO(
	.name = "pool_sha256",
	.kind = "queue",
	.bound = BOUND_CPU,
	.brief = "workers hash buffers that one driver feeds them: one buffer",
	.models = "git fsck, or a backup tool that checks its chunks",
	.params = {
		{ "size_bytes", 4096, 1, 1 << 24, "of a buffer" },
		{ "capacity", 64, 1, 1 << 20, "buffers in the queue" },
		{ "buffers", 64, 1, 1 << 16, "different buffers" },
	},
	.slow = true,
	.workers = workers,
	.setup = setup,
	.work = work,
	.stop = stop,
	.verify = verify,
	.teardown = teardown);
