/* SPDX-License-Identifier: MIT */
/* Onces, which know whose function is running. */
#include "../../primitives/once.h"

#include "library.h"

struct sl_once {
	const struct once_impl *impl;
	void *once;
	OWN_LINE _Atomic uint64_t runner; /* its sl_self, else 0 */
};

/* A function of either form, and what runs it. */
struct run {
	sl_once *once;
	void (*function)(void *);
	int (*attempt)(void *);
	void *argument;
};

int sl_once_create(const char *implementation, sl_once **out)
{
	struct made made =
		library_make("once", implementation, sizeof(**out), out);
	sl_once *o = made.header;
	int r = made.result;

	if (r)
		return r;
	o->impl = made.impl;
	o->once = made.object;
	if (o->impl->init)
		r = o->impl->init(o->once);
	if (r)
		free(o);
	else
		*out = o;
	return r;
}

/* relaxed: a thread has to know its own number alone, and destroy runs beside
 * no other operation that it could be wrong about */
static uint64_t runner(const sl_once *o)
{
	return atomic_load_explicit(&o->runner, memory_order_relaxed);
}

static void set_runner(sl_once *o, uint64_t number)
{
	atomic_store_explicit(&o->runner, number, memory_order_relaxed);
}

int sl_once_destroy(sl_once *o)
{
	if (!o)
		return SL_OK;
	if (runner(o))
		return SL_BUSY;
	if (o->impl->destroy)
		o->impl->destroy(o->once);
	free(o);
	return SL_OK;
}

static int run_attempt(void *run)
{
	struct run *r = run;
	int result;

	set_runner(r->once, sl_self());
	result = r->attempt(r->argument);
	set_runner(r->once, 0);
	return result;
}

static void run_function(void *run)
{
	struct run *r = run;

	set_runner(r->once, sl_self());
	r->function(r->argument);
	set_runner(r->once, 0);
}

int sl_once_call(sl_once *o, void (*function)(void *), void *argument)
{
	if (!o || !function)
		return SL_INVALID;
	if (o->impl->done(o->once))
		return SL_OK;
	if (runner(o) == sl_self())
		return SL_DEADLOCK;
	o->impl->call(o->once, run_function,
		      &(struct run){ .once = o,
				     .function = function,
				     .argument = argument });
	return SL_OK;
}

int sl_once_attempt(sl_once *o, int (*function)(void *), void *argument)
{
	if (!o || !function)
		return SL_INVALID;
	if (!o->impl->attempt)
		return SL_UNSUPPORTED;
	if (o->impl->done(o->once))
		return SL_OK;
	if (runner(o) == sl_self())
		return SL_DEADLOCK;
	return o->impl->attempt(o->once, run_attempt,
				&(struct run){ .once = o,
					       .attempt = function,
					       .argument = argument });
}

int sl_once_done(const sl_once *o)
{
	return o && o->impl->done(o->once);
}
