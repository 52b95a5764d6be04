/* SPDX-License-Identifier: MIT */
/*
 * Cancellation of waits: pthread_cancel finds the thread's wait in a list, and
 * wakes it.
 *
 * Edges  [A] release of asleep_on's clearing (wait.c) pairs with [B]; the
 *            canceller does not let go of a wait that it has found asleep
 * before seq_cst: the sleeper stores asleep_on and then reads cancelled, the
 * canceller stores cancelled and then reads asleep_on. Neither may be taken
 * before the other's store, or both go by and the sleeper sleeps for ever.
 *
 * Source: POSIX.1-2017, 2.9.5.
 */
#include "wait.h"

#include "calls.h"
#include "hash.h"
#include "interrupt.h"
#include "latch.h"

/* The waits that may be cancelled, by thread. */
enum { BUCKET_BITS = 6, BUCKETS = 1 << BUCKET_BITS };

static struct bucket {
	struct latch latch;
	struct wait *first;
	char padding[CACHE_LINE - sizeof(struct wait *) - 8];
} buckets[BUCKETS];

static struct bucket *bucket(pthread_t thread)
{
	return &buckets[hash_of(thread, BUCKET_BITS)];
}

static void link_wait(struct wait *w)
{
	struct bucket *b = bucket(w->thread);

	latch_close(&b->latch);
	w->next = b->first;
	w->link = &b->first;
	if (w->next)
		w->next->link = &w->next;
	b->first = w;
	latch_open(&b->latch);
}

static void unlink_wait(void *wait)
{
	struct wait *w = wait;
	struct bucket *b = bucket(w->thread);

	latch_close(&b->latch);
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
	latch_open(&b->latch);
}

/*
 * A thread that may be cancelled at any instruction is not while it waits, nor
 * with a latch closed. Disabling is too little for that: in glibc 2.36 a
 * request that is under way is acted on by its signal all the same, and a
 * thread that pthread_setcancelstate ends has not PTHREAD_CANCELED as its
 * result. What is pending when the type changes back is acted on then.
 */
static int be_deferred(void)
{
	int type;

	pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type);
	return type;
}

static void be_as_before(int type)
{
	pthread_setcanceltype(type, NULL);
}

/* Linked first: who cancels after we have looked finds us. One that may not be
 * cancelled now goes on, and the request stays pending. */
void wait_begin_cancellable(struct wait *w)
{
	w->thread = pthread_self();
	w->type = be_deferred();
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &w->state);
	if (w->state == PTHREAD_CANCEL_ENABLE) {
		link_wait(w);
		pthread_cleanup_push(unlink_wait, w);
		pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
		pthread_testcancel();
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
		pthread_cleanup_pop(0);
	}
	if (w->spins)
		interrupt_hold(&w->mask);
	wait_begin(w);
}

void wait_end_cancellable(struct wait *w)
{
	wait_end(w);
	if (w->spins)
		interrupt_let_go(&w->mask);
	if (w->state == PTHREAD_CANCEL_ENABLE)
		unlink_wait(w);
	pthread_setcancelstate(w->state, NULL);
	be_as_before(w->type);
}

void wait_abandon(void *wait)
{
	struct wait *w = wait;

	wait_end(w);
	if (w->state == PTHREAD_CANCEL_ENABLE)
		unlink_wait(w);
}

/*
 * Wake it until it sleeps no more: it may be on its way into the kernel, past
 * its look at cancelled. That takes as long as a thread needs to get there, or
 * out. Others who sleep on the word are woken for no reason, as may happen.
 */
static void shake(struct wait *w)
{
	const _Atomic uint32_t *word;

	atomic_store_explicit(&w->cancelled, true, memory_order_seq_cst);
	if (pthread_equal(w->thread, pthread_self()))
		return; /* from a handler: the sleep ends with it */
	/* [B] */
	while ((word = atomic_load_explicit(&w->asleep_on,
					    memory_order_seq_cst))) {
		futex_wake_all(word);
		wait_a_moment(50000);
	}
}

/* May be called by a thread that is cancelled at any instruction
 * (POSIX.1-2017, 2.9.5.4). */
int wait_cancel(pthread_t thread)
{
	struct bucket *b = bucket(thread);
	int type = be_deferred();
	int r = libc.pthread_cancel(thread);

	latch_close(&b->latch);
	for (struct wait *w = r ? NULL : b->first; w; w = w->next)
		if (pthread_equal(w->thread, thread))
			shake(w);
	latch_open(&b->latch);
	be_as_before(type);
	return r;
}

/* The forking thread may be in a wait, if a handler of a signal forks. Lists
 * are whole to who goes forward, whatever the others were at. */
static void keep_own(struct bucket *b)
{
	struct wait **link = &b->first;

	for (struct wait *w = *link; w; w = w->next) {
		if (!pthread_equal(w->thread, pthread_self()))
			continue;
		*link = w;
		w->link = link;
		link = &w->next;
	}
	*link = NULL;
}

void wait_forget_others(void)
{
	for (int i = 0; i < BUCKETS; i++) {
		keep_own(&buckets[i]);
		latch_open(&buckets[i].latch);
	}
}
