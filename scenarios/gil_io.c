/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a server, shared out to threads under a GIL that is given up for
 * the wait, to threads without one, to processes, and to both of real CPython.
 *
 * A unit is one GET from a server process on loopback that answers after a set
 * delay, on a connection that is kept open. The client checks every byte.
 */
#include "_gil.h"

#include "../harness/kit/http.h"

enum { ITEMS = 16 }; /* different answers, in turn */

struct shared {
	struct interpreter interpreter;
	struct crew crew;
	struct http_server server;
	size_t size;
};

static void member(const struct crew *crew, unsigned index)
{
	const struct shared *s = crew->cell->state;
	struct http_client client;
	bool ok = http_client_open(&client, &s->server);

	for (uint64_t n = index; ok && !crew_over(crew); n++) {
		uint64_t start = now_ns();

		ok = http_fetch(&client, n % ITEMS, s->size);
		if (ok)
			crew_count(crew, index, now_ns() - start);
	}
	if (!ok) {
		fprintf(stderr, "synclab: %s\n", client.why);
		crew_count_failure(crew, index);
	}
	http_client_close(&client);
}

static bool setup(struct cell *c)
{
	struct shared *s = c->state = cell_alloc(sizeof(*s));
	enum actor actor = actor_of(c);
	char options[80];

	s->size = cell_param(c, "size_bytes");
	if (!http_server_start(&s->server, 0,
			       (unsigned)cell_param(c, "delay_ms")))
		return cell_refuse(c, "%s", s->server.why);
	if (!interpreter_open(&s->interpreter, c))
		return false;
	if (actor < PROCESSES)
		return true;
	if (!crew_open(&s->crew, c, true))
		return false;
	if (actor == PROCESSES)
		return crew_fork(&s->crew, member);
	snprintf(options, sizeof(options), "port=%u size_bytes=%zu items=%d",
		 s->server.port, s->size, ITEMS);
	return cpython_open(&s->crew, "io", cpython_how(actor), options,
			    c->threads, (const int[]){ -1 });
}

static bool fetch_all(struct shared *s, struct worker *w,
		      struct http_client *client)
{
	struct interpreter *it = &s->interpreter;
	bool ok = true;

	interpreter_enter(it, w);
	for (uint64_t n = w->index; ok && worker_next(w); n++) {
		uint64_t start = worker_start(w);

		interpreter_leave(it, w);
		ok = http_fetch(client, n % ITEMS, s->size);
		interpreter_enter(it, w);
		worker_end(w, start);
		if (ok) {
			interpreter_count(it);
			worker_count(w, 1);
		}
	}
	interpreter_leave(it, w);
	return ok;
}

static void work(struct worker *w)
{
	struct shared *s = w->cell->state;
	struct http_client client;

	if (s->crew.cell) {
		crew_follow(&s->crew, w);
		return;
	}
	if (!http_client_open(&client, &s->server) ||
	    !fetch_all(s, w, &client)) {
		cell_fail(w->cell, "%s", client.why);
		sit_out(w);
	}
	http_client_close(&client);
}

static void stop(struct cell *c)
{
	struct shared *s = c->state;

	crew_stop(&s->crew);
}

static bool verify(struct cell *c)
{
	struct shared *s = c->state;

	if (c->why[0])
		return false;
	if (s->crew.cell)
		return crew_verify(&s->crew);
	return interpreter_verify(&s->interpreter, c, cell_total_ops(c));
}

static void teardown(struct cell *c)
{
	struct shared *s = c->state;

	crew_close(&s->crew);
	http_server_stop(&s->server);
	interpreter_close(&s->interpreter);
	free(s);
}

SCENARIO(
	.name = "gil_io",
	.kind = "gil",
	.bound = BOUND_IO,
	.brief = "one HTTP GET, the GIL given up while it waits",
	.models = "CPython threads that fetch pages, against processes",
	.params = {
		{ "interval_us", 5000, 1, 10000000, "switch interval" },
		{ "delay_ms", 20, 0, 1000, "until the server answers" },
		{ "size_bytes", 1024, 0, HTTP_BODY_MAX, "of an answer" },
	},
	.variants = ACTOR_VARIANTS,
	.slow = true,
	.skip = actor_skip,
	.setup = setup,
	.work = work,
	.stop = stop,
	.verify = verify,
	.teardown = teardown);
