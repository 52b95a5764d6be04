/* SPDX-License-Identifier: MIT */
/*
 * The convoy effect (D. Beazley, "Understanding the Python GIL", PyCon 2010):
 * a thread that often gives up the GIL for a short call must win it back from
 * threads that compute, and waits a switch interval each time.
 *
 * An operation is the round trip of one byte through another process: send and
 * receive, each a call for which the GIL is given up. The hogs run bytecodes
 * and yield only when they are asked to.
 *
 * A call pays the interval if a hog wakes up and takes the GIL before the call
 * returns; that race is the scheduler's, for CPython as well. Where the hog
 * loses it for a while (SCHED_OTHER with a CPU to spare) round trips come in
 * bursts, and the mean lies far above the law of one interval a call.
 */
#include "_gil.h"

#include "../harness/kit/child.h"

#include <errno.h>
#include <sys/socket.h>

enum {
	HOGS_MAX = 16,
	HOG_STEPS = 8, /* multiplications of a bytecode: some 10 ns */
};

struct shared {
	struct interpreter interpreter;
	struct crew crew;
	uint64_t hogs;
	bool one_call;		  /* give it up once for both calls */
	_Atomic bool leaving;	  /* the sockets may be dead by now */
	int sockets[THREADS_MAX]; /* of each thread to its echo; -1: none */
	pid_t echoes[THREADS_MAX];
};

static bool is_cpython(const struct cell *c)
{
	return !c->implementation && strcmp(c->name, "cpython") == 0;
}

static const char *skip(const struct cell *c)
{
	if (!is_cpython(c))
		return NULL;
	if (!crew_has_program("python3"))
		return "no python3 on PATH: apt-get install python3";
	if (cell_param(c, "calls_count") != 2)
		return "CPython gives up the GIL for each call: calls_count=2";
	return NULL;
}

/* CPython's hogs are threads of its own. */
static unsigned workers(const struct cell *c)
{
	return c->threads +
	       (is_cpython(c) ? 0 : (unsigned)cell_param(c, "hogs_count"));
}

/* ---- the other process ---- */

static _Noreturn void echo(int fd)
{
	char byte;

	while (recv(fd, &byte, 1, 0) == 1)
		if (send(fd, &byte, 1, 0) != 1)
			break;
	_exit(0);
}

static bool echo_start(struct shared *s, struct cell *c, unsigned i)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return cell_fail(c, "socketpair: %s: raise ulimit -n",
				 strerror(errno));
	s->echoes[i] = child_fork("echo");
	if (s->echoes[i] == 0) {
		close(pair[0]);
		echo(pair[1]);
	}
	close(pair[1]);
	s->sockets[i] = pair[0];
	return s->echoes[i] > 0 ||
	       cell_fail(c, "fork: %s: raise ulimit -u", strerror(errno));
}

/* ---- the cell ---- */

static bool start_cpython(struct shared *s, struct cell *c)
{
	char options[32 + 8 * THREADS_MAX];
	int keep[THREADS_MAX + 1];
	int n;

	n = snprintf(options, sizeof(options),
		     "hogs=%u sockets=", (unsigned)s->hogs);
	for (unsigned i = 0; i < c->threads; i++) {
		n += snprintf(options + n, sizeof(options) - (size_t)n, "%s%d",
			      i ? "," : "", s->sockets[i]);
		keep[i] = s->sockets[i];
	}
	keep[c->threads] = -1;
	return crew_open(&s->crew, c, true) &&
	       cpython_open(&s->crew, "convoy", "threads", options,
			    c->threads + (unsigned)s->hogs, keep);
}

static bool setup(struct cell *c)
{
	struct shared *s = c->state = cell_alloc(sizeof(*s));

	s->hogs = cell_param(c, "hogs_count");
	s->one_call = cell_param(c, "calls_count") == 1;
	for (unsigned i = 0; i < THREADS_MAX; i++)
		s->sockets[i] = -1;
	for (unsigned i = 0; i < c->threads; i++)
		if (!echo_start(s, c, i))
			return false;
	if (is_cpython(c))
		return start_cpython(s, c);
	return interpreter_open(&s->interpreter, c);
}

static void hog(struct interpreter *it, struct worker *w)
{
	w->auxiliary = true;
	interpreter_enter(it, w);
	while (worker_next(w)) {
		section_work(HOG_STEPS);
		interpreter_count(it);
		w->checksum++;
		interpreter_yield(it, w);
	}
	interpreter_leave(it, w);
}

/* true if the byte has come back. */
static bool round_trip(struct shared *s, struct worker *w, uint8_t byte)
{
	struct interpreter *it = &s->interpreter;
	int fd = s->sockets[w->index];
	uint8_t answer = (uint8_t)~byte;
	bool ok;

	interpreter_leave(it, w);
	ok = send(fd, &byte, 1, MSG_NOSIGNAL) == 1;
	if (!s->one_call) {
		interpreter_enter(it, w);
		interpreter_leave(it, w);
	}
	ok = ok && recv(fd, &answer, 1, 0) == 1 && answer == byte;
	interpreter_enter(it, w);
	return ok;
}

static void converse(struct shared *s, struct worker *w)
{
	struct interpreter *it = &s->interpreter;
	bool ok = true;

	interpreter_enter(it, w);
	while (ok && worker_next(w)) {
		uint64_t start = worker_start(w);

		ok = round_trip(s, w, (uint8_t)worker_random(w));
		worker_end(w, start);
		if (ok) {
			interpreter_count(it);
			w->checksum++;
			worker_count(w, 1);
		}
	}
	interpreter_leave(it, w);
	if (ok)
		return;
	/* relaxed: stop has set it before it shut the sockets */
	if (!atomic_load_explicit(&s->leaving, memory_order_relaxed))
		cell_fail(w->cell,
			  "thread %u: its byte did not come back: is "
			  "the echo process alive?",
			  w->index);
	sit_out(w);
}

static void work(struct worker *w)
{
	struct shared *s = w->cell->state;

	if (s->crew.cell)
		crew_follow(&s->crew, w);
	else if (w->index >= w->cell->threads)
		hog(&s->interpreter, w);
	else
		converse(s, w);
}

static void stop(struct cell *c)
{
	struct shared *s = c->state;

	crew_stop(&s->crew);
	if (s->crew.cell)
		return; /* it leaves by itself, after the byte it waits for */
	/* relaxed: see converse */
	atomic_store_explicit(&s->leaving, true, memory_order_relaxed);
	for (unsigned i = 0; i < c->threads; i++)
		shutdown(s->sockets[i], SHUT_RDWR);
}

static bool verify(struct cell *c)
{
	struct shared *s = c->state;
	uint64_t units = 0;

	if (c->why[0])
		return false;
	if (s->crew.cell)
		return crew_verify(&s->crew);
	for (unsigned i = 0; i < c->n_workers; i++)
		units += c->workers[i].checksum;
	return interpreter_verify(&s->interpreter, c, units);
}

static void teardown(struct cell *c)
{
	struct shared *s = c->state;

	crew_close(&s->crew);
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		if (s->sockets[i] >= 0)
			close(s->sockets[i]);
		child_stop(&s->echoes[i]);
	}
	interpreter_close(&s->interpreter);
	free(s);
}

static const char *const variants[] = { "threads", "cpython", NULL };

SCENARIO(
	.name = "gil_convoy",
	.kind = "gil",
	.bound = BOUND_MIXED,
	.brief = "one byte echoed by a process while hogs hold the GIL",
	.models = "a CPython thread with short I/O beside threads that compute",
	.params = {
		{ "interval_us", 5000, 1, 10000000, "switch interval" },
		{ "hogs_count", 1, 0, HOGS_MAX, "threads that compute" },
		{ "calls_count", 2, 1, 2,
		  "times a round trip gives up the GIL" },
	},
	.variants = variants,
	.slow = true,
	.skip = skip,
	.workers = workers,
	.setup = setup,
	.work = work,
	.stop = stop,
	.verify = verify,
	.teardown = teardown);
