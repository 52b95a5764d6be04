/* SPDX-License-Identifier: MIT */
/*
 * Clients of recursive mutexes: primitives/recursive_mutex.h. What the mutex
 * guards is plain memory.
 */
#include "kit.h"

#include "../../../primitives/recursive_mutex.h"

LACKS(lacks_try, recursive_mutex, trylock)
LACKS(lacks_timed, recursive_mutex, timedlock)

static const struct recursive_mutex_impl *m;
static void *mutex;
static unsigned sum;

static void begin(const void *impl)
{
	m = impl;
	mutex = object_new(&m->id);
	if (m->init)
		assert(m->init(mutex) == SYNC_OK);
}

static void discard(void)
{
	if (m->destroy)
		m->destroy(mutex);
	free(mutex);
}

static void end(unsigned sections)
{
	assert(sum == sections);
	assert(m->depth(mutex) == 0);
	assert(m->unlock(mutex) == SYNC_NOT_OWNER);
	discard();
}

/* For one who got in, in whatever way. */
static unsigned leave(void)
{
	sum++;
	assert(m->unlock(mutex) == SYNC_OK);
	return 1;
}

static unsigned section(void)
{
	assert(m->lock(mutex) == SYNC_OK);
	return leave();
}

static unsigned two_sections(void)
{
	return section() + section();
}

static unsigned nested(void)
{
	assert(m->lock(mutex) == SYNC_OK);
	section();
	assert(m->depth(mutex) == 1);
	return leave() + 1;
}

CLIENT(recursive_mutex, exclusion_2, .threads = 2, .about = "a section each")
{
	begin(impl);
	end(TOGETHER(section, section));
}

CLIENT(recursive_mutex, exclusion_2x2, .threads = 2,
       .about = "two sections each")
{
	begin(impl);
	end(TOGETHER(two_sections, two_sections));
}

CLIENT(recursive_mutex, exclusion_3, .threads = 3, .about = "a section each")
{
	begin(impl);
	end(TOGETHER(section, section, section));
}

CLIENT(recursive_mutex, nested_2, .threads = 2,
       .about = "lock, lock, unlock, unlock each")
{
	begin(impl);
	end(TOGETHER(nested, nested));
}

/* One who does not hold it is told so, whoever does. */
static unsigned meddle(void)
{
	assert(m->unlock(mutex) == SYNC_NOT_OWNER);
	assert(m->depth(mutex) == 0);
	assert(m->release_all(mutex) == 0);
	return 0;
}

CLIENT(recursive_mutex, refuses_strangers, .threads = 2,
       .about = "a section beside one who meddles")
{
	begin(impl);
	end(TOGETHER(section, meddle));
}

CLIENT(recursive_mutex, refuses_strangers_3, .threads = 3, .size = CLIENT_LARGE,
       .about = "two sections beside one who meddles")
{
	begin(impl);
	end(TOGETHER(section, section, meddle));
}

static unsigned release_and_reacquire(void)
{
	assert(m->lock(mutex) == SYNC_OK);
	assert(m->lock(mutex) == SYNC_OK);
	assert(m->release_all(mutex) == 2);
	m->reacquire(mutex, 2);
	assert(m->depth(mutex) == 2);
	return leave() + leave();
}

CLIENT(recursive_mutex, reacquire_2, .threads = 2,
       .about = "release whole and acquire again beside a section")
{
	begin(impl);
	end(TOGETHER(release_and_reacquire, section));
}

/* ---- try and timed forms ---- */

static unsigned tried(int result)
{
	assert(result == SYNC_OK || result == SYNC_BUSY ||
	       result == SYNC_TIMEOUT);
	return result == SYNC_OK ? leave() : 0;
}

static unsigned try(void)
{
	return tried(m->trylock(mutex));
}

/* Who holds it always gets in. */
static unsigned try_nested(void)
{
	assert(m->lock(mutex) == SYNC_OK);
	assert(m->trylock(mutex) == SYNC_OK);
	return leave() + leave();
}

CLIENT(recursive_mutex, try_2, .threads = 2, .lacks = lacks_try,
       .about = "a section beside a trylock")
{
	begin(impl);
	unsigned n = TOGETHER(section, try);

	assert(try() == 1);
	end(n + 1);
}

CLIENT(recursive_mutex, try_nested_2, .threads = 2, .lacks = lacks_try,
       .about = "lock, trylock, unlock, unlock beside a section")
{
	begin(impl);
	end(TOGETHER(try_nested, section));
}

static unsigned give_up_soon(void)
{
	return tried(m->timedlock(mutex, soon()));
}

CLIENT(recursive_mutex, timed_2, .threads = 2, .lacks = lacks_timed,
       .about = "a section beside a timedlock")
{
	begin(impl);
	unsigned n = TOGETHER(section, give_up_soon);

	assert(tried(m->timedlock(mutex, 0)) == 1);
	end(n + 1);
}

/* It waits for the holder, and behind it somebody who does not give up. */
CLIENT(recursive_mutex, expiry_strands_nobody, .threads = 2,
       .size = CLIENT_LARGE, .lacks = lacks_timed,
       .about = "a section and a timedlock that may give up, behind a holder")
{
	begin(impl);
	assert(m->lock(mutex) == SYNC_OK);
	pthread_t giver = start(give_up_soon), waiter = start(section);
	unsigned n = leave();

	n += join(giver);
	end(n + join(waiter));
}

CLIENT(recursive_mutex, timeout_takes_no_wake, .threads = 3,
       .size = CLIENT_LARGE, .lacks = lacks_timed,
       .about = "two sections beside a timedlock that may give up")
{
	begin(impl);
	end(TOGETHER(section, section, give_up_soon));
}

/* ---- the last one frees ---- */

static unsigned put_reference(void)
{
	assert(m->lock(mutex) == SYNC_OK);
	bool last = ++sum == 2;

	assert(m->unlock(mutex) == SYNC_OK);
	if (last)
		discard();
	return 0;
}

CLIENT(recursive_mutex, last_one_frees, .threads = 2,
       .about = "who is the last to unlock destroys and frees")
{
	begin(impl);
	TOGETHER(put_reference, put_reference);
}
