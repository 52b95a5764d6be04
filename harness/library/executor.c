/* SPDX-License-Identifier: MIT */
/*
 * Executors. `home` is the executor whose task this thread runs: waiting for
 * one's own end is answered instead of tried.
 */
#include "../../primitives/executor.h"

#include "future.h"

struct sl_executor {
	const struct executor_impl *impl;
	void *executor;
};

static _Thread_local const sl_executor *home;

int sl_executor_create(const char *implementation, unsigned workers,
		       sl_executor **out)
{
	struct made made =
		library_make("executor", implementation, sizeof(**out), out);
	sl_executor *e = made.header;
	int r = made.result;

	if (r)
		return r;
	e->impl = made.impl;
	e->executor = made.object;
	r = e->impl->init(e->executor, workers);
	if (r)
		free(e);
	else
		*out = e;
	return r;
}

int sl_executor_destroy(sl_executor *e)
{
	if (!e)
		return SL_OK;
	if (home == e)
		return SL_DEADLOCK;
	e->impl->destroy(e->executor);
	free(e);
	return SL_OK;
}

static void *run_task(void *future)
{
	sl_future *f = future;
	void *result;

	home = f->executor;
	result = f->task(f->argument);
	home = NULL;
	return result;
}

int sl_executor_submit(sl_executor *e, sl_task *task, void *argument,
		       sl_future **out)
{
	sl_future *f;
	int r;

	if (!e || !task)
		return SL_INVALID;
	f = future_make(e->impl);
	if (!f)
		return SL_NO_MEMORY;
	f->executor = e;
	f->task = task;
	f->argument = argument;
	r = e->impl->submit(e->executor, f->future, run_task, f);
	if (r) {
		free(f);
		return r;
	}
	future_submitted(f);
	if (out)
		*out = f;
	else
		future_drop(f);
	return SL_OK;
}

int sl_executor_map(sl_executor *e, sl_task *task, void *const *arguments,
		    void **results, size_t n)
{
	if (!e || !task || (n && (!arguments || !results)))
		return SL_INVALID;
	return e->impl->map(e->executor, task, arguments, results, n);
}

int sl_executor_shutdown(sl_executor *e, int wait, int cancel)
{
	if (!e)
		return SL_INVALID;
	if (wait && home == e)
		return SL_DEADLOCK;
	e->impl->shutdown(e->executor, wait != 0, cancel != 0);
	return SL_OK;
}
