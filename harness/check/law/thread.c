/* SPDX-License-Identifier: MIT */
/*
 * The laws of a thread: see primitives/thread.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "../../../primitives/thread.h"
#include "law.h"

struct bench {
	const struct thread_impl *impl;
	void *thread;
	unsigned rounds;
	uint64_t written; /* plain: a missing edge is a data race */
	_Atomic unsigned running, go, arrived;
	int result;
	char name[64];
};

static void *thread_new(const struct thread_impl *impl)
{
	void *thread = law_object(&impl->id);

	law_age(&impl->id, thread);
	return thread;
}

static struct bench bench_new(const struct thread_impl *impl, unsigned rounds)
{
	return (struct bench){ .impl = impl,
			       .thread = thread_new(impl),
			       .rounds = law_rounds(rounds) };
}

static int start(struct bench *b, void (*function)(void *argument))
{
	struct thread_options o = { .function = function, .argument = b };

	return b->impl->start(b->thread, &o);
}

static void start_join_free(struct bench *b, void (*function)(void *argument))
{
	CHECK_EQ(start(b, function), 0);
	CHECK_EQ(b->impl->join(b->thread, DEADLINE_NEVER), 0);
	free(b->thread);
}

static void count(void *argument)
{
	struct bench *b = argument;

	b->written++;
}

static void wait_for_go(void *argument)
{
	struct bench *b = argument;

	atomic_store(&b->running, 1);
	EVENTUALLY(atomic_load(&b->go));
	b->written++;
}

LAW(thread, runs_once, "the function runs once; start and join publish")
{
	struct bench b = bench_new(impl, 1000);

	for (unsigned i = 0; i < b.rounds; i++) {
		b.written = 10 * i;
		CHECK_EQ(start(&b, count), 0);
		CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
		CHECK_EQ(b.written, 10 * i + 1);
	}
	free(b.thread);
}

LAW(thread, many_at_a_time, "16 threads run together and are joined")
{
	struct bench b[16];

	for (unsigned i = 0; i < 16; i++) {
		b[i] = bench_new(impl, 1);
		CHECK_EQ(start(&b[i], wait_for_go), 0);
	}
	for (unsigned i = 0; i < 16; i++)
		CHECK(impl->is_alive(b[i].thread));
	for (unsigned i = 0; i < 16; i++)
		atomic_store(&b[i].go, 1);
	for (unsigned i = 0; i < 16; i++) {
		CHECK_EQ(impl->join(b[i].thread, DEADLINE_NEVER), 0);
		CHECK_EQ(b[i].written, 1);
		free(b[i].thread);
	}
}

LAW(thread, timed_times_out, "join of a running thread times out, in time")
{
	struct bench b = bench_new(impl, 1);

	CHECK_EQ(start(&b, wait_for_go), 0);
	for (int i = 0; i < 3; i++) {
		uint64_t deadline = SOON;

		CHECK_EQ(impl->join(b.thread, deadline), SYNC_TIMEOUT);
		CHECK(now_ns() >= deadline);
	}
	CHECK_EQ(impl->join(b.thread, 0), SYNC_TIMEOUT);
	CHECK(impl->is_alive(b.thread));
	atomic_store(&b.go, 1);
	CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
	CHECK_EQ(b.written, 1);
	free(b.thread);
}

LAW(thread, joins_again, "an ended thread is joined however often and late")
{
	struct bench b = bench_new(impl, 1);

	CHECK_EQ(start(&b, count), 0);
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
		CHECK_EQ(impl->join(b.thread, 0), 0);
		CHECK(!impl->is_alive(b.thread));
	}
	free(b.thread);
}

static void join_from_many(void *shared, unsigned index)
{
	struct bench *b = shared;

	atomic_fetch_add(&b->arrived, 1);
	if (index % 2)
		CHECK_EQ(b->impl->join(b->thread, DEADLINE_NEVER), 0);
	else
		while (b->impl->join(b->thread, deadline_in(NS_PER_MS)))
			continue;
	CHECK_EQ(b->written, 1);
}

LAW(thread, joined_by_many, "each of several joiners returns")
{
	for (unsigned i = 0; i < law_rounds(50); i++) {
		struct bench b = bench_new(impl, 1);

		CHECK_EQ(start(&b, wait_for_go), 0);
		struct crew *c = crew_start(4, join_from_many, &b);

		EVENTUALLY(atomic_load(&b.arrived) == 4);
		if (i % 2)
			law_pause(); /* they sleep, most of the time */
		atomic_store(&b.go, 1);
		crew_join(c);
		free(b.thread);
	}
}

static void join_self(void *argument)
{
	struct bench *b = argument;

	CHECK(b->impl->is_alive(b->thread));
	b->result = b->impl->join(b->thread, DEADLINE_NEVER);
}

LAW(thread, join_makes_sense, "not of oneself, nor of one never started")
{
	struct bench b = bench_new(impl, 1);

	CHECK(!impl->is_alive(b.thread));
	CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), SYNC_INVALID);
	start_join_free(&b, join_self);
	CHECK_EQ(b.result, SYNC_INVALID);
}

LAW(thread, needs_a_function, "start without a function is refused")
{
	struct bench b = bench_new(impl, 1);

	CHECK_EQ(start(&b, NULL), SYNC_INVALID);
	CHECK(!impl->is_alive(b.thread));
	CHECK_EQ(impl->join(b.thread, 0), SYNC_INVALID);
	start_join_free(&b, count);
	CHECK_EQ(b.written, 1);
}

LAW(thread, is_alive_until_the_end, "alive from start on; false publishes")
{
	struct bench b = bench_new(impl, 200);

	for (unsigned i = 0; i < b.rounds; i++) {
		atomic_store(&b.go, 0);
		CHECK_EQ(start(&b, wait_for_go), 0);
		CHECK(impl->is_alive(b.thread));
		atomic_store(&b.go, 1);
		SHORTLY(!impl->is_alive(b.thread));
		CHECK_EQ(b.written, i + 1);
		CHECK_EQ(impl->join(b.thread, 0), 0);
	}
	free(b.thread);
}

static void tell_name(void *argument)
{
	struct bench *b = argument;

	CHECK_EQ(pthread_getname_np(pthread_self(), b->name, sizeof(b->name)),
		 0);
}

LAW(thread, has_its_name, "the kernel knows it, cut to 15 bytes")
{
	static const char *const names[][2] = {
		{ "worker", "worker" },
		{ "exactly-fifteen", "exactly-fifteen" },
		{ "sixteen-bytes-ab", "sixteen-bytes-a" },
		{ "a name that is much too long", "a name that is " },
	};
	struct bench b = bench_new(impl, 1);
	struct thread_options o = { .function = tell_name, .argument = &b };

	CHECK_EQ(strcmp(impl->name(b.thread), ""), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char copied[64];

		strcpy(copied, names[i][0]);
		o.name = copied;
		CHECK_EQ(impl->start(b.thread, &o), 0);
		memset(copied, 'x', sizeof(copied) - 1);
		CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
		CHECK_EQ(strcmp(b.name, names[i][1]), 0);
		CHECK_EQ(strcmp(impl->name(b.thread), names[i][1]), 0);
	}
	o.name = NULL;
	CHECK_EQ(impl->start(b.thread, &o), 0);
	CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
	CHECK_EQ(strcmp(impl->name(b.thread), ""), 0);
	free(b.thread);
}

static void spoil(void *thread, size_t size)
{
	memset(thread, 0xa5, size);
	memset(thread, 0, size);
}

LAW(thread, free_after_join, "joined, the object is not touched any more")
{
	struct bench b = bench_new(impl, 2000);

	for (unsigned i = 0; i < b.rounds; i++) {
		CHECK_EQ(start(&b, count), 0);
		for (unsigned k = i % 8 * 100; k; k--)
			cpu_relax();
		CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
		spoil(b.thread, impl->id.size);
		if (i % 64 == 0) {
			free(b.thread);
			b.thread = thread_new(impl);
		}
	}
	CHECK_EQ(b.written, b.rounds);
	free(b.thread);
}

LAW(thread, timeout_races_end, "a late joiner gets it; then it is free")
{
	struct bench b = bench_new(impl, 1000);

	for (unsigned i = 0; i < b.rounds; i++) {
		uint64_t ns = i % 30 * NS_PER_US;

		CHECK_EQ(start(&b, count), 0);
		while (impl->join(b.thread, deadline_in(ns)))
			continue;
		spoil(b.thread, impl->id.size);
	}
	CHECK_EQ(b.written, b.rounds);
	free(b.thread);
}

static void leave_by_exit(void *argument)
{
	count(argument);
	pthread_exit(NULL);
}

LAW(thread, ends_by_pthread_exit, "however it ends, it can be joined")
{
	struct bench b = bench_new(impl, 100);

	for (unsigned i = 0; i < b.rounds; i++) {
		CHECK_EQ(start(&b, leave_by_exit), 0);
		CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
		CHECK_EQ(b.written, i + 1);
	}
	free(b.thread);
}

LAW(thread, leaves_nothing, "threads that were joined go away")
{
	struct bench b = bench_new(impl, 500);
	unsigned before = law_threads();

	for (unsigned i = 0; i < b.rounds; i++) {
		CHECK_EQ(start(&b, count), 0);
		CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
	}
	/* one may be a sanitizer's own */
	EVENTUALLY(law_threads() <= before + 1);
	free(b.thread);
}

static int start_and_join(void *shared)
{
	struct bench *b = shared;
	unsigned before = (unsigned)b->written;
	int r = start(b, count);

	if (r) {
		CHECK(!b->impl->is_alive(b->thread));
		CHECK_EQ(b->written, before);
		return r;
	}
	CHECK_EQ(b->impl->join(b->thread, DEADLINE_NEVER), 0);
	CHECK_EQ(b->written, before + 1);
	return 0;
}

LAW(thread, no_thread, "where no thread is to be had start says so, once")
{
	struct bench b = bench_new(impl, 1);

	law_without_threads(start_and_join, &b);
	start_join_free(&b, count);
}

LAW(thread, no_memory, "where no memory is to be had start says so, once")
{
	struct bench b = bench_new(impl, 1);

	law_without_memory(start_and_join, &b);
	start_join_free(&b, count);
}

/* No stack of so many bytes fits into any address space. */
static void refuse_threads(bool refuse)
{
	static size_t usual;
	pthread_attr_t a;

	CHECK_EQ(pthread_getattr_default_np(&a), 0);
	if (!usual)
		pthread_attr_getstacksize(&a, &usual);
	pthread_attr_setstacksize(&a, refuse ? (size_t)1 << 48 : usual);
	CHECK_EQ(pthread_setattr_default_np(&a), 0);
	pthread_attr_destroy(&a);
}

LAW(thread, refusal_is_told, "no thread to be had: told, and nothing is left")
{
	struct bench b = bench_new(impl, 1);
	int r;

	refuse_threads(true);
	r = start(&b, count);
	CHECK(r == SYNC_NO_THREAD || r == SYNC_NO_MEMORY);
	CHECK(!impl->is_alive(b.thread));
	CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), SYNC_INVALID);
	refuse_threads(false);
	start_join_free(&b, count);
	CHECK_EQ(b.written, 1);
	/* and the exit of this process does not wait for the one refused */
}

/* ---- the exit of a process ---- */

/* What a process did before it ended: bytes into a pipe. Static, so that leak
 * checkers see what is still in use at its exit. */
static struct bench leaving;
static int pipe_end;

static void say(char c)
{
	if (write(pipe_end, &c, 1) != 1)
		_exit(98);
}

static void say_handler(void)
{
	say('h');
}

static void pause_long(void)
{
	for (int i = 0; i < 20; i++)
		law_pause();
}

static void must_start(void *thread, void (*function)(void *), bool daemon)
{
	struct thread_options o = { .function = function,
				    .argument = thread,
				    .daemon = daemon };

	if (leaving.impl->start(thread, &o))
		_exit(97);
}

/* Run body in a process of its own; compare what it said and its status. */
static void process(const struct thread_impl *impl, void (*body)(void),
		    const char *said, int code)
{
	char heard[16] = "";
	size_t n = 0;
	int fds[2], status;
	pid_t pid;

	CHECK_EQ(pipe(fds), 0);
	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		pipe_end = fds[1];
		close(fds[0]);
		leaving.impl = impl;
		atexit(say_handler);
		body();
		_exit(96);
	}
	close(fds[1]);
	for (ssize_t r; n < sizeof(heard) - 1; n += (size_t)r) {
		r = TEMP_FAILURE_RETRY(
			read(fds[0], heard + n, sizeof(heard) - 1 - n));
		if (r <= 0)
			break;
	}
	close(fds[0]);
	CHECK_EQ(TEMP_FAILURE_RETRY(waitpid(pid, &status, 0)), pid);
	CHECK(strcmp(heard, said) == 0);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), code);
}

static void take_time(void *argument)
{
	(void)argument;
	pause_long();
	say('w');
}

static void start_and_leave(void)
{
	leaving.thread = thread_new(leaving.impl);
	must_start(leaving.thread, take_time, false);
	exit(3);
}

LAW(thread, exit_waits, "exit waits for threads, before earlier handlers")
{
	process(impl, start_and_leave, "wh", 3);
}

static void *second;

static void take_time_and_start(void *argument)
{
	(void)argument;
	pause_long();
	say('1');
	must_start(second, take_time, false);
}

static void start_chain_and_leave(void)
{
	leaving.thread = thread_new(leaving.impl);
	second = thread_new(leaving.impl);
	must_start(leaving.thread, take_time_and_start, false);
	exit(4);
}

LAW(thread, exit_waits_for_late_ones, "and for those that they start")
{
	process(impl, start_chain_and_leave, "1wh", 4);
}

static void never_end(void *argument)
{
	(void)argument;
	for (;;)
		pause();
}

static void leave_daemon(void)
{
	leaving.thread = thread_new(leaving.impl);
	second = thread_new(leaving.impl);
	must_start(leaving.thread, never_end, true);
	must_start(second, take_time, false);
	exit(5);
}

LAW(thread, exit_leaves_daemons, "a daemon does not hold up the exit")
{
	process(impl, leave_daemon, "wh", 5);
}

static void call_exit(void *argument)
{
	(void)argument;
	exit(6);
}

static void exit_by_thread(void)
{
	leaving.thread = thread_new(leaving.impl);
	second = thread_new(leaving.impl);
	must_start(second, take_time, false);
	must_start(leaving.thread, call_exit, false);
	never_end(NULL);
}

static void exit_by_daemon(void)
{
	leaving.thread = thread_new(leaving.impl);
	second = thread_new(leaving.impl);
	must_start(second, take_time, false);
	must_start(leaving.thread, call_exit, true);
	never_end(NULL);
}

LAW(thread, exit_by_a_thread, "whoever calls exit does not wait for itself")
{
	process(impl, exit_by_thread, "wh", 6);
	process(impl, exit_by_daemon, "wh", 6);
}

static void do_nothing(void *argument)
{
	(void)argument;
}

static void start_ended_and_leave(void)
{
	leaving.thread = thread_new(leaving.impl);
	second = thread_new(leaving.impl);
	must_start(leaving.thread, do_nothing, false);
	must_start(second, do_nothing, true);
	while (leaving.impl->is_alive(leaving.thread) ||
	       leaving.impl->is_alive(second))
		law_pause();
	exit(7);
}

LAW(thread, need_not_be_joined, "ended and never joined, nothing is amiss")
{
	process(impl, start_ended_and_leave, "h", 7);
}

static void just_leave(void)
{
	exit(8);
}

LAW(thread, fork_forgets_threads, "a child waits for none of its parent's")
{
	struct bench b = bench_new(impl, 1);

	CHECK_EQ(start(&b, wait_for_go), 0);
	/* else the child could inherit a sanitizer's lock that is held */
	EVENTUALLY(atomic_load(&b.running));
	process(impl, just_leave, "h", 8);
	atomic_store(&b.go, 1);
	CHECK_EQ(impl->join(b.thread, DEADLINE_NEVER), 0);
	free(b.thread);
}

LAW(thread, fits_if_small, "without the flag LARGE it fits a pthread_mutex_t")
{
	if (impl->id.flags & IMPL_LARGE)
		trial_skip("flagged as large");
	CHECK(impl->id.size > 0 && impl->id.size <= IMPL_SMALL_BYTES);
}
