/* SPDX-License-Identifier: MIT */
/*
 * Executor: worker threads that run submitted tasks, and futures for their
 * results. Python's ThreadPoolExecutor.
 *
 * A future is `future_size` bytes of the caller's, aligned to 16, uninitialised
 * before submit. It belongs to the executor from submit until it is done or
 * cancelled; after result or cancel has returned a final answer, or the done
 * callback has been called, the executor does not touch it and the caller, also
 * the callback, may free it or submit it anew. A future may outlive its
 * executor. Tasks start in the order of their submission. A task may submit
 * further tasks, and these come last, too; it may wait for their futures only
 * if there are workers left to run them. The queue of tasks is not bounded and
 * needs no memory beyond the futures.
 *
 * Memory order: what happens before submit happens before the task; what the
 * task does happens before the return of result and the done callback.
 */
#ifndef EXECUTOR_H
#define EXECUTOR_H

#include "register.h"

typedef void *task_function(void *argument);

enum future_state { PENDING, RUNNING, DONE, CANCELED };

struct executor_impl {
	struct implementation id;
	size_t future_size;
	/* Starts the workers: 0, SYNC_INVALID (none), SYNC_NO_MEMORY,
	 * SYNC_NO_THREAD (nothing is left behind). */
	int (*init)(void *executor, unsigned workers);
	/*
	 * Shuts down, waiting, if that has not been done; then frees. Whoever
	 * knows that the last submission has been accepted, say from its task,
	 * may destroy: submit does not touch the executor any more.
	 */
	void (*destroy)(void *executor);
	/* 0, or SYNC_CLOSED after shutdown. Never blocks for long. */
	int (*submit)(void *executor, void *future, task_function *function,
		      void *argument);
	/* out[i] = function(in[i]) for all i < n, in the order of the input;
	 * returns when all are done. in and out may be the same array. 0,
	 * SYNC_CLOSED, SYNC_NO_MEMORY; on failure out[] is unspecified, but
	 * then nothing of the map runs any more either. */
	int (*map)(void *executor, task_function *function, void *const *in,
		   void **out, size_t n);
	/*
	 * No more submissions. With cancel_pending, tasks that have not started
	 * are cancelled; otherwise they all run. With wait, returns when no
	 * task runs and the workers have ended. May be called again, and by
	 * several threads; not with wait by a task.
	 */
	void (*shutdown)(void *executor, bool wait, bool cancel_pending);
	/* 0, SYNC_TIMEOUT or SYNC_CANCELED; *value (may be NULL) with 0. Any
	 * number of threads, any number of times while the future lives. */
	int (*result)(void *future, uint64_t deadline, void **value);
	/* 0 if it will never run (also if it was cancelled before), SYNC_BUSY
	 * if it has started or is done. */
	int (*cancel)(void *future);
	enum future_state (*state)(void *future);
	/* Optional. Run callback(argument) once, when the future is done or
	 * cancelled, by the thread that makes it so, before result returns to
	 * anybody; at once, by the caller, if it is so already. In the callback
	 * itself result answers at once. One callback a future: 0, or
	 * SYNC_INVALID for a second one. */
	int (*on_done)(void *future, void (*callback)(void *argument),
		       void *argument);
};

#define REGISTER_EXECUTOR(...)                                                 \
	static const struct executor_impl implementation = { __VA_ARGS__ };    \
	REGISTRATION("executor", NULL)

#endif
