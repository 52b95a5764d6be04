/* SPDX-License-Identifier: MIT */
/*
 * A program whose profile is known: so many threads choose one of so many
 *locks, work inside, and work outside, so many times each; of an rwlock (READS,
 *in percent, is given) they read that often, exactly, by turns.
 *
 *	known THREADS LOCKS CS_NS NCS_NS OPS [READS]
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LOCKS_MAX = 64, THREADS_MAX = 64 };

static pthread_mutex_t mutexes[LOCKS_MAX];
static pthread_rwlock_t rwlocks[LOCKS_MAX];
static unsigned long sums[LOCKS_MAX];
static pthread_barrier_t together;
static unsigned n_threads, n_locks, n_ops, reads;
static uint64_t cs_ns, ncs_ns;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void work(uint64_t ns)
{
	uint64_t until = now() + ns;

	while (ns && now() < until)
		;
}

__attribute__((noinline)) void section_of_mutex(unsigned i)
{
	pthread_mutex_lock(&mutexes[i]);
	sums[i]++;
	work(cs_ns);
	pthread_mutex_unlock(&mutexes[i]);
}

__attribute__((noinline)) void section_of_reader(unsigned i)
{
	pthread_rwlock_rdlock(&rwlocks[i]);
	work(cs_ns);
	pthread_rwlock_unlock(&rwlocks[i]);
}

__attribute__((noinline)) void section_of_writer(unsigned i)
{
	pthread_rwlock_wrlock(&rwlocks[i]);
	sums[i]++;
	work(cs_ns);
	pthread_rwlock_unlock(&rwlocks[i]);
}

static void *run(void *argument)
{
	unsigned random = 2463534242u + (unsigned)(uintptr_t)argument;

	pthread_barrier_wait(&together);
	for (unsigned op = 0; op < n_ops; op++) {
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;

		unsigned i = random / 7 % n_locks;

		if (reads > 100)
			section_of_mutex(i);
		else if (op % 100 < reads)
			section_of_reader(i);
		else
			section_of_writer(i);
		work(ncs_ns);
	}
	return NULL;
}

__attribute__((noinline)) void make_locks(void)
{
	for (unsigned i = 0; i < n_locks; i++) {
		pthread_mutex_init(&mutexes[i], NULL);
		pthread_rwlock_init(&rwlocks[i], NULL);
	}
	pthread_barrier_init(&together, NULL, n_threads);
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	unsigned long sum = 0;

	if (argc < 6)
		return 2;
	n_threads = (unsigned)atoi(argv[1]);
	n_locks = (unsigned)atoi(argv[2]);
	cs_ns = (uint64_t)atoi(argv[3]);
	ncs_ns = (uint64_t)atoi(argv[4]);
	n_ops = (unsigned)atoi(argv[5]);
	reads = argc > 6 ? (unsigned)atoi(argv[6]) : 101;
	make_locks();
	for (unsigned i = 0; i < n_threads; i++)
		pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)i);
	for (unsigned i = 0; i < n_threads; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < n_locks; i++)
		sum += sums[i];
	printf("%lu\n", sum);
	return 0;
}
