/* SPDX-License-Identifier: MIT */
/*
 * Threads: made, named, started once. The implementation keeps 15 bytes of the
 * name, we all of it.
 */
#include "../../primitives/thread.h"

#include <string.h>

#include "library.h"

/* started: 0, or 1 from the call of start that has won */
struct sl_thread {
	const struct thread_impl *impl;
	void *thread;
	struct thread_options options;
	char *name;
	OWN_LINE _Atomic bool started;
};

int sl_thread_create(const char *implementation, void (*function)(void *),
		     void *argument, sl_thread **out)
{
	struct made made =
		library_make("thread", implementation, sizeof(**out), out);
	sl_thread *t = made.header;

	if (made.result)
		return made.result;
	if (!function) {
		free(t);
		return SL_INVALID;
	}
	t->impl = made.impl;
	t->thread = made.object;
	t->options.function = function;
	t->options.argument = argument;
	*out = t;
	return SL_OK;
}

static bool started(const sl_thread *t)
{
	/* acquire: with start in another thread come the options */
	return atomic_load_explicit(&t->started, memory_order_acquire);
}

int sl_thread_destroy(sl_thread *t)
{
	if (!t)
		return SL_OK;
	/* it is the caller itself (SYNC_INVALID), or runs */
	if (started(t) && t->impl->join(t->thread, 0))
		return SL_BUSY;
	free(t->name);
	free(t);
	return SL_OK;
}

int sl_thread_set_name(sl_thread *t, const char *name)
{
	char *copy = NULL;

	if (!t || started(t))
		return SL_INVALID;
	if (name && !(copy = strdup(name)))
		return SL_NO_MEMORY;
	free(t->name);
	t->name = copy;
	return SL_OK;
}

int sl_thread_set_daemon(sl_thread *t, int daemon)
{
	if (!t || started(t))
		return SL_INVALID;
	t->options.daemon = daemon != 0;
	return SL_OK;
}

int sl_thread_start(sl_thread *t)
{
	int r;

	/* acq_rel: of two only one starts it, and sees what was set */
	if (!t ||
	    atomic_exchange_explicit(&t->started, true, memory_order_acq_rel))
		return SL_INVALID;
	t->options.name = t->name;
	r = t->impl->start(t->thread, &t->options);
	if (r)
		atomic_store_explicit(&t->started, false, memory_order_release);
	return r;
}

int sl_thread_join(sl_thread *t, uint64_t timeout)
{
	int r;

	if (!t || !started(t))
		return SL_INVALID;
	r = t->impl->join(t->thread, until(timeout));
	return r == SYNC_INVALID ? SL_DEADLOCK : answer(r, timeout);
}

int sl_thread_alive(const sl_thread *t)
{
	return t && started(t) && t->impl->is_alive(t->thread);
}

int sl_thread_daemon(const sl_thread *t)
{
	return t && t->options.daemon;
}

const char *sl_thread_name(const sl_thread *t)
{
	return t && t->name ? t->name : "";
}
