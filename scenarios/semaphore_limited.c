/* SPDX-License-Identifier: MIT */
/*
 * Many threads fetch over HTTP, at most `permits` of them at once.
 *
 * The server is a process of its own (kit/http.h). An operation is one fetch,
 * the wait for the permit included.
 */
#include "../harness/kit/http.h"
#include "../primitives/semaphore.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

struct limited {
	const struct semaphore_impl *impl;
	void *semaphore;
	struct http_server server;
	struct http_client *clients; /* one a thread */
	unsigned permits;
	size_t bytes;
	_Alignas(2 * CACHE_LINE) _Atomic uint32_t inside;
};

static bool setup(struct cell *c)
{
	struct limited *l = c->state = cell_alloc(sizeof(*l));
	int error;

	l->impl = (const struct semaphore_impl *)c->implementation->id;
	l->permits = (unsigned)cell_param(c, "permits");
	l->bytes = cell_param(c, "body_bytes");
	if (!http_server_start(&l->server, 0, cell_param(c, "delay_ms")))
		return cell_refuse(c, "%s", l->server.why);
	l->clients = cell_alloc(c->threads * sizeof(l->clients[0]));
	for (unsigned i = 0; i < c->threads; i++)
		if (!http_client_open(&l->clients[i], &l->server))
			return cell_fail(c, "%s", l->clients[i].why);
	l->semaphore = cell_object(c->implementation);
	error = l->impl->init(l->semaphore, l->permits, l->permits);
	if (error)
		return cell_fail(c, "init of the semaphore: %s",
				 strerror(error));
	return true;
}

/* Its checksum is the most that it has seen inside, itself included. */
static bool fetch(struct worker *w, struct limited *l)
{
	struct http_client *h = &l->clients[w->index];
	/* relaxed: it is a count, and publishes nothing */
	uint32_t inside = 1 + atomic_fetch_add_explicit(&l->inside, 1,
							memory_order_relaxed);
	bool ok = http_fetch(h, worker_random(w) >> 32, l->bytes);

	atomic_fetch_sub_explicit(&l->inside, 1, memory_order_relaxed);
	if (inside > w->checksum)
		w->checksum = inside;
	return ok || cell_fail(w->cell, "%s", h->why);
}

static void work(struct worker *w)
{
	struct limited *l = w->cell->state;
	bool more;

	do {
		uint64_t start = worker_start(w);

		l->impl->acquire(l->semaphore);
		/* Asked in here, so that those who waited at the end leave at
		 * once: 256 fetches, a few at a time, might take a minute. */
		more = worker_next(w);
		if (more) {
			more = fetch(w, l);
			worker_count(w, more);
		}
		w->violations += l->impl->release(l->semaphore, 1) != 0;
		worker_end(w, start);
	} while (more);
}

static bool verify(struct cell *c)
{
	struct limited *l = c->state;

	for (unsigned i = 0; i < c->threads; i++) {
		struct worker *w = &c->workers[i];

		if (w->checksum > l->permits)
			return cell_fail(c,
					 "%llu threads were inside, %u "
					 "permitted",
					 (unsigned long long)w->checksum,
					 l->permits);
		if (w->violations)
			return cell_fail(c,
					 "thread %u: release refused a "
					 "permit that was out",
					 i);
	}
	if (l->impl->value(l->semaphore) != l->permits)
		return cell_fail(c, "%u permits at the end instead of %u",
				 l->impl->value(l->semaphore), l->permits);
	return true;
}

static void teardown(struct cell *c)
{
	struct limited *l = c->state;

	for (unsigned i = 0; i < c->threads; i++)
		http_client_close(&l->clients[i]);
	http_server_stop(&l->server);
	if (l->impl->destroy)
		l->impl->destroy(l->semaphore);
}

SCENARIO(
	.name = "semaphore_limited",
	.kind = "semaphore",
	.bound = BOUND_IO,
	.brief = "fetch over HTTP with a limit on how many at once: one fetch",
	.models = "a crawler that opens three connections to a host",
	.params = {
		{ "delay_ms", 2, 0, 1000, "of the server's answer" },
		{ "permits", 3, 1, THREADS_MAX, "fetches at once" },
		{ "body_bytes", 1024, 0, HTTP_BODY_MAX, "of an answer" },
	},
	.slow = true,
	.setup = setup,
	.work = work,
	.verify = verify,
	.teardown = teardown);
