/* SPDX-License-Identifier: MIT */
/*
 * Clients of once: primitives/once.h. What the function does is to plain
 * memory.
 */
#include <setjmp.h>

#include "kit.h"

#include "../../../primitives/once.h"

LACKS(lacks_attempt, once, attempt)
LACKS(lacks_abandon, once, abandon)

static const struct once_impl *o;
static void *once;
static unsigned runs, tries; /* plain: the once orders them */

static void begin(const void *impl)
{
	o = impl;
	once = object_new(&o->id);
	if (o->init)
		assert(o->init(once) == SYNC_OK);
}

static void discard(void)
{
	if (o->destroy)
		o->destroy(once);
	free(once);
}

static void run(void *argument)
{
	*(unsigned *)argument += 1;
}

static unsigned call(void)
{
	o->call(once, run, &runs);
	assert(runs == 1);
	return 1;
}

static void end(void)
{
	assert(o->done(once));
	call();
	discard();
}

CLIENT(once, call_2, .threads = 2, .about = "two callers")
{
	begin(impl);
	assert(!o->done(once));
	TOGETHER(call, call);
	end();
}

CLIENT(once, call_3, .threads = 3, .about = "three callers")
{
	begin(impl);
	TOGETHER(call, call, call);
	end();
}

static unsigned look(void)
{
	if (o->done(once))
		assert(runs == 1);
	return 0;
}

CLIENT(once, done_publishes, .threads = 2,
       .about = "one calls, another reads the data if it is done")
{
	begin(impl);
	TOGETHER(call, look);
	end();
}

static void *other;

static unsigned call_other(void)
{
	o->call(other, run, &tries);
	assert(tries == 1);
	return 1;
}

static void wait_for_other(void *argument)
{
	run(argument);
	join(start(call_other));
}

CLIENT(once, apart, .threads = 1,
       .about = "the function waits for a thread that calls another once")
{
	begin(impl);
	other = once;
	begin(impl);
	o->call(once, wait_for_other, &runs);
	assert(runs == 1 && tries == 1);
	assert(o->done(once) && o->done(other));
	discard();
	once = other;
	discard();
}

/* ---- functions that fail ---- */

enum { FAILED = 42 };

static int fail_first(void *argument)
{
	unsigned *n = argument;

	return ++*n == 1 ? FAILED : SYNC_OK;
}

/* Did it fail? */
static unsigned attempt(void)
{
	int result = o->attempt(once, fail_first, &tries);

	assert(result == SYNC_OK || result == FAILED);
	if (result == SYNC_OK)
		assert(tries == 2);
	return result == FAILED;
}

CLIENT(once, attempt_2, .threads = 2, .lacks = lacks_attempt,
       .about = "the first function fails, the second caller runs its own")
{
	begin(impl);
	assert(TOGETHER(attempt, attempt) == 1);
	assert(tries == 2 && o->done(once));
	discard();
}

CLIENT(once, attempt_3, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_attempt,
       .about = "the first function fails, one of two others runs its own")
{
	begin(impl);
	assert(TOGETHER(attempt, attempt, attempt) == 1);
	assert(tries == 2 && o->done(once));
	discard();
}

static int fail(void *argument)
{
	run(argument);
	return FAILED;
}

static unsigned attempt_in_vain(void)
{
	int result = o->attempt(once, fail, &tries);

	assert(result == SYNC_OK || result == FAILED);
	return result == FAILED;
}

CLIENT(once, call_after_failure, .threads = 2, .lacks = lacks_attempt,
       .about = "a function that fails beside a call")
{
	begin(impl);
	unsigned returned = TOGETHER(attempt_in_vain, call);

	assert(returned == 1 + tries);
	end();
}

/* ---- a function that does not return ---- */

static jmp_buf out;

static int desert(void *argument)
{
	run(argument);
	o->abandon(once);
	longjmp(out, 1);
}

static unsigned attempt_and_desert(void)
{
	/* true: another one's function has returned before */
	return setjmp(out) ? 0 : o->attempt(once, desert, &tries) == SYNC_OK;
}

CLIENT(once, abandoned, .threads = 2, .lacks = lacks_abandon,
       .about = "a function is abandoned beside a call")
{
	begin(impl);
	unsigned returned = TOGETHER(attempt_and_desert, call);

	assert(returned == 2 - tries);
	end();
}

/* ---- destruction ---- */

static _Atomic unsigned back;

static unsigned call_and_free_last(void)
{
	call();
	if (atomic_fetch_add_explicit(&back, 1, memory_order_acq_rel) == 1)
		discard();
	return 0;
}

CLIENT(once, freed_by_last, .threads = 2,
       .about = "two callers; when both are back one destroys and frees")
{
	begin(impl);
	TOGETHER(call_and_free_last, call_and_free_last);
}
