/* SPDX-License-Identifier: MIT */
/*
 * The n-th pthread_create fails; and a thread that has been started sleeps for
 * a moment before its first step. By --wrap=pthread_create: see memory.c.
 */
#include <errno.h>
#include <pthread.h>

#include "../../../primitives/sync.h"
#include "chance.h"
#include "faults.h"
#include "stressors.h"

static struct scarce threads;
static bool sleepy;

unsigned fail_thread(unsigned n)
{
	return scarce_arm(&threads, n);
}

void sleepy_starts_begin(void)
{
	sleepy = true;
}

typedef void *thread_main(void *argument);

/* Names that the linker gives. */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  thread_main *run, void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  thread_main *run, void *argument);

/* What a thread is to run once it has slept; no allocation, which a law may be
 * counting. */
static struct sleeper {
	_Atomic bool taken;
	thread_main *run;
	void *argument;
} sleepers[64];

static struct sleeper *free_sleeper(void)
{
	for (size_t i = 0; i < sizeof(sleepers) / sizeof(sleepers[0]); i++)
		/* acquire: whoever had it has read it */
		if (!atomic_exchange_explicit(&sleepers[i].taken, true,
					      memory_order_acquire))
			return &sleepers[i];
	return NULL;
}

static void give_back(struct sleeper *s)
{
	/* release: pairs with free_sleeper */
	atomic_store_explicit(&s->taken, false, memory_order_release);
}

static void *sleep_first(void *argument)
{
	struct sleeper *s = argument;
	thread_main *run = s->run;

	argument = s->argument;
	give_back(s);
	if (one_in(2))
		chance_nap(500 * NS_PER_US);
	return run(argument);
}

static COLD int create_sleepy(pthread_t *thread,
			      const pthread_attr_t *attributes,
			      thread_main *run, void *argument)
{
	struct sleeper *s = free_sleeper();
	int r;

	if (!s)
		return __real_pthread_create(thread, attributes, run, argument);
	s->run = run;
	s->argument = argument;
	r = __real_pthread_create(thread, attributes, sleep_first, s);
	if (r)
		give_back(s);
	return r;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
			  thread_main *run, void *argument)
{
	if (scarce_refuses(&threads))
		return EAGAIN;
	return unlikely(sleepy)
		       ? create_sleepy(thread, attributes, run, argument)
		       : __real_pthread_create(thread, attributes, run,
					       argument);
}

int machinery_create(void *(*run)(void *argument), void *argument)
{
	pthread_t thread;
	int r = __real_pthread_create(&thread, NULL, run, argument);

	return r ? r : pthread_detach(thread);
}
