/* SPDX-License-Identifier: MIT */
/*
 * A cancel that looks whether there is a callback in one section and makes the
 * future final in another: a callback that comes in between is told to wait,
 * and nobody calls it.
 *
 * Bug:       held-future-callback-lost
 * Source:    googleapis/python-ndb issue 302 (2020), "deadlock": a callback is
 *            added when _finish has already looked for some (there as the call
 *            ends, here as it is cancelled)
 * Scenario:  a pending task; on_done beside cancel
 * Violation: the callback never runs
 * Caught by: perturb
 * Explored by: callback_beside_cancel (assertion)
 *
 * That a callback is under way is written neither into the future, which the
 * callback may free, nor into the pool, which the future may outlive, but into
 * a list.
 */
#define OWN_RUN
#define OWN_RESULT
#define OWN_CANCEL
#define OWN_ABANDON
#define ON_DONE on_done
#include "_pool.h"

/* A callback under way, on the stack of whoever calls it. */
struct call {
	struct call *next;
	uint64_t serial; /* the future may be in use for another task */
	pthread_t thread;
};

/* Both under the mutex. */
static struct call *calls;
static uint64_t serials;

/* With the mutex: another thread is in the callback of this future. */
static bool called_elsewhere(const struct future *f)
{
	struct call *c;

	for (c = calls; c; c = c->next)
		if (c->serial == f->serial)
			return !pthread_equal(c->thread, pthread_self());
	return false;
}

static bool answered(const struct future *f)
{
	return f->state >= DONE && !called_elsewhere(f);
}

/* With the mutex, which it gives up: make f final, then run its callback. */
static void conclude(struct future *f, enum future_state state)
{
	void (*callback)(void *argument) = f->callback;
	void *argument = f->callback_argument;
	struct call mine = { .thread = pthread_self() }, **link = &calls;

	settle(f, state);
	if (callback) {
		mine.serial = f->serial = ++serials;
		mine.next = calls;
		calls = &mine;
		release();
		callback(argument);
		acquire();
		while (*link != &mine)
			link = &(*link)->next;
		*link = mine.next;
		pthread_cond_broadcast(&changed);
	}
	release();
}

static void run(struct future *f)
{
	f->value = f->function(f->value);
	acquire();
	conclude(f, DONE);
}

static void abandon(struct future *f)
{
	conclude(f, CANCELED);
	acquire();
}

static int result(void *future, uint64_t deadline, void **value)
{
	struct future *f = future;
	bool late = deadline == 0;
	int r = SYNC_OK;

	acquire();
	while (!answered(f) && !late)
		late = posix_cond_timedwait(&changed, &mutex, deadline);
	if (!answered(f))
		r = SYNC_TIMEOUT;
	else if (f->state == CANCELED)
		r = SYNC_CANCELED;
	else if (value)
		*value = f->value;
	release();
	return r;
}

static int cancel(void *future)
{
	struct future *f = future;
	bool has_callback = true;
	int r;

#if BROKEN
	acquire();
	has_callback = f->callback;
	release();
#endif
	acquire();
	if (f->state == PENDING) {
		detach(f);
		if (has_callback) {
			conclude(f, CANCELED);
			return SYNC_OK;
		}
		settle(f, CANCELED);
	}
	r = f->state == CANCELED ? SYNC_OK : SYNC_BUSY;
	release();
	return r;
}

static int on_done(void *future, void (*callback)(void *argument),
		   void *argument)
{
	struct future *f = future;
	int r = SYNC_INVALID;
	bool final = false;

	acquire();
	if (!f->callback) {
		f->callback = callback;
		f->callback_argument = argument;
		final = f->state >= DONE;
		r = SYNC_OK;
	}
	release();
	if (final)
		callback(argument);
	return r;
}

#include "_plain.h"

REGISTER_POOL("cancel looks for the callback too early",
	      "googleapis/python-ndb issue 302");
