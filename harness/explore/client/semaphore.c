/* SPDX-License-Identifier: MIT */
/*
 * Clients of semaphores: primitives/semaphore.h.
 */
#include "kit.h"

#include "../../../primitives/semaphore.h"

LACKS(lacks_try, semaphore, tryacquire)
LACKS(lacks_timed, semaphore, timedacquire)

static const struct semaphore_impl *s;
static void *semaphore;
static unsigned sum; /* plain: of sections behind one permit */

static void begin(const void *impl, unsigned initial, unsigned bound)
{
	s = impl;
	semaphore = object_new(&s->id);
	assert(s->init(semaphore, initial, bound) == SYNC_OK);
}

static void discard(void)
{
	if (s->destroy)
		s->destroy(semaphore);
	free(semaphore);
}

/* `left` permits have to be there. */
static void end(unsigned left)
{
	assert(s->value(semaphore) == left);
	discard();
}

static unsigned section(void)
{
	s->acquire(semaphore);
	sum++;
	assert(s->release(semaphore, 1) == SYNC_OK);
	return 1;
}

static unsigned acquire(void)
{
	s->acquire(semaphore);
	return 1;
}

static unsigned release(void)
{
	assert(s->release(semaphore, 1) == SYNC_OK);
	return 1;
}

static unsigned release_twice(void)
{
	return release() + release();
}

static unsigned release_two(void)
{
	assert(s->release(semaphore, 2) == SYNC_OK);
	return 2;
}

CLIENT(semaphore, exclusion_2, .threads = 2,
       .about = "a section each behind one permit")
{
	begin(impl, 1, 0);
	TOGETHER(section, section);
	assert(sum == 2);
	end(1);
}

CLIENT(semaphore, exclusion_3, .threads = 3,
       .about = "a section each behind one permit")
{
	begin(impl, 1, 0);
	TOGETHER(section, section, section);
	assert(sum == 3);
	end(1);
}

CLIENT(semaphore, wrap, .threads = 2, .lacks = lacks_age,
       .about = "a section each, while the counters wrap round")
{
	begin(impl, 1, 0);
	s->id.age(semaphore, 1);
	TOGETHER(section, section);
	assert(sum == 2);
	end(1);
}

/* The edge alone: from a release to the acquire that it lets through. */
static unsigned sent;

static unsigned send(void)
{
	sent = 7;
	return release();
}

static unsigned receive(void)
{
	s->acquire(semaphore);
	assert(sent == 7);
	return 1;
}

CLIENT(semaphore, message, .threads = 2,
       .about = "what one did before release, another sees after acquire")
{
	begin(impl, 0, 1);
	TOGETHER(send, receive);
	end(0);
}

/* Two permits: of three threads two may be inside, never three. */
static _Atomic int inside;

static unsigned be_inside(void)
{
	s->acquire(semaphore);
	/* relaxed: it must not order what the semaphore orders */
	assert(atomic_fetch_add_explicit(&inside, 1, memory_order_relaxed) < 2);
	atomic_fetch_sub_explicit(&inside, 1, memory_order_relaxed);
	return release();
}

CLIENT(semaphore, two_permits_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "a section each behind two permits")
{
	begin(impl, 2, 2);
	TOGETHER(be_inside, be_inside, be_inside);
	end(2);
}

CLIENT(semaphore, release_n, .threads = 3,
       .about = "a release of two lets two takers through")
{
	begin(impl, 0, 0);
	TOGETHER(acquire, acquire, release_two);
	end(0);
}

CLIENT(semaphore, release_twice, .threads = 3,
       .about = "two releases in a row let two takers through")
{
	begin(impl, 0, 0);
	TOGETHER(acquire, acquire, release_twice);
	end(0);
}

CLIENT(semaphore, two_releasers, .threads = 4, .size = CLIENT_LARGE,
       .about = "two releases at a time let two takers through")
{
	begin(impl, 0, 0);
	TOGETHER(acquire, acquire, release, release);
	end(0);
}

static unsigned take_two(void)
{
	return acquire() + acquire();
}

CLIENT(semaphore, take_two, .threads = 2,
       .about = "one takes two permits that another gives in turn")
{
	begin(impl, 0, 0);
	TOGETHER(take_two, release_twice);
	end(0);
}

/* ---- the bound ---- */

static unsigned release_if_it_fits(void)
{
	int result = s->release(semaphore, 1);

	assert(result == SYNC_OK || result == SYNC_OVERFLOW);
	return result == SYNC_OK;
}

CLIENT(semaphore, bound_holds, .threads = 2,
       .about = "of two releases one fits")
{
	begin(impl, 0, 1);
	assert(TOGETHER(release_if_it_fits, release_if_it_fits) == 1);
	assert(s->release(semaphore, 1) == SYNC_OVERFLOW);
	end(1);
}

CLIENT(semaphore, room_beside_release, .threads = 2,
       .about = "a release fits if an acquire has made room")
{
	begin(impl, 1, 1);
	unsigned n = TOGETHER(acquire, release_if_it_fits);

	end(1 + (n - 1) - 1);
}

/* ---- try and timed forms ---- */

static unsigned tried(int result)
{
	assert(result == SYNC_OK || result == SYNC_BUSY ||
	       result == SYNC_TIMEOUT);
	return result == SYNC_OK;
}

static unsigned try(void)
{
	return tried(s->tryacquire(semaphore));
}

static unsigned take_soon(void)
{
	uint64_t deadline = soon();

	return tried(not_early(s->timedacquire(semaphore, deadline), deadline));
}

static unsigned take_late(void)
{
	return tried(s->timedacquire(semaphore, 0));
}

/* One permit is there or nobody's; what is had is had. */
static void take_rest(unsigned permits)
{
	if (permits)
		assert(s->tryacquire(semaphore) == SYNC_OK);
	assert(s->tryacquire(semaphore) == SYNC_BUSY);
	end(0);
}

CLIENT(semaphore, try_beside_try, .threads = 2, .lacks = lacks_try,
       .about = "two who try, and one permit")
{
	begin(impl, 1, 0);
	assert(TOGETHER(try, try) == 1);
	take_rest(0);
}

/* A taker that came in between must not be forgotten. */
static unsigned pass_on(void)
{
	return try() ? release() : 0;
}

CLIENT(semaphore, permit_passed_on, .threads = 4, .size = CLIENT_LARGE,
       .lacks = lacks_try,
       .about = "one permit given, another passed on, two takers")
{
	begin(impl, 1, 0);
	TOGETHER(release, pass_on, acquire, acquire);
	end(0);
}

static unsigned try_and_give_back(void)
{
	assert(s->tryacquire(semaphore) == SYNC_OK);
	return release();
}

CLIENT(semaphore, tries_take_permits, .threads = 2, .lacks = lacks_try,
       .about = "two who try, and a permit for each")
{
	begin(impl, 2, 0);
	TOGETHER(try_and_give_back, try_and_give_back);
	end(2);
}

CLIENT(semaphore, try_beside_release, .threads = 2, .lacks = lacks_try,
       .about = "one who tries beside a release")
{
	begin(impl, 0, 0);
	take_rest(2 - TOGETHER(try, release));
}

CLIENT(semaphore, timeout_keeps_the_count, .threads = 2, .lacks = lacks_timed,
       .about = "one who may give up beside a release; what is left is had")
{
	begin(impl, 0, 0);
	take_rest(2 - TOGETHER(take_soon, release));
}

CLIENT(semaphore, late_beside_release, .threads = 2, .lacks = lacks_timed,
       .about = "one whose deadline has passed beside a release")
{
	begin(impl, 0, 0);
	take_rest(2 - TOGETHER(take_late, release));
}

static unsigned give_back(void)
{
	return take_soon() ? release() : 0;
}

CLIENT(semaphore, timeout_takes_no_wake, .threads = 3, .size = CLIENT_LARGE,
       .lacks = lacks_timed,
       .about = "a taker and one who may give up beside a release")
{
	begin(impl, 0, 0);
	TOGETHER(acquire, give_back, release);
	end(0);
}

/* ---- whoever took the only permit may free it ---- */

static unsigned acquire_and_discard(void)
{
	s->acquire(semaphore);
	discard();
	return 1;
}

CLIENT(semaphore, freed_after_acquire, .threads = 2,
       .about = "who took the only permit destroys and frees")
{
	begin(impl, 0, 0);
	TOGETHER(acquire_and_discard, release);
}

CLIENT(semaphore, freed_after_acquire_bounded, .threads = 2,
       .about = "who took the only permit destroys and frees")
{
	begin(impl, 0, 1);
	TOGETHER(acquire_and_discard, release);
}
