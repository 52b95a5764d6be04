/* SPDX-License-Identifier: MIT */
/*
 * The threads of a trial, in the order of their creation.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../kit/splitmix.h"
#include "runtime.h"

struct thread *threads;
_Atomic uint32_t threads_count;
_Thread_local struct thread *self __attribute__((tls_model("initial-exec")));

/* A thread that makes more steps repeats itself. */
enum { LARGE_BITS = 12 };

/* Nobody is held longer than 8 to 64 ms, all in all: long laws are to have
 * their share of runs, and some of the runs long delays. */
static uint64_t patience_ns;
enum { PATIENCE_MS = 8, PATIENCES = 4 };

uint64_t random_stream(uint64_t seed, uint64_t number)
{
	uint64_t x = splitmix_mix(seed + (number + 1) * SPLITMIX_STEP);

	return x ? x : 1; /* xorshift must not begin at 0 */
}

void threads_prepare(void)
{
	if (threads)
		return;
	threads =
		mmap(NULL, MAX_THREADS * sizeof(*threads),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (threads == MAP_FAILED)
		abort();
}

/* The next one; NULL if there are too many. */
static struct thread *thread_new(void)
{
	/* release: whoever looks at all finds this one zeroed */
	uint32_t i = atomic_fetch_add_explicit(&threads_count, 1,
					       memory_order_acq_rel);
	struct thread *t = &threads[i];

	if (i >= MAX_THREADS)
		return NULL;
	t->index = i;
	t->random = random_stream(perturbation.seed, i);
	t->patience_ns = patience_ns;
	if (strategy && strategy->thread)
		strategy->thread(t);
	return t;
}

void threads_begin(void)
{
	uint64_t random = random_stream(perturbation.seed, MAX_THREADS + 1);

	/* of the trial before; whole pages come back as zeros */
	madvise(threads, MAX_THREADS * sizeof(*threads), MADV_REMOVE);
	atomic_store_explicit(&threads_count, 0, memory_order_relaxed);
	patience_ns =
		NS_PER_MS * (PATIENCE_MS << random_below(&random, PATIENCES));
	self = thread_new();
	atomic_store_explicit(&self->tid, gettid(), memory_order_relaxed);
}

void perturb_measure(struct perturb_size *size)
{
	memset(size, 0, sizeof(*size));
	for (uint32_t i = 0; i < PERTURB_SIZES; i++) {
		uint32_t steps = atomic_load_explicit(&threads[i].steps,
						      memory_order_relaxed);

		if (steps)
			size->bits[i] = (uint8_t)(32 - __builtin_clz(steps));
		if (size->bits[i] > LARGE_BITS)
			size->bits[i] = LARGE_BITS;
	}
	places_measure(size);
}

static void gone(void *argument)
{
	struct thread *t = argument;

	atomic_store_explicit(&t->standing, GONE, memory_order_relaxed);
}

static void *run(void *argument)
{
	struct thread *t = argument;
	void *result;

	self = t;
	atomic_store_explicit(&t->tid, gettid(), memory_order_relaxed);
	pthread_cleanup_push(gone, t);
	result = t->start(t->argument);
	pthread_cleanup_pop(1);
	return result;
}

int pthread_create(pthread_t *restrict id, const pthread_attr_t *restrict how,
		   void *(*start)(void *), void *restrict argument)
{
	static int (*real)(pthread_t *, const pthread_attr_t *,
			   void *(*)(void *), void *);
	struct thread *t;
	int error;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	t = self ? thread_new() : NULL;
	if (!t)
		return real(id, how, start, argument);
	t->start = start;
	t->argument = argument;
	error = real(id, how, run, t);
	if (error)
		gone(t);
	return error;
}

void perturb_exempt(void)
{
	if (self)
		gone(self);
	self = NULL;
}

void thread_sleep(struct thread *t, uint64_t ns)
{
	struct timespec request = { (time_t)(ns / NS_PER_S),
				    (long)(ns % NS_PER_S) };
	int error = errno;

	atomic_store_explicit(&t->standing, HELD, memory_order_relaxed);
	nanosleep(&request, NULL);
	atomic_store_explicit(&t->standing, RUNNING, memory_order_relaxed);
	t->patience_ns -= ns < t->patience_ns ? ns : t->patience_ns;
	errno = error;
}

void thread_acted(struct thread *t, const void *pc)
{
	t->acts[t->n_acts++ % MAX_ACTS] = (struct act){
		.step = atomic_load_explicit(&t->steps, memory_order_relaxed),
		.pc = pc,
	};
}

bool perturb_holds(int tid)
{
	for (uint32_t i = 0; i < threads_known(); i++)
		if (atomic_load_explicit(&threads[i].tid,
					 memory_order_relaxed) == tid)
			return atomic_load_explicit(&threads[i].standing,
						    memory_order_relaxed) ==
			       HELD;
	return false;
}
