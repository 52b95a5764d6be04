/* SPDX-License-Identifier: MIT */
/*
 * Clients of threads: primitives/thread.h.
 */
#include "kit.h"

#include "../../../primitives/thread.h"

static const struct thread_impl *t;
static void *thread;
static unsigned done; /* plain: what start and join order */

static void work(void *argument)
{
	assert(*(const unsigned *)argument == 7);
	done++;
}

static const struct thread_options *working(void)
{
	static unsigned sent;
	static const struct thread_options options = { .function = work,
						       .argument = &sent };

	sent = 7;
	return &options;
}

static void begin(const void *impl)
{
	t = impl;
	thread = object_new(&t->id);
	assert(t->join(thread, 0) == SYNC_INVALID);
	assert(t->start(thread, working()) == SYNC_OK);
}

static unsigned join_it(void)
{
	assert(t->join(thread, DEADLINE_NEVER) == SYNC_OK);
	assert(done == 1);
	return 0;
}

static void end(void)
{
	join_it();
	assert(!t->is_alive(thread));
	free(thread);
}

CLIENT(thread, start_join, .threads = 1,
       .about = "start and join publish, and joined it may be freed")
{
	begin(impl);
	end();
}

CLIENT(thread, started_again, .threads = 1,
       .about = "after a join the object serves for another one")
{
	begin(impl);
	join_it();
	done = 0;
	assert(t->start(thread, working()) == SYNC_OK);
	end();
}

CLIENT(thread, two_joiners, .threads = 3, .size = CLIENT_LARGE,
       .about = "each of two joiners returns")
{
	begin(impl);
	TOGETHER(join_it, join_it);
	end();
}

CLIENT(thread, joined_in_time, .threads = 1,
       .about = "a join that may give up; then another one")
{
	begin(impl);
	int result = t->join(thread, soon());

	assert(result == SYNC_OK || result == SYNC_TIMEOUT);
	if (result == SYNC_OK)
		assert(done == 1);
	end();
}

CLIENT(thread, alive_until_the_end, .threads = 1,
       .about = "who is told that it is not alive sees what it has done")
{
	begin(impl);
	if (!t->is_alive(thread))
		assert(done == 1);
	end();
}

static void check_done(void)
{
	assert(done == 1);
}

CLIENT(thread, exit_waits, .threads = 1,
       .about = "nobody joins; exit waits, before earlier handlers")
{
	assert(!atexit(check_done));
	begin(impl);
}

static void join_oneself(void *unused)
{
	(void)unused;
	assert(t->join(thread, DEADLINE_NEVER) == SYNC_INVALID);
	done++;
}

CLIENT(thread, not_of_oneself, .threads = 1,
       .about = "a thread that joins itself is told so")
{
	t = impl;
	thread = object_new(&t->id);
	assert(t->start(thread, &(struct thread_options){
					.function = join_oneself }) == SYNC_OK);
	end();
}
