/* SPDX-License-Identifier: MIT */
/*
 * pthread_once, by the chosen implementation, in its four bytes.
 *
 * A routine that does not return, since its thread is cancelled or a C++
 * exception passes, leaves the once as if never called (POSIX.1-2017,
 * pthread_once; std::call_once relies on it). The same holds in the child of a
 * fork for a routine that another thread was running: those that run are in a
 * list.
 */
#include "kinds.h"

#include "chosen.h"
#include "counts.h"
#include "latch.h"
#include "own.h"
#include "say.h"

struct running {
	pthread_once_t *once;
	void (*routine)(void);
	uint32_t by;
	struct running *next, **link;
};

static struct latch latch;
static struct running *all;

static void enlist(struct running *r)
{
	latch_close(&latch);
	r->by = self_id();
	r->next = all;
	r->link = &all;
	if (all)
		all->link = &r->next;
	all = r;
	latch_open(&latch);
}

static void leave(struct running *r)
{
	latch_close(&latch);
	*r->link = r->next;
	if (r->next)
		r->next->link = r->link;
	latch_open(&latch);
}

static void abandon(void *running)
{
	struct running *r = running;

	leave(r);
	chosen.once->abandon(r->once);
}

static int run(void *running)
{
	struct running *r = running;

	enlist(r);
	pthread_cleanup_push(abandon, r);
	r->routine();
	pthread_cleanup_pop(0);
	leave(r);
	count(COUNT_onces);
	return 0;
}

static int once(pthread_once_t *o, void (*routine)(void))
{
	struct running r = { .once = o, .routine = routine };

	if (likely(chosen.once->done(o)))
		return 0;
	return chosen.once->attempt(o, run, &r);
}

void once_forget_others(void)
{
	struct running **link = &all;

	latch_open(&latch);
	while (*link) {
		struct running *r = *link;

		if (r->by == self_id()) {
			r->link = link;
			link = &r->next;
			continue;
		}
		*link = r->next;
		*r->once = PTHREAD_ONCE_INIT;
	}
}

void once_answer(struct calls *table)
{
	const struct once_impl *i = chosen.once;

	if (!i)
		return;
	if (i->id.size > sizeof(pthread_once_t) || !i->abandon ||
	    (i->id.flags & IMPL_NEEDS_INIT))
		die("once/%s cannot answer pthread_once: it is larger than "
		    "four bytes, or has no abandon",
		    i->id.name);
	table->pthread_once = once;
}
