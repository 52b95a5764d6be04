/* SPDX-License-Identifier: MIT */
/*
 * Each stressor does what it says, and no more than a system may.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "../harness/check/law/law.h"
#include "../harness/check/stressor/stressors.h"
#include "../primitives/posix.h"
#include "units.h"

static _Atomic uint32_t word;

START_TEST(one_cpu_is_drawn_by_the_seed)
{
	cpu_set_t allowed, one, drawn;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	CPU_ZERO(&drawn);
	for (uint64_t seed = 1; seed <= 64 * (uint64_t)CPU_COUNT(&allowed);
	     seed++) {
		stressors_begin(STRESS_ONE_CPU, seed);
		sched_getaffinity(0, sizeof(one), &one);
		ck_assert_int_eq(CPU_COUNT(&one), 1);
		CPU_OR(&drawn, &drawn, &one);
		sched_setaffinity(0, sizeof(allowed), &allowed);
	}
	ck_assert(CPU_EQUAL(&drawn, &allowed));
}
END_TEST

static void *stay(void *unused)
{
	pause();
	return unused;
}

START_TEST(hogs_are_twice_the_cpus)
{
	unsigned before;
	cpu_set_t allowed;
	pthread_t first;

	/* with the first one comes a sanitizer's own */
	pthread_create(&first, NULL, stay, NULL);
	before = law_threads();
	sched_getaffinity(0, sizeof(allowed), &allowed);
	stressors_begin(STRESS_HOGS, 1);
	ck_assert_uint_eq(law_threads(),
			  before + 2 * (unsigned)CPU_COUNT(&allowed));
}
END_TEST

START_TEST(signals_interrupt_a_read)
{
	int fds[2];
	char c;

	ck_assert_int_eq(pipe(fds), 0);
	stressors_begin(STRESS_SIGNALS, 1);
	ck_assert_int_eq(read(fds[0], &c, 1), -1);
	ck_assert_int_eq(errno, EINTR);
}
END_TEST

static _Atomic int blocked = -2;

static void *read_one(void *fd)
{
	char c;

	atomic_store(&blocked, -1);
	atomic_store(&blocked, (int)read(*(int *)fd, &c, 1));
	return NULL;
}

START_TEST(signals_spare_those_who_were_there)
{
	pthread_t before;
	int machinery[2], fds[2];
	char c;

	ck_assert_int_eq(pipe(machinery) | pipe(fds), 0);
	pthread_create(&before, NULL, read_one, &machinery[0]);
	while (atomic_load(&blocked) == -2)
		law_pause();
	stressors_begin(STRESS_SIGNALS, 1);
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(read(fds[0], &c, 1), -1);
	/* it is still in there, or gets what it reads */
	ck_assert_int_eq(write(machinery[1], "x", 1), 1);
	pthread_join(before, NULL);
	ck_assert_int_eq(atomic_load(&blocked), 1);
}
END_TEST

/* Until each of the three answers has been seen; too early a timeout fails. */
START_TEST(futex_wait_returns_for_no_reason)
{
	bool woken = false, interrupted = false, again = false;

	stressors_begin(STRESS_FUTEX, 1);
	while (!woken || !interrupted || !again) {
		uint64_t deadline = deadline_in(NS_PER_MS);
		int r = futex_wait(&word, 0, deadline);

		woken |= r == 0;
		interrupted |= r == EINTR;
		again |= r == EAGAIN;
		if (r == ETIMEDOUT)
			ck_assert(now_ns() >= deadline);
	}
}
END_TEST

START_TEST(futex_wait_still_compares_and_times_out)
{
	int r;

	stressors_begin(STRESS_FUTEX | STRESS_LATE_WAKE | STRESS_SLEEPY, 1);
	do
		r = futex_wait(&word, 0, 0);
	while (r == 0 || r == EINTR || r == EAGAIN);
	ck_assert_int_eq(r, ETIMEDOUT);
	ck_assert_int_eq(futex_wake(&word, 1), 0);
}
END_TEST

static _Atomic uint64_t asleep_until;

/* Waits again and again, each time for a millisecond and a half. */
static void *sleep_and_sleep(void *unused)
{
	while (!atomic_load(&word)) {
		uint64_t deadline = deadline_in(1500 * NS_PER_US);

		atomic_store(&asleep_until, deadline);
		futex_wait(&word, 0, deadline);
		atomic_store(&asleep_until, 0);
	}
	return unused;
}

START_TEST(late_wakes_come_at_the_deadline)
{
	enum { WANTED = 20, TRIES = 1000 };
	pthread_t sleeper;
	int late = 0;

	stressors_begin(STRESS_LATE_WAKE, 1);
	pthread_create(&sleeper, NULL, sleep_and_sleep, NULL);
	for (int i = 0; i < TRIES && late < WANTED; i++) {
		uint64_t deadline, from;

		while (!(deadline = atomic_load(&asleep_until)))
			cpu_relax();
		from = now_ns();
		futex_wake(&word, 1);
		/* it began well before the deadline and ended with it */
		if (from + NS_PER_MS < deadline &&
		    now_ns() + 50 * NS_PER_US >= deadline)
			late++;
	}
	ck_assert_int_eq(late, WANTED);
	atomic_store(&word, 1);
	pthread_join(sleeper, NULL);
}
END_TEST

START_TEST(cond_waits_return_for_no_reason)
{
	pthread_mutexattr_t strict;
	pthread_mutex_t mutex;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

	pthread_mutexattr_init(&strict);
	pthread_mutexattr_settype(&strict, PTHREAD_MUTEX_ERRORCHECK);
	pthread_mutex_init(&mutex, &strict);
	stressors_begin(STRESS_SPURIOUS, 1);
	pthread_mutex_lock(&mutex);
	while (posix_cond_timedwait(&cond, &mutex, deadline_in(NS_PER_MS)))
		continue;
	/* we hold it again, and once */
	ck_assert_int_eq(pthread_mutex_unlock(&mutex), 0);
	ck_assert_int_eq(pthread_mutex_trylock(&mutex), 0);
}
END_TEST

enum form { MALLOC, CALLOC, REALLOC, ALIGNED, POSIX, FORMS };

/* 0 or errno of a request for memory in this form. */
static int ask(enum form form)
{
	void *p = NULL;
	int error = 0;

	errno = 0;
	if (form == MALLOC)
		p = malloc(1);
	else if (form == CALLOC)
		p = calloc(1, 1);
	else if (form == REALLOC)
		p = realloc(NULL, 1);
	else if (form == ALIGNED)
		p = aligned_alloc(64, 64);
	else
		error = posix_memalign(&p, 64, 64);
	/* the compiler must not see what becomes of it */
	__asm__ volatile("" : "+r"(p)::"memory");
	if (!p && !error)
		error = errno;
	free(p);
	return error;
}

START_TEST(the_nth_allocation_fails)
{
	int alone[FORMS], errors[3];
	unsigned calls;

	/* no assertion in between: Check asks for memory itself */
	for (enum form f = 0; f < FORMS; f++) {
		fail_allocation(1);
		alone[f] = ask(f);
	}
	fail_allocation(2);
	for (int i = 0; i < 3; i++)
		errors[i] = ask(MALLOC);
	calls = fail_allocation(0);
	for (int f = 0; f < FORMS; f++)
		ck_assert_int_eq(alone[f], ENOMEM);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(errors[i], i == 1 ? ENOMEM : 0);
	ck_assert_uint_eq(calls, 3);
	ck_assert_uint_eq(fail_allocation(0), 0);
}
END_TEST

static void *count(void *counter)
{
	atomic_fetch_add((_Atomic int *)counter, 1);
	return counter;
}

START_TEST(the_nth_thread_fails)
{
	static _Atomic int ran;
	pthread_t thread;

	fail_thread(2);
	ck_assert_int_eq(pthread_create(&thread, NULL, count, &ran), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(pthread_create(&thread, NULL, count, &ran), EAGAIN);
	ck_assert_int_eq(pthread_create(&thread, NULL, count, &ran), 0);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(fail_thread(0), 3);
	ck_assert_int_eq(atomic_load(&ran), 2);
}
END_TEST

START_TEST(sleepy_threads_run_what_they_should)
{
	enum { THREADS = 200 };
	static _Atomic int ran[THREADS];
	pthread_t threads[THREADS];
	void *result;

	stressors_begin(STRESS_SLEEPY, 1);
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, count, &ran[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &result);
		ck_assert_ptr_eq(result, &ran[i]);
		ck_assert_int_eq(atomic_load(&ran[i]), 1);
	}
}
END_TEST

/* In memory that the trial's process shares with us. */
static struct lefts {
	uint32_t least, most;
} * lefts;

static void age(void *object, uint32_t left)
{
	(void)object;
	lefts->least = left < lefts->least ? left : lefts->least;
	lefts->most = left > lefts->most ? left : lefts->most;
}

static void age_much(void *unused)
{
	struct implementation with = { .age = age }, without = { .age = NULL };

	(void)unused;
	law_age(&without, NULL);
	for (int i = 0; i < 200; i++)
		law_age(&with, NULL);
}

START_TEST(aged_objects_are_near_their_end)
{
	static struct outcome out;
	struct settings s = { .seed = 1, .limit_s = 60 };

	lefts = mmap(NULL, sizeof(*lefts), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	lefts->least = UINT32_MAX;
	trial_run(&s, age_much, NULL, &out);
	ck_assert_int_eq(out.verdict, PASSED);
	ck_assert_uint_eq(lefts->most, 0); /* not asked for */
	s.stressors = STRESS_AGED;
	trial_run(&s, age_much, NULL, &out);
	ck_assert_int_eq(out.verdict, PASSED);
	ck_assert_uint_ge(lefts->least, 1);
	ck_assert_uint_lt(lefts->least, 32);
	ck_assert_uint_gt(lefts->most, 1024);
	ck_assert_uint_le(lefts->most, 4096);
}
END_TEST

START_TEST(sets_have_words)
{
	char text[200], cut[8];

	stressors_describe(0, text, sizeof(text));
	ck_assert_str_eq(text, "");
	stressors_describe(STRESS_ONE_CPU | STRESS_SIGNALS, text, sizeof(text));
	ck_assert_str_eq(text, "one CPU, signals");
	stressors_describe(STRESS_ALL, text, sizeof(text));
	ck_assert_str_eq(text, "one CPU, hogs, signals, aged, futex, late "
			       "wakes, spurious returns, sleepy");
	stressors_describe(STRESS_ALL, cut, sizeof(cut));
	ck_assert_str_eq(cut, "one CPU");
}
END_TEST

UNITS(stressors, one_cpu_is_drawn_by_the_seed, hogs_are_twice_the_cpus,
      signals_interrupt_a_read, signals_spare_those_who_were_there,
      futex_wait_returns_for_no_reason, futex_wait_still_compares_and_times_out,
      late_wakes_come_at_the_deadline, cond_waits_return_for_no_reason,
      the_nth_allocation_fails, the_nth_thread_fails,
      sleepy_threads_run_what_they_should, aged_objects_are_near_their_end,
      sets_have_words)
