/* SPDX-License-Identifier: MIT */
/*
 * Threads talk to an echo process over one shared pair of pipes; each waits for
 * its own answer on an event.
 *
 * A thread writes its request (frames up to PIPE_BUF are written whole) and
 * waits; one thread more than asked for, auxiliary, reads the answers, copies
 * each to the thread that it is for and sets that thread's event. An operation
 * is one request with its answer. The far end is a process of its own.
 */
#include "../harness/kit/child.h"
#include "../harness/kit/sha256.h"
#include "../primitives/event.h"
#include "scenario.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTES = 1 << 16 };

struct frame {
	uint64_t client;
	uint64_t sequence; /* of the client, from 1 */
	uint8_t payload[];
};

struct client {
	_Alignas(2 * CACHE_LINE) void *event;
	/* What it has asked for last. The reader compares: and so what the
	 * client did with the answer before happens before the next one, which
	 * no one can see who does not know what the far end does. */
	_Atomic uint64_t asked;
	struct frame *request;
	struct frame *answer; /* written by the reader, before set */
};

struct echo {
	const struct event_impl *impl;
	size_t bytes; /* of a frame */
	pid_t pid;
	int to, from; /* the pipes to and from the process */
	struct client *clients;
	_Alignas(2 * CACHE_LINE) _Atomic uint32_t n_clients; /* still there */
};

static unsigned workers(const struct cell *c)
{
	return c->threads + 1;
}

/* The far end, until nobody can write to it any more. */
static _Noreturn void serve(int in, int out)
{
	static char buffer[BUFFER_BYTES];

	for (;;) {
		ssize_t n = read(in, buffer, sizeof(buffer)), m;

		if (n <= 0)
			_exit(0);
		for (ssize_t at = 0; at < n; at += m) {
			m = write(out, buffer + at, (size_t)(n - at));
			if (m <= 0)
				_exit(1);
		}
	}
}

static bool start_process(struct cell *c, struct echo *e)
{
	int there[2], back[2];

	if (pipe(there) != 0 || pipe(back) != 0)
		return cell_fail(c, "pipe: %s: raise ulimit -n",
				 strerror(errno));
	e->pid = child_fork("echo");
	if (e->pid < 0)
		return cell_fail(c,
				 "fork of the echo process: %s: raise "
				 "ulimit -u",
				 strerror(errno));
	if (e->pid == 0) {
		close(there[1]);
		close(back[0]);
		serve(there[0], back[1]);
	}
	close(there[0]);
	close(back[1]);
	e->to = there[1];
	e->from = back[0];
	/* a far end that has died is an error of write */
	signal(SIGPIPE, SIG_IGN);
	return true;
}

static bool setup(struct cell *c)
{
	struct echo *e = c->state = cell_alloc(sizeof(*e));

	e->impl = (const struct event_impl *)c->implementation->id;
	e->bytes = cell_param(c, "size_bytes");
	e->n_clients = c->threads;
	e->clients = cell_alloc(c->threads * sizeof(e->clients[0]));
	for (unsigned i = 0; i < c->threads; i++) {
		struct client *me = &e->clients[i];

		me->event = cell_object(c->implementation);
		me->request = cell_alloc(e->bytes);
		me->answer = cell_alloc(e->bytes);
		if (e->impl->init && e->impl->init(me->event) != 0)
			return cell_fail(c, "init of event %u failed", i);
	}
	return start_process(c, e);
}

static void deliver(struct worker *w, struct echo *e, const struct frame *f)
{
	struct client *to = &e->clients[f->client];

	/* acquire [A]: pairs with [A] in ask */
	if (f->client >= w->cell->threads ||
	    atomic_load_explicit(&to->asked, memory_order_acquire) !=
		    f->sequence) {
		w->violations++;
		return;
	}
	memcpy(to->answer, f, e->bytes);
	e->impl->set(to->event);
}

/* Ends when the far end does, which ends when the last client has left. */
static void read_answers(struct worker *w, struct echo *e)
{
	char *buffer = cell_alloc(BUFFER_BYTES);
	size_t have = 0, at;
	ssize_t n;

	w->auxiliary = true;
	while ((n = read(e->from, buffer + have, BUFFER_BYTES - have)) > 0) {
		have += (size_t)n;
		for (at = 0; have - at >= e->bytes; at += e->bytes)
			deliver(w, e, (struct frame *)(buffer + at));
		have -= at;
		memmove(buffer, buffer + at, have);
	}
	free(buffer);
	/* acquire: nothing is read but the count; the value is enough */
	if (atomic_load_explicit(&e->n_clients, memory_order_relaxed) == 0)
		return;
	cell_fail(w->cell, "the echo process has died: look for its reason in "
			   "dmesg");
	for (unsigned i = 0; i < w->cell->threads; i++)
		e->impl->set(e->clients[i].event);
}

static bool ask(struct worker *w, struct echo *e, struct client *me)
{
	struct frame *f = me->request;

	e->impl->clear(me->event);
	/* release [A]: my reading of the last answer is over */
	atomic_store_explicit(&me->asked, f->sequence, memory_order_release);
	if (write(e->to, f, e->bytes) != (ssize_t)e->bytes)
		return cell_fail(w->cell, "write to the echo process: %s",
				 strerror(errno));
	e->impl->wait(me->event);
	return memcmp(me->answer, f, e->bytes) == 0 ||
	       cell_fail(w->cell, "thread %u got a wrong or an old answer",
			 w->index);
}

static void work(struct worker *w)
{
	struct echo *e = w->cell->state;
	struct client *me = &e->clients[w->index];
	bool ok = true;

	if (w->index == w->cell->threads) {
		read_answers(w, e);
		return;
	}
	me->request->client = w->index;
	while (ok && worker_next(w)) {
		me->request->sequence++;
		sha256_fill(me->request->payload,
			    e->bytes - sizeof(struct frame), worker_random(w));

		uint64_t start = worker_start(w);

		ok = ask(w, e, me);
		worker_end(w, start);
		worker_count(w, ok);
	}
	/* acq_rel: the last one closes after the others have written */
	if (atomic_fetch_sub_explicit(&e->n_clients, 1, memory_order_acq_rel) ==
	    1)
		close(e->to);
}

static bool verify(struct cell *c)
{
	if (c->workers[c->threads].violations)
		return cell_fail(c, "answers came that nobody had asked for");
	for (unsigned i = 0; i < c->threads; i++)
		if (((struct echo *)c->state)->clients[i].request->sequence !=
		    c->workers[i].turn.ops)
			return cell_fail(c,
					 "thread %u has not got all of its "
					 "answers",
					 i);
	return true;
}

static void teardown(struct cell *c)
{
	struct echo *e = c->state;

	child_stop(&e->pid);
	close(e->from);
	for (unsigned i = 0; e->impl->destroy && i < c->threads; i++)
		e->impl->destroy(e->clients[i].event);
}

SCENARIO(
	.name = "pipe_echo",
	.kind = "event",
	.bound = BOUND_IO,
	.brief = "ask an echo process over a shared pipe, wait for the answer",
	.models = "threads of a client that share one connection to a database",
	.params = {
		{ "size_bytes", 64, sizeof(struct frame) + 1, PIPE_BUF,
		  "of a request and of its answer" },
	},
	.slow = true,
	.workers = workers,
	.setup = setup,
	.work = work,
	.verify = verify,
	.teardown = teardown);
