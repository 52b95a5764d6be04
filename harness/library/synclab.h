/* SPDX-License-Identifier: MIT */
/*
 * synclab: synchronization primitives whose implementation is chosen by name at
 * run time.
 *
 *	sl_mutex *m;
 *	int r = sl_mutex_create("mcs", &m);
 *
 *	if (r)
 *		fprintf(stderr, "mcs: %s\n", sl_strerror(r));
 *
 * Names      sl_KIND_create takes the name of an implementation ("futex",
 *            "spin", "pthread" exist for every kind); NULL is SL_DEFAULT.
 *            sl_kind and sl_implementation list what there is.
 * Results    0 or one of the SL_ codes, which are errno values. Nothing aborts,
 *            sets errno or prints. A NULL object is SL_INVALID. Where an
 *            answer other than 0 is given, the operation has changed nothing
 *            unless it says so. Functions that cannot fail return their value;
 *            of NULL it is 0.
 * Times      nanoseconds, relative to the call, by CLOCK_MONOTONIC. SL_FOREVER
 *            waits for ever. SL_TRY does not wait and answers SL_BUSY where a
 *            time would answer SL_TIMEOUT. What can be had at once is had.
 * Ownership  Objects are made by create and freed by destroy; the library keeps
 *            no pointer of the caller's beyond the call except where it says
 *            so. Strings that it returns are constant and live for ever unless
 *            they belong to an object. destroy(NULL) does nothing; destroy of
 *            an object that is in use answers SL_BUSY where that is known, and
 *            the object lives on. Otherwise nobody may be inside an operation
 *            of an object that is destroyed, nor come later.
 * Threads    Every function may be called by any thread at any time, but for
 *            destroy. Threads need not be the library's. None is
 *            async-signal-safe, and nobody who is inside may be cancelled. A
 *            wait goes on after a signal handler has run.
 * fork       A child has what its one thread held; objects that other threads
 *            were using stay as they were at that moment.
 *
 * Memory order: what "orders" means below is C11's happens-before: A orders B
 * when all that a thread did before A happens before what follows B.
 */
#ifndef SYNCLAB_H
#define SYNCLAB_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#define SL_VERSION_MAJOR  1
#define SL_VERSION_MINOR  0
#define SL_VERSION_PATCH  0
#define SL_VERSION	  10000 /* 10000 major + 100 minor + patch */
#define SL_VERSION_STRING "1.0.0"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SL_API __attribute__((visibility("default")))
#else
#define SL_API
#endif

/* ---- results, times, names ---- */

enum sl_result {
	SL_OK = 0,
	SL_BUSY = EBUSY,	  /* SL_TRY would have had to wait; in use */
	SL_TIMEOUT = ETIMEDOUT,	  /* the time passed first */
	SL_NOT_OWNER = EPERM,	  /* the caller does not hold it */
	SL_DEADLOCK = EDEADLK,	  /* it would wait for itself, for ever */
	SL_OVERFLOW = EOVERFLOW,  /* a count would leave its range */
	SL_INVALID = EINVAL,	  /* the arguments make no sense */
	SL_CLOSED = EPIPE,	  /* queue closed, executor shut down */
	SL_BROKEN = ECONNABORTED, /* barrier aborted, reset or timed out */
	SL_CANCELED = ECANCELED,  /* the future was cancelled */
	SL_NO_MEMORY = ENOMEM,
	SL_NO_THREAD = EAGAIN,	  /* the system refused another thread */
	SL_UNSUPPORTED = ENOTSUP, /* this implementation cannot: why is what
				     sl_unsupported says */
	SL_UNKNOWN = ENOENT,	  /* no implementation has this name */
};

#define SL_FOREVER UINT64_MAX
#define SL_TRY	   UINT64_C(0)
#define SL_DEFAULT "futex"

/* What a code means, in English; "unknown result" for other numbers. */
SL_API const char *sl_strerror(int result);

/* SL_VERSION and SL_VERSION_STRING of the library that runs. */
SL_API int sl_version(void);
SL_API const char *sl_version_string(void);

/* The i-th kind ("mutex" ...), and the i-th implementation of a kind, NULL
 * behind the last one. */
SL_API const char *sl_kind(size_t i);
SL_API const char *sl_implementation(const char *kind, size_t i);

/* What an implementation says of itself in a line; its family ("futex", "spin",
 * "pthread" or "other"); why some of its operations answer SL_UNSUPPORTED, NULL
 * if none does. NULL for an unknown name, the default's for NULL. */
SL_API const char *sl_brief(const char *kind, const char *implementation);
SL_API const char *sl_family(const char *kind, const char *implementation);
SL_API const char *sl_unsupported(const char *kind, const char *implementation);

/* The calling thread's number: never 0, and never another thread's, not even
 * after this one has ended. It is what the owner functions answer. */
SL_API uint64_t sl_self(void);

typedef struct sl_mutex sl_mutex;
typedef struct sl_recursive_mutex sl_recursive_mutex;
typedef struct sl_rwlock sl_rwlock;
typedef struct sl_cond sl_cond;
typedef struct sl_event sl_event;
typedef struct sl_semaphore sl_semaphore;
typedef struct sl_barrier sl_barrier;
typedef struct sl_once sl_once;
typedef struct sl_queue sl_queue;
typedef struct sl_executor sl_executor;
typedef struct sl_future sl_future;
typedef struct sl_thread sl_thread;
typedef struct sl_local sl_local;
typedef struct sl_counter sl_counter;
typedef struct sl_gil sl_gil;

/*
 * ---- mutex: pthread_mutex_t (normal), threading.Lock ----
 *
 * At most one thread is between lock and unlock. unlock orders every later
 * lock. Who locks it twice waits until another thread unlocks it. SL_BUSY at
 * destroy: it is held, or a condition is over it.
 */
SL_API int sl_mutex_create(const char *implementation, sl_mutex **out);
SL_API int sl_mutex_destroy(sl_mutex *mutex);
/* 0, SL_BUSY, SL_TIMEOUT; SL_UNSUPPORTED for a time (neither SL_TRY nor
 * SL_FOREVER) where waiters cannot leave; SL_NO_MEMORY for a queue lock's node.
 */
SL_API int sl_mutex_lock(sl_mutex *mutex, uint64_t timeout);
/* 0 or SL_NOT_OWNER: the caller has not locked it. */
SL_API int sl_mutex_unlock(sl_mutex *mutex);
/* The same for whoever holds it, as threading.Lock.release does; SL_NOT_OWNER
 * if nobody does. (POSIX leaves that open for its own mutex; glibc does it.) */
SL_API int sl_mutex_unlock_any(sl_mutex *mutex);
/* Lock, section(argument), unlock. Implementations that delegate may run it in
 * another thread that holds the mutex (nobody seems to own it then). The
 * section must not use this mutex. 0, SL_NO_MEMORY, SL_DEADLOCK (the caller
 * holds it). */
SL_API int sl_mutex_call(sl_mutex *mutex, void (*section)(void *argument),
			 void *argument);
/* The sl_self of the holder of a moment ago, 0 if it was free. */
SL_API uint64_t sl_mutex_owner(const sl_mutex *mutex);

/*
 * ---- recursive mutex: PTHREAD_MUTEX_RECURSIVE, threading.RLock ----
 *
 * Its owner may lock it again; it is free after as many unlocks. Orders as a
 * mutex. SL_BUSY at destroy as for a mutex.
 */
SL_API int sl_recursive_mutex_create(const char *implementation,
				     sl_recursive_mutex **out);
SL_API int sl_recursive_mutex_destroy(sl_recursive_mutex *mutex);
/* 0, SL_BUSY, SL_TIMEOUT, SL_OVERFLOW (2^31 - 1 is the deepest). */
SL_API int sl_recursive_mutex_lock(sl_recursive_mutex *mutex, uint64_t timeout);
/* 0 or SL_NOT_OWNER. */
SL_API int sl_recursive_mutex_unlock(sl_recursive_mutex *mutex);
/* Of a moment ago: the sl_self of the owner, and how deep; 0 if it was free. */
SL_API uint64_t sl_recursive_mutex_owner(const sl_recursive_mutex *mutex);
SL_API unsigned sl_recursive_mutex_depth(const sl_recursive_mutex *mutex);
/* Unlock whatever the depth, which goes to *depth (0 or SL_NOT_OWNER); lock a
 * mutex that the caller does not hold to such a depth (0, SL_INVALID). They are
 * RLock's _release_save and _acquire_restore. */
SL_API int sl_recursive_mutex_release_all(sl_recursive_mutex *mutex,
					  unsigned *depth);
SL_API int sl_recursive_mutex_reacquire(sl_recursive_mutex *mutex,
					unsigned depth);

/*
 * ---- readers-writer lock: pthread_rwlock_t ----
 *
 * Many readers or one writer; whom an implementation prefers is in its brief. A
 * writer's unlock orders every later lock, a reader's every later writer.
 * SL_BUSY at destroy: it is held.
 */
SL_API int sl_rwlock_create(const char *implementation, sl_rwlock **out);
SL_API int sl_rwlock_destroy(sl_rwlock *rwlock);
/* 0, SL_BUSY, SL_TIMEOUT, SL_UNSUPPORTED (as for a mutex), SL_NO_MEMORY,
 * SL_DEADLOCK (the caller holds it already, either way). */
SL_API int sl_rwlock_rdlock(sl_rwlock *rwlock, uint64_t timeout);
SL_API int sl_rwlock_wrlock(sl_rwlock *rwlock, uint64_t timeout);
/* By the thread that has locked it, either way: 0 or SL_NOT_OWNER. */
SL_API int sl_rwlock_unlock(sl_rwlock *rwlock);

/*
 * ---- condition: pthread_cond_t with its mutex, threading.Condition ----
 *
 * A condition is over one mutex or recursive mutex, of any implementation,
 * which must live as long. Whoever waits must hold it, and holds it again, to
 * the same depth, on return, whatever the result. Returns without a signal are
 * allowed: wait in a loop. A signal by a thread that locks the mutex after the
 * waiter has released it is not lost, and a waiter that times out never takes
 * one that another waiter needed. SL_BUSY at destroy: somebody waits, or was
 * woken and has not returned.
 */
SL_API int sl_cond_create(const char *implementation, sl_mutex *mutex,
			  sl_cond **out);
SL_API int sl_cond_create_recursive(const char *implementation,
				    sl_recursive_mutex *mutex, sl_cond **out);
SL_API int sl_cond_destroy(sl_cond *cond);
/* 0, SL_TIMEOUT (also with SL_TRY, which releases and locks again),
 * SL_NOT_OWNER. */
SL_API int sl_cond_wait(sl_cond *cond, uint64_t timeout);
/* Wake at least n of those who wait, or all if there are fewer; SL_ALL wakes
 * all. 0, or SL_NOT_OWNER unless the caller holds the mutex. */
#define SL_ALL (~0u)
SL_API int sl_cond_signal(sl_cond *cond, unsigned n);
/* The same by any thread, as pthread_cond_signal: nobody has to hold it. */
SL_API int sl_cond_signal_any(sl_cond *cond, unsigned n);
/* How many wait, or have not returned yet, just now. */
SL_API unsigned sl_cond_waiting(const sl_cond *cond);

/*
 * ---- event: threading.Event ----
 *
 * A flag, clear at first. set orders every wait that it lets through. A thread
 * that was waiting when set ran returns, even if clear follows at once. SL_BUSY
 * at destroy: somebody waits.
 */
SL_API int sl_event_create(const char *implementation, sl_event **out);
SL_API int sl_event_destroy(sl_event *event);
SL_API int sl_event_set(sl_event *event);
SL_API int sl_event_clear(sl_event *event);
SL_API int sl_event_is_set(const sl_event *event); /* 1 or 0 */
/* 0, SL_BUSY, SL_TIMEOUT. */
SL_API int sl_event_wait(sl_event *event, uint64_t timeout);

/*
 * ---- semaphore: sem_t, threading.Semaphore and BoundedSemaphore ----
 *
 * bound 0: the count may rise to SL_SEMAPHORE_MAX. release orders every acquire
 * that follows. SL_BUSY at destroy: somebody waits.
 */
#define SL_SEMAPHORE_MAX 0x7fffffffu
/* SL_INVALID: initial is above the bound or the maximum. */
SL_API int sl_semaphore_create(const char *implementation, unsigned initial,
			       unsigned bound, sl_semaphore **out);
SL_API int sl_semaphore_destroy(sl_semaphore *semaphore);
/* 0, SL_BUSY, SL_TIMEOUT. */
SL_API int sl_semaphore_acquire(sl_semaphore *semaphore, uint64_t timeout);
/* Give n permits, all or none: 0, SL_OVERFLOW, SL_INVALID (n = 0). */
SL_API int sl_semaphore_release(sl_semaphore *semaphore, unsigned n);
/* The permits of a moment ago. */
SL_API unsigned sl_semaphore_value(const sl_semaphore *semaphore);

/*
 * ---- barrier: pthread_barrier_t, threading.Barrier ----
 *
 * Nobody passes before all parties have come; then it serves the next round.
 * What each party does before orders what all do after it. A time that passes,
 * and abort, break it: all who wait, and all who come, get SL_BROKEN until
 * reset; a reset with waiters breaks those. A round that is complete stays so.
 *
 * action (may be NULL) is run once a round, by the party whose index is 0, when
 * all have come and before any is let go. If it answers other than 0 the
 * barrier breaks, and wait returns that answer to the party which ran it. It
 * may call everything but wait and destroy of this barrier. With an action the
 * barrier is built over the mutex and condition of the family.
 * SL_BUSY at destroy: somebody is inside.
 */
typedef int sl_action(void *argument);
/* SL_INVALID: no parties. argument is kept for the action. */
SL_API int sl_barrier_create(const char *implementation, unsigned parties,
			     sl_action *action, void *argument,
			     sl_barrier **out);
SL_API int sl_barrier_destroy(sl_barrier *barrier);
/* 0, SL_BROKEN, SL_TIMEOUT (also with SL_TRY) to the one who has broken it so,
 * or what the action has answered; SL_DEADLOCK from the action. *index (may be
 * NULL) is the caller's place in the round, each of 0 .. parties - 1 once. */
SL_API int sl_barrier_wait(sl_barrier *barrier, uint64_t timeout,
			   unsigned *index);
/* 0, or SL_UNSUPPORTED where a barrier cannot break. */
SL_API int sl_barrier_abort(sl_barrier *barrier);
SL_API int sl_barrier_reset(sl_barrier *barrier);
SL_API unsigned sl_barrier_parties(const sl_barrier *barrier);
SL_API unsigned sl_barrier_waiting(const sl_barrier *barrier);
SL_API int sl_barrier_broken(const sl_barrier *barrier); /* 1 or 0 */

/*
 * ---- once: pthread_once_t, C++'s std::call_once ----
 *
 * Of all calls one runs the function, and none returns before it has run, which
 * orders them. SL_BUSY at destroy: a function is running. The function must
 * return.
 */
SL_API int sl_once_create(const char *implementation, sl_once **out);
SL_API int sl_once_destroy(sl_once *once);
/* 0, or SL_DEADLOCK from the function itself. */
SL_API int sl_once_call(sl_once *once, void (*function)(void *argument),
			void *argument);
/* The same, but the function may fail: an answer other than 0 goes to the
 * caller that has run it, and another caller runs its own. Or SL_UNSUPPORTED.
 */
SL_API int sl_once_attempt(sl_once *once, int (*function)(void *argument),
			   void *argument);
SL_API int sl_once_done(const sl_once *once); /* 1 or 0 */

/*
 * ---- queue: queue.Queue, LifoQueue and PriorityQueue ----
 *
 * Hands pointers from producers to consumers; it never looks at them, and NULL
 * is one like others. put orders the get of its item, task_done orders join.
 *
 * SL_FIFO      by the implementation itself, while the capacity is the one it
 *              was made with; once that is changed, a mutex and a condition of
 *              the family keep putters back.
 * SL_LIFO      the last item first
 * SL_PRIORITY  the smallest item first by compare (as qsort's; it must not use
 *              the queue); of equal items the one that was put first
 *              The last two are built over mutex and conditions of the family.
 * SL_BUSY at destroy: somebody waits. Items that are left are dropped.
 */
enum sl_order { SL_FIFO, SL_LIFO, SL_PRIORITY };
typedef int sl_compare(const void *a, const void *b, void *argument);
#define SL_CAPACITY_MAX ((size_t)1 << 30)
/* capacity 0 is unbounded. compare is for SL_PRIORITY and NULL otherwise; its
 * argument is kept. SL_INVALID: a capacity above the maximum, an unknown order,
 * compare missing or superfluous. */
SL_API int sl_queue_create(const char *implementation, enum sl_order order,
			   size_t capacity, sl_compare *compare, void *argument,
			   sl_queue **out);
SL_API int sl_queue_destroy(sl_queue *queue);
/* 0, SL_BUSY (full), SL_TIMEOUT, SL_CLOSED, SL_NO_MEMORY. */
SL_API int sl_queue_put(sl_queue *queue, void *item, uint64_t timeout);
/* 0, SL_BUSY (empty), SL_TIMEOUT, SL_CLOSED: and no item is left. *item is
 * written with 0 alone. */
SL_API int sl_queue_get(sl_queue *queue, void **item, uint64_t timeout);
/* One item that was put has been dealt with: 0, or SL_INVALID if that has been
 * said of all. */
SL_API int sl_queue_task_done(sl_queue *queue);
/* Until all have been dealt with: 0, SL_BUSY, SL_TIMEOUT. */
SL_API int sl_queue_join(sl_queue *queue, uint64_t timeout);
/* No more puts: blocked or new, they get SL_CLOSED at once; getters drain what
 * is left. Closing again does nothing. */
SL_API int sl_queue_close(sl_queue *queue);
/* Items that are too many stay; putters wait until there is room. 0,
 * SL_INVALID, SL_NO_MEMORY. */
SL_API int sl_queue_set_capacity(sl_queue *queue, size_t capacity);
SL_API size_t sl_queue_capacity(const sl_queue *queue);
SL_API size_t sl_queue_size(const sl_queue *queue); /* of a moment ago */

/*
 * ---- executor and future: concurrent.futures.ThreadPoolExecutor ----
 *
 * Worker threads run tasks in the order of their submission. A task may submit
 * others. submit orders the task, the task orders result and callbacks. destroy
 * shuts down and waits first; futures outlive it.
 */
typedef void *sl_task(void *argument);
/* SL_INVALID: no workers. SL_NO_THREAD, SL_NO_MEMORY: nothing is left behind.
 */
SL_API int sl_executor_create(const char *implementation, unsigned workers,
			      sl_executor **out);
/* SL_DEADLOCK from a task of its own. */
SL_API int sl_executor_destroy(sl_executor *executor);
/* 0, SL_CLOSED, SL_NO_MEMORY. *future is the caller's, to be destroyed; out may
 * be NULL. */
SL_API int sl_executor_submit(sl_executor *executor, sl_task *task,
			      void *argument, sl_future **out);
/* results[i] = task(arguments[i]) for all i < n, which may be the same array;
 * returns when all are done. 0, SL_CLOSED, SL_NO_MEMORY. */
SL_API int sl_executor_map(sl_executor *executor, sl_task *task,
			   void *const *arguments, void **results, size_t n);
/*
 * No more submissions. With cancel, tasks that have not started are cancelled,
 * otherwise they run. With wait, returns when the workers have ended
 * (SL_DEADLOCK if it is submitted as a task of its own; a task of map must not
 * try). May be called again, with other arguments, by any thread.
 */
SL_API int sl_executor_shutdown(sl_executor *executor, int wait, int cancel);

enum sl_future_state {
	SL_FUTURE_PENDING,
	SL_FUTURE_RUNNING,
	SL_FUTURE_DONE,
	SL_FUTURE_CANCELED
};
/* 0, SL_BUSY, SL_TIMEOUT, SL_CANCELED; *value (may be NULL) is what the task
 * has returned. By any number of threads, any number of times; not before the
 * callbacks have run, but for these themselves. */
SL_API int sl_future_result(sl_future *future, uint64_t timeout, void **value);
/* 0 if it will never run (again and again), SL_BUSY if it has started. */
SL_API int sl_future_cancel(sl_future *future);
SL_API enum sl_future_state sl_future_state(const sl_future *future);
/* callback(future, argument) runs once, when the future is done or cancelled,
 * by the thread that makes it so; at once, by the caller, if it is so already.
 * Any number of callbacks, in the order in which they were added. 0,
 * SL_NO_MEMORY. */
typedef void sl_callback(sl_future *future, void *argument);
SL_API int sl_future_on_done(sl_future *future, sl_callback *callback,
			     void *argument);
/* At any time, also by a callback: a task that has not ended goes on. No other
 * thread uses the future any more. Always 0. */
SL_API int sl_future_destroy(sl_future *future);

/*
 * ---- thread: pthread_create, threading.Thread ----
 *
 * Made, then started once. start orders the function, its end orders join and
 * an alive that answers 0. At normal process exit threads that are not daemons
 * are waited for. SL_BUSY at destroy: it has not ended.
 */
SL_API int sl_thread_create(const char *implementation,
			    void (*function)(void *argument), void *argument,
			    sl_thread **out);
SL_API int sl_thread_destroy(sl_thread *thread);
/* Before start; SL_INVALID afterwards. The name is copied, NULL is "". The
 * kernel shows its first 15 bytes. */
SL_API int sl_thread_set_name(sl_thread *thread, const char *name);
SL_API int sl_thread_set_daemon(sl_thread *thread, int daemon);
/* 0, SL_INVALID (started before), SL_NO_THREAD, SL_NO_MEMORY. */
SL_API int sl_thread_start(sl_thread *thread);
/* 0 when it has ended (again and again), SL_BUSY, SL_TIMEOUT, SL_INVALID (not
 * started), SL_DEADLOCK (the caller itself). */
SL_API int sl_thread_join(sl_thread *thread, uint64_t timeout);
SL_API int sl_thread_alive(const sl_thread *thread); /* 1 or 0 */
SL_API int sl_thread_daemon(const sl_thread *thread);
SL_API const char *sl_thread_name(const sl_thread *thread); /* the object's */

/*
 * ---- local: pthread_key_t, threading.local ----
 *
 * One value per thread, NULL at first. The destructor (may be NULL) runs at the
 * end of a thread, in it, with its value if that is not NULL; destroy runs
 * none.
 */
/* SL_OVERFLOW: there are too many locals (128 are guaranteed). */
SL_API int sl_local_create(const char *implementation,
			   void (*destructor)(void *value), sl_local **out);
SL_API int sl_local_destroy(sl_local *local);
SL_API void *sl_local_get(const sl_local *local);
SL_API int sl_local_set(sl_local *local, void *value); /* 0, SL_NO_MEMORY */

/*
 * ---- counter ----
 *
 * 64 bits that wrap round. read is the sum of all adds that happened before it
 * and of some of those that run at the same time, and those order it.
 */
SL_API int sl_counter_create(const char *implementation, sl_counter **out);
SL_API int sl_counter_destroy(sl_counter *counter);
SL_API int sl_counter_add(sl_counter *counter, uint64_t n);
SL_API uint64_t sl_counter_read(const sl_counter *counter);

/*
 * ---- gil: the interpreter lock of CPython since 3.2 ----
 *
 * A waiter that has waited the switch interval without a switch asks the holder
 * to drop it; the holder does so at its next yield, and waits until another
 * thread has taken it. Orders as a mutex. SL_BUSY at destroy: it is held or
 * waited for.
 */
/* interval 0: 5 ms. */
SL_API int sl_gil_create(const char *implementation, uint64_t interval,
			 sl_gil **out);
SL_API int sl_gil_destroy(sl_gil *gil);
SL_API int sl_gil_acquire(sl_gil *gil); /* 0, SL_DEADLOCK: held already */
SL_API int sl_gil_release(sl_gil *gil); /* 0, SL_NOT_OWNER */
/* *switched (may be NULL) is 1 if it was dropped and taken again. 0,
 * SL_NOT_OWNER. */
SL_API int sl_gil_yield(sl_gil *gil, int *switched);
/* For waits that start afterwards; SL_INVALID: 0. */
SL_API int sl_gil_set_interval(sl_gil *gil, uint64_t interval);
SL_API uint64_t sl_gil_interval(const sl_gil *gil);
SL_API uint64_t sl_gil_owner(const sl_gil *gil); /* sl_self, or 0 */
/* How often it has gone from one thread to another. */
SL_API uint64_t sl_gil_switches(const sl_gil *gil);

#ifdef __cplusplus
}
#endif

#endif
