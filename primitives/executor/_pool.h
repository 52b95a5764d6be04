/* SPDX-License-Identifier: MIT */
/*
 * The thread pool that the three families share. A family file defines, before
 * it includes this one, how one waits:
 *
 * struct lock  LOCK_INIT, lock_init, lock_destroy, lock_acquire, lock_release:
 *              short sections around the queue and the list of callbacks
 * struct bed   bed_init, bed_destroy, bed_sleep, bed_grant, bed_wake: where
 *              idle workers rest, a semaphore. bed_grant(b, n) gives n permits
 *              under the lock and says how many sleepers bed_wake has to wake
 *              once it has been released, by address alone
 * spin_turn    one turn of waiting for a future, or false: go to sleep
 * word_wait    sleep while *word == value; 0 (perhaps for no reason) or
 *              SYNC_TIMEOUT
 * word_wake    wake all that sleep on the word, by address alone
 *
 * Queue   One FIFO of jobs, linked through the callers' memory. A job is a
 *         future or the batch of a map, which lies on the stack of the caller
 *         of map and stays first until its last item has been claimed.
 * State   of a job, bits: the phase (enum future_state), which only the holder
 *         of the lock takes out of PENDING, and
 *         WAITED   somebody may sleep on it. May be stale: a needless wake.
 *         CLAIMED  some call of on_done has won
 *         READY    and its callback can be read; with a final phase: it is run
 *                  by whoever made the phase final, see struct ending
 * Idle    sleepers == 0 || queued <= looking, whenever the lock is free: there
 *         is a worker on its way for each queued job, or none is asleep.
 *
 * Edges   [A] acquire of the state in await, state, on_done pairs with [B]
 *         [B] release of the compare-exchange in settle pairs with [A]: the
 *             task happens before result and callback
 *         [C] release of READY in on_done pairs with [D]
 *         [D] acquire of the state in settle pairs with [C]: the callback
 *         [E] release of ended in end_workers pairs with [F]
 *         [F] acquire of ended in end_workers pairs with [E]: the tasks of the
 *             joined workers happen before every waiting shutdown's return
 *         All else is ordered by the locks.
 *
 * A future is not touched after settle, whose compare-exchange lets result
 * return, nor once its callback has been called: the callback may free it.
 */
#ifndef EXECUTOR_POOL_H
#define EXECUTOR_POOL_H

#include <pthread.h>
#include <stdlib.h>

#include "../executor.h"

enum {
	PHASE = 3,
	FINAL = 2, /* the bit that DONE and CANCELED have in common */
	WAITED = 4,
	CLAIMED = 8,
	READY = 16,
};

struct job {
	union {
		struct {
			struct job *next, *prev; /* while it is queued */
		};
		uint64_t ticket; /* of its callback, once final and READY */
	};
	_Atomic uint32_t state;
	bool is_batch;
};

struct future {
	struct job job;
	struct pool *pool;
	task_function *function;
	void *value; /* the argument until the function has returned */
	void (*callback)(void *argument);
	void *callback_argument;
};

struct batch {
	struct job job;
	task_function *function;
	void *const *in;
	void **out;
	size_t n;
	/* the rest belongs to the lock, but for next */
	unsigned demand; /* its share of queued */
	unsigned inside; /* workers that run its items */
	bool queued, canceled;
	char pad[CACHE_LINE];
	_Atomic size_t next; /* the first item that nobody has claimed */
};

struct pool {
	struct lock lock;
	struct job *first, *last;
	unsigned queued;   /* workers that the queue could employ */
	unsigned sleepers; /* workers without a permit to leave the bed */
	unsigned looking;  /* workers with one that have not come yet */
	bool closed, canceling, joining;
	unsigned workers;
	pthread_t *threads;
	_Atomic uint32_t ended; /* the workers have been joined */
	char pad[CACHE_LINE];	/* idle workers look at what follows */
	struct bed bed;
};

/*
 * What remains to be done for a job that has become final; it may be gone. For
 * one with a callback this is also the mark that the callback is under way: in
 * the list of its bucket until the callback has returned, and as long result
 * does not. The mark is not in the future, which the callback may free, nor in
 * the pool, which the future may outlive.
 */
struct ending {
	const _Atomic uint32_t *wake; /* NULL: nobody waits */
	void (*callback)(void *argument);
	void *argument;
	struct callbacks *bucket;
	struct ending *next;
	uint64_t ticket; /* the future's memory may be in use for another */
	pthread_t thread;
	bool awaited; /* somebody sleeps on bucket->returned */
};

enum { BUCKETS = 16 };

static struct callbacks {
	struct ending *running;
	uint64_t tickets;
	struct lock lock;
	_Atomic uint32_t returned; /* changes whenever an awaited one ends */
	char pad[CACHE_LINE];
} callbacks[BUCKETS] = { [0 ... BUCKETS - 1] = { .lock = { LOCK_INIT } } };

static ALWAYS_INLINE uint32_t phase_of(uint32_t state)
{
	return state & PHASE;
}

static ALWAYS_INLINE uint32_t job_state(struct job *j)
{
	/* [A] */
	return atomic_load_explicit(&j->state, memory_order_acquire);
}

/* ---- the queue; all of it under the lock ---- */

static ALWAYS_INLINE void append(struct pool *p, struct job *j)
{
	j->next = NULL;
	j->prev = p->last;
	if (p->last)
		p->last->next = j;
	else
		p->first = j;
	p->last = j;
}

static ALWAYS_INLINE void detach(struct pool *p, struct job *j)
{
	if (j->prev)
		j->prev->next = j->next;
	else
		p->first = j->next;
	if (j->next)
		j->next->prev = j->prev;
	else
		p->last = j->prev;
}

/* Release the lock; every section that may have upset "Idle" ends like this. */
static ALWAYS_INLINE void release_and_rouse(struct pool *p)
{
	unsigned wake = 0;

	if (unlikely(p->sleepers && p->queued > p->looking)) {
		unsigned n = p->queued - p->looking;

		if (n > p->sleepers)
			n = p->sleepers;
		p->sleepers -= n;
		p->looking += n;
		wake = bed_grant(&p->bed, n);
	}
	lock_release(&p->lock);
	if (unlikely(wake))
		bed_wake(&p->bed, wake);
}

/* ---- the end of a job ---- */

static struct callbacks *bucket_of(const struct future *f)
{
	uintptr_t address = (uintptr_t)f;

	return &callbacks[(address >> 6 ^ address >> 12) % BUCKETS];
}

static COLD void begin_callback(struct future *f, struct ending *e)
{
	struct callbacks *b = bucket_of(f);

	e->callback = f->callback;
	e->argument = f->callback_argument;
	e->bucket = b;
	e->thread = pthread_self();
	lock_acquire(&b->lock);
	f->job.ticket = e->ticket = ++b->tickets;
	e->next = b->running;
	b->running = e;
	lock_release(&b->lock);
}

static COLD void end_callback(struct ending *e)
{
	struct callbacks *b = e->bucket;
	struct ending **link = &b->running;

	lock_acquire(&b->lock);
	while (*link != e)
		link = &(*link)->next;
	*link = e->next;
	/* relaxed: the lock orders it, a sleeper looks again under the lock */
	if (e->awaited)
		atomic_fetch_add_explicit(&b->returned, 1,
					  memory_order_relaxed);
	lock_release(&b->lock);
	if (e->awaited)
		word_wake(&b->returned);
}

/* Make a job final that is in no queue. It may be gone when this returns. */
static ALWAYS_INLINE void settle(struct job *j, uint32_t phase,
				 struct ending *e)
{
	/* [D], also on failure below */
	uint32_t s = atomic_load_explicit(&j->state, memory_order_acquire);

	*e = (struct ending){ 0 };
	do {
		if (unlikely(s & READY) && !e->callback)
			begin_callback((struct future *)j, e);
		/* [B] */
	} while (!atomic_compare_exchange_weak_explicit(
		&j->state, &s, (s & (CLAIMED | READY)) | phase,
		memory_order_release, memory_order_acquire));
	if (unlikely(s & WAITED))
		e->wake = &j->state;
}

/* The second half, without a lock. */
static ALWAYS_INLINE void finish(struct ending *e)
{
	if (unlikely(e->callback != NULL)) {
		e->callback(e->argument);
		end_callback(e);
	}
	/* last, since those who wait have to wait for the callback too */
	if (unlikely(e->wake != NULL))
		word_wake(e->wake);
}

/* ---- workers ---- */

/* Under the lock: the first job, which this worker is to run. */
static ALWAYS_INLINE struct job *take_first(struct pool *p)
{
	struct job *j = p->first;

	if (!j || unlikely(p->canceling))
		return NULL;
	if (j->is_batch) {
		struct batch *b = (struct batch *)j;

		b->inside++;
		if (b->demand) {
			b->demand--;
			p->queued--;
		}
		return j;
	}
	detach(p, j);
	p->queued--;
	/* add, since WAITED and CLAIMED may come at any time; relaxed: the lock
	 * orders it */
	atomic_fetch_add_explicit(&j->state, RUNNING - PENDING,
				  memory_order_relaxed);
	return j;
}

/* NULL: the worker is to end. */
static struct job *next_job(struct pool *p)
{
	struct job *j;

	lock_acquire(&p->lock);
	while (!(j = take_first(p)) && !p->closed) {
		p->sleepers++;
		lock_release(&p->lock);
		bed_sleep(&p->bed);
		lock_acquire(&p->lock);
		p->looking--;
	}
	release_and_rouse(p);
	return j;
}

static ALWAYS_INLINE void run_future(struct future *f)
{
	struct ending e;

	f->value = f->function(f->value);
	settle(&f->job, DONE, &e);
	finish(&e);
}

/* Under the lock: no more workers join. */
static void detach_batch(struct pool *p, struct batch *b)
{
	detach(p, &b->job);
	b->queued = false;
	p->queued -= b->demand;
}

/* Item by item, so that each starts as soon as some worker is free. */
static void run_batch(struct pool *p, struct batch *b)
{
	struct ending e = { 0 };
	size_t i;

	/* relaxed: it only shares out numbers; in[] came with the lock */
	for (;;) {
		i = atomic_fetch_add_explicit(&b->next, 1,
					      memory_order_relaxed);
		if (i >= b->n)
			break;
		b->out[i] = b->function(b->in[i]);
	}

	lock_acquire(&p->lock);
	if (b->queued)
		detach_batch(p, b);
	if (--b->inside == 0)
		settle(&b->job, b->canceled ? CANCELED : DONE, &e);
	release_and_rouse(p);
	finish(&e);
}

static void *work(void *pool)
{
	struct job *j;

	while ((j = next_job(pool)))
		if (j->is_batch)
			run_batch(pool, (struct batch *)j);
		else
			run_future((struct future *)j);
	return NULL;
}

/* ---- submission ---- */

static inline int submit(void *executor, void *future, task_function *function,
			 void *argument)
{
	struct pool *p = executor;
	struct future *f = future;

	f->job.is_batch = false;
	f->pool = p;
	f->function = function;
	f->value = argument;
	/* relaxed: nobody else knows it before it is queued */
	atomic_store_explicit(&f->job.state, PENDING, memory_order_relaxed);

	lock_acquire(&p->lock);
	if (unlikely(p->closed)) {
		lock_release(&p->lock);
		return SYNC_CLOSED;
	}
	append(p, &f->job);
	p->queued++;
	release_and_rouse(p);
	return SYNC_OK;
}

/* ---- futures ---- */

/* The state, final unless the deadline has passed. */
static COLD uint32_t await(struct job *j, uint64_t deadline)
{
	uint32_t s = job_state(j);
	unsigned turns = 0;

	while (!(s & FINAL) && deadline && spin_turn(&turns))
		s = job_state(j);
	while (!(s & FINAL)) {
		int r;

		/* [A] on failure; success only leaves a mark, but C11 wants
		 * it to be as strong */
		if (!(s & WAITED) &&
		    !atomic_compare_exchange_weak_explicit(
			    &j->state, &s, s | WAITED, memory_order_acquire,
			    memory_order_acquire))
			continue;
		r = word_wait(&j->state, s | WAITED, deadline);
		s = job_state(j);
		if (r == SYNC_TIMEOUT)
			break;
	}
	return s;
}

/* Is the callback still under way? Then the word to sleep on is in *seen. */
static bool callback_runs(struct callbacks *b, uint64_t ticket, uint32_t *seen)
{
	struct ending *e;
	bool runs;

	lock_acquire(&b->lock);
	for (e = b->running; e && e->ticket != ticket; e = e->next)
		;
	/* result in the callback itself must not wait for its end */
	runs = e && !pthread_equal(e->thread, pthread_self());
	if (runs)
		e->awaited = true;
	*seen = atomic_load_explicit(&b->returned, memory_order_relaxed);
	lock_release(&b->lock);
	return runs;
}

static COLD int await_callback(struct future *f, uint64_t deadline)
{
	struct callbacks *b = bucket_of(f);
	int r = SYNC_OK;
	uint32_t seen;

	while (callback_runs(b, f->job.ticket, &seen)) {
		if (r == SYNC_TIMEOUT)
			return r;
		r = word_wait(&b->returned, seen, deadline);
	}
	return SYNC_OK;
}

static inline int result(void *future, uint64_t deadline, void **value)
{
	struct future *f = future;
	uint32_t s = job_state(&f->job);

	if (unlikely(!(s & FINAL)))
		s = await(&f->job, deadline);
	if (unlikely(!(s & FINAL)))
		return SYNC_TIMEOUT;
	if (unlikely(s & READY) && await_callback(f, deadline))
		return SYNC_TIMEOUT;
	if (phase_of(s) == CANCELED)
		return SYNC_CANCELED;
	if (value)
		*value = f->value;
	return SYNC_OK;
}

static int cancel(void *future)
{
	struct future *f = future;
	uint32_t phase = phase_of(job_state(&f->job));
	struct ending e;

	/* a future that is final may have outlived its pool */
	if (phase == PENDING) {
		struct pool *p = f->pool;

		lock_acquire(&p->lock);
		phase = phase_of(job_state(&f->job));
		if (phase == PENDING) {
			detach(p, &f->job);
			p->queued--;
			settle(&f->job, CANCELED, &e);
			release_and_rouse(p);
			finish(&e);
			return SYNC_OK;
		}
		lock_release(&p->lock);
	}
	return phase == CANCELED ? SYNC_OK : SYNC_BUSY;
}

static enum future_state state(void *future)
{
	struct future *f = future;

	return (enum future_state)phase_of(job_state(&f->job));
}

static int on_done(void *future, void (*callback)(void *argument),
		   void *argument)
{
	struct future *f = future;
	/* [A] */
	uint32_t s = atomic_fetch_or_explicit(&f->job.state, CLAIMED,
					      memory_order_acquire);

	if (s & CLAIMED)
		return SYNC_INVALID;
	s |= CLAIMED;
	f->callback = callback;
	f->callback_argument = argument;
	while (!(s & FINAL))
		/* [C]; [A] on failure */
		if (atomic_compare_exchange_weak_explicit(
			    &f->job.state, &s, s | READY, memory_order_release,
			    memory_order_acquire))
			return SYNC_OK;
	callback(argument);
	return SYNC_OK;
}

static int map(void *executor, task_function *function, void *const *in,
	       void **out, size_t n)
{
	struct pool *p = executor;
	struct batch b = {
		.job.is_batch = true,
		.function = function,
		.in = in,
		.out = out,
		.n = n,
		.demand = n < p->workers ? (unsigned)n : p->workers,
		.queued = true,
	};

	lock_acquire(&p->lock);
	if (p->closed || n == 0) {
		int r = p->closed ? SYNC_CLOSED : SYNC_OK;

		lock_release(&p->lock);
		return r;
	}
	append(p, &b.job);
	p->queued += b.demand;
	release_and_rouse(p);
	return phase_of(await(&b.job, DEADLINE_NEVER)) == DONE ? SYNC_OK
							       : SYNC_CLOSED;
}

/* ---- the end ---- */

/* Under the lock: cancel the first job. */
static void cancel_first(struct pool *p, struct ending *e)
{
	struct job *j = p->first;
	struct batch *b = (struct batch *)j;

	if (!j->is_batch) {
		detach(p, j);
		p->queued--;
		settle(j, CANCELED, e);
		return;
	}
	*e = (struct ending){ 0 };
	detach_batch(p, b);
	/* relaxed as in run_batch; the items that nobody has claimed yet */
	if (atomic_exchange_explicit(&b->next, b->n, memory_order_relaxed) <
	    b->n)
		b->canceled = true;
	if (b->inside == 0)
		settle(j, b->canceled ? CANCELED : DONE, e);
}

/* Wait until the workers have ended; the first caller joins them. */
static void end_workers(struct pool *p, bool join)
{
	if (join) {
		for (unsigned i = 0; i < p->workers; i++)
			pthread_join(p->threads[i], NULL);
		/* [E] */
		atomic_store_explicit(&p->ended, 1, memory_order_release);
		word_wake(&p->ended); /* by address: it may be gone */
		return;
	}
	/* [F] */
	while (!atomic_load_explicit(&p->ended, memory_order_acquire))
		word_wait(&p->ended, 0, DEADLINE_NEVER);
}

static void shutdown(void *executor, bool wait, bool cancel_pending)
{
	struct pool *p = executor;
	struct ending e;
	bool join;

	lock_acquire(&p->lock);
	if (!p->closed)
		p->queued += p->workers; /* all are needed: to end */
	p->closed = true;
	p->canceling = p->canceling || cancel_pending;
	while (p->canceling && p->first) {
		cancel_first(p, &e);
		/* a callback may want the lock */
		release_and_rouse(p);
		finish(&e);
		lock_acquire(&p->lock);
	}
	join = wait && !p->joining;
	p->joining = p->joining || wait;
	release_and_rouse(p);
	if (wait)
		end_workers(p, join);
}

static void destroy(void *executor)
{
	struct pool *p = executor;

	shutdown(p, true, false);
	free(p->threads);
	bed_destroy(&p->bed);
	lock_destroy(&p->lock);
}

static int init(void *executor, unsigned workers)
{
	struct pool *p = executor;

	if (workers == 0)
		return SYNC_INVALID;
	*p = (struct pool){ .threads = calloc(workers, sizeof(pthread_t)) };
	if (!p->threads)
		return SYNC_NO_MEMORY;
	lock_init(&p->lock);
	bed_init(&p->bed);
	while (p->workers < workers) {
		if (pthread_create(&p->threads[p->workers], NULL, work, p)) {
			destroy(p);
			return SYNC_NO_THREAD;
		}
		p->workers++;
	}
	return SYNC_OK;
}

#endif
