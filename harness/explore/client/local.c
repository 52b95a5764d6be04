/* SPDX-License-Identifier: MIT */
/*
 * Clients of locals: primitives/local.h.
 */
#include "kit.h"

#include "../../../primitives/local.h"

static const struct local_impl *l;
static void *local;
static unsigned values[2];
static _Atomic unsigned destroyed; /* relaxed: it orders nothing */

static void count_destroyed(void *value)
{
	++*(unsigned *)value;
	atomic_fetch_add_explicit(&destroyed, 1, memory_order_relaxed);
}

static void begin(const void *impl, void (*destructor)(void *))
{
	l = impl;
	local = object_new(&l->id);
	assert(l->init(local, destructor) == SYNC_OK);
}

static void end(unsigned destructors)
{
	assert(atomic_load_explicit(&destroyed, memory_order_relaxed) ==
	       destructors);
	l->destroy(local);
	free(local);
}

static unsigned keep(unsigned *value)
{
	assert(l->get(local) == NULL);
	assert(l->set(local, value) == SYNC_OK);
	assert(l->get(local) == value);
	return 0;
}

static unsigned keep_one(void)
{
	return keep(&values[0]);
}

static unsigned keep_another(void)
{
	return keep(&values[1]);
}

CLIENT(local, own_values, .threads = 2, .about = "each has a value of its own")
{
	begin(impl, NULL);
	TOGETHER(keep_one, keep_another);
	assert(l->get(local) == NULL);
	end(0);
}

CLIENT(local, destructor, .threads = 2,
       .about = "the destructor runs at the end of each thread with a value")
{
	begin(impl, count_destroyed);
	TOGETHER(keep_one, keep_another);
	assert(values[0] == 1 && values[1] == 1);
	end(2);
}

/* A local of its own, beside another thread's. */
static unsigned make_and_destroy(void)
{
	void *own = object_new(&l->id);

	assert(l->init(own, NULL) == SYNC_OK);
	assert(l->get(own) == NULL);
	assert(l->set(own, own) == SYNC_OK);
	assert(l->get(own) == own);
	l->destroy(own);
	free(own);
	return 0;
}

CLIENT(local, made_beside_use, .threads = 2,
       .about = "one makes and destroys a local, another uses one")
{
	begin(impl, NULL);
	TOGETHER(make_and_destroy, keep_one);
	end(0);
}

CLIENT(local, made_by_two, .threads = 2, .size = CLIENT_LARGE,
       .about = "two make and destroy locals")
{
	begin(impl, NULL);
	TOGETHER(make_and_destroy, make_and_destroy);
	end(0);
}

CLIENT(local, made_anew, .threads = 1,
       .about = "made again in the same memory it has no value")
{
	begin(impl, NULL);
	TOGETHER(keep_one);
	keep_another();
	l->destroy(local);
	assert(l->init(local, NULL) == SYNC_OK);
	assert(l->get(local) == NULL);
	TOGETHER(keep_one);
	end(0);
}

/* A thread ends with a value as the local goes: that is destroyed or forgotten.
 */
static _Atomic bool has_set;

static unsigned keep_one_and_end(void)
{
	keep_one();
	atomic_store_explicit(&has_set, true, memory_order_release);
	return 0;
}

CLIENT(local, destroy_beside_exit, .threads = 1,
       .about = "a thread with a value ends beside destroy")
{
	begin(impl, count_destroyed);
	pthread_t user = start(keep_one_and_end);

	while (!atomic_load_explicit(&has_set, memory_order_acquire))
		sched_yield();
	l->destroy(local);
	join(user);
	assert(values[0] <= 1);
	free(local);
}
