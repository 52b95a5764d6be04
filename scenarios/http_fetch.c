/* SPDX-License-Identifier: MIT */
/*
 * An executor's threads fetch over HTTP; one submitter keeps them busy.
 *
 * `threads` are the executor's. The one thread that the harness starts submits,
 * waits for the oldest result and submits anew, so that twice as many fetches
 * as threads are under way or queued. An operation is one fetch from submit to
 * result, the wait for a free thread included. The server is a process of its
 * own (kit/http.h).
 */
#include "../harness/kit/http.h"
#include "../primitives/executor.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

enum { TASKS_PER_THREAD = 2 };

struct task {
	struct fetcher *fetcher;
	uint64_t item;
	uint64_t start_ns;
	bool out; /* submitted, and its result not taken */
	void *future;
};

struct fetcher {
	struct cell *cell;
	const struct executor_impl *impl;
	void *executor;
	struct task *tasks;
	unsigned n_tasks;
	size_t bytes;
	struct http_server server;
	struct http_client *clients; /* one a thread of the executor */
	_Alignas(2 * CACHE_LINE) _Atomic uint32_t n_clients; /* given out */
};

/* The thread's own connection, kept from task to task. */
static _Thread_local struct http_client *mine;

static unsigned workers(const struct cell *c)
{
	(void)c;
	return 1;
}

static bool setup(struct cell *c)
{
	struct fetcher *f = c->state = cell_alloc(sizeof(*f));
	int error;

	f->cell = c;
	f->impl = (const struct executor_impl *)c->implementation->id;
	f->bytes = cell_param(c, "body_bytes");
	if (!http_server_start(&f->server, (uint16_t)cell_param(c, "port"),
			       cell_param(c, "delay_ms")))
		return cell_refuse(c, "%s", f->server.why);
	f->clients = cell_alloc(c->threads * sizeof(f->clients[0]));
	for (unsigned i = 0; i < c->threads; i++)
		if (!http_client_open(&f->clients[i], &f->server))
			return cell_fail(c, "%s", f->clients[i].why);
	f->n_tasks = TASKS_PER_THREAD * c->threads;
	f->tasks = cell_alloc(f->n_tasks * sizeof(f->tasks[0]));
	for (unsigned i = 0; i < f->n_tasks; i++) {
		f->tasks[i].fetcher = f;
		f->tasks[i].future = cell_alloc(f->impl->future_size);
	}
	f->executor = cell_object(c->implementation);
	error = f->impl->init(f->executor, c->threads);
	if (error)
		return cell_fail(c, "init of the executor: %s",
				 strerror(error));
	return true;
}

/* What a task must return: it tells whose result this is. */
static void *answer(uint64_t item)
{
	return (void *)(uintptr_t)~item;
}

/* The task. */
static void *fetch(void *argument)
{
	struct task *t = argument;
	struct fetcher *f = t->fetcher;

	if (!mine) {
		/* relaxed: each gets another one, no more is needed */
		uint32_t i = atomic_fetch_add_explicit(&f->n_clients, 1,
						       memory_order_relaxed);

		if (i >= f->cell->threads) {
			cell_fail(f->cell, "tasks ran in more threads than the "
					   "executor was given");
			return NULL;
		}
		mine = &f->clients[i];
	}
	if (!http_fetch(mine, t->item, f->bytes)) {
		cell_fail(f->cell, "%s", mine->why);
		return NULL;
	}
	return answer(t->item);
}

static bool submit(struct worker *w, struct task *t)
{
	struct fetcher *f = t->fetcher;

	t->item = worker_random(w) >> 32;
	t->start_ns = now_ns();
	t->out = f->impl->submit(f->executor, t->future, fetch, t) == 0;
	return t->out || cell_fail(w->cell, "submit was refused");
}

/* 0, or why there is no right result. */
static int collect(struct task *t)
{
	void *value = NULL;
	int error = t->fetcher->impl->result(t->future, DEADLINE_NEVER, &value);

	t->out = false;
	if (error)
		return error;
	return value == answer(t->item) ? 0 : SYNC_INVALID;
}

static void work(struct worker *w)
{
	struct fetcher *f = w->cell->state;
	unsigned oldest = 0;

	for (unsigned i = 0; i < f->n_tasks; i++)
		if (!submit(w, &f->tasks[i]))
			return;
	while (worker_next(w)) {
		struct task *t = &f->tasks[oldest];

		if (collect(t) != 0) {
			w->violations++;
			return;
		}
		worker_record(w, now_ns() - t->start_ns);
		worker_count(w, 1);
		if (!submit(w, t))
			return;
		if (++oldest == f->n_tasks)
			oldest = 0;
	}
}

/* What is left when the window ends is cancelled, or finishes rightly. */
static bool verify(struct cell *c)
{
	struct fetcher *f = c->state;

	f->impl->shutdown(f->executor, true, true);
	for (unsigned i = 0; i < f->n_tasks; i++) {
		struct task *t = &f->tasks[i];
		int error = t->out ? collect(t) : 0;

		if (error && error != SYNC_CANCELED)
			c->workers[0].violations++;
	}
	if (c->workers[0].violations)
		return cell_fail(c, "a future had another task's result, or "
				    "none");
	return true;
}

static void teardown(struct cell *c)
{
	struct fetcher *f = c->state;

	f->impl->destroy(f->executor);
	for (unsigned i = 0; i < c->threads; i++)
		http_client_close(&f->clients[i]);
	http_server_stop(&f->server);
}

SCENARIO(
	.name = "http_fetch",
	.kind = "executor",
	.bound = BOUND_IO,
	.brief = "a pool fetches over HTTP, one thread submits: one fetch",
	.models = "a ThreadPoolExecutor that downloads a list of URLs",
	.params = {
		{ "delay_ms", 2, 0, 1000, "of the server's answer" },
		{ "body_bytes", 1024, 0, HTTP_BODY_MAX, "of an answer" },
		{ "port", 0, 0, 65535, "of the server; 0: any that is free" },
	},
	.slow = true,
	.workers = workers,
	.setup = setup,
	.work = work,
	.verify = verify,
	.teardown = teardown);
