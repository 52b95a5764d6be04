/* SPDX-License-Identifier: MIT */
/*
 * What is counted is what was done, and what cannot be counted says why.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "../harness/bench/counters.h"
#include "../harness/bench/futex_calls.h"
#include "../primitives/sync.h"
#include "units.h"

static _Atomic uint32_t word;

static void *wake_once(void *unused)
{
	futex_wake(&word, 1);
	return unused;
}

static void in_a_thread(void *(*f)(void *), void *argument)
{
	pthread_t t;

	ck_assert_int_eq(pthread_create(&t, NULL, f, argument), 0);
	pthread_join(t, NULL);
}

START_TEST(own_futex_calls_are_counted_exactly)
{
	struct counter_reading from, to;
	struct counter_figures f;

	counters_open(true, false);
	futex_wake(&word, 1);
	counters_now(&from);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(futex_wait(&word, 1, DEADLINE_NEVER), EAGAIN);
	for (int i = 0; i < 5; i++)
		futex_wake(&word, 1);
	futex_requeue(&word, 0, 0, &word, 0);
	in_a_thread(wake_once, NULL);
	ck_assert_int_eq(syscall(SYS_getpid), getpid());
	counters_now(&to);
	counters_between(&from, &to, &f);
	ck_assert(f.futex_known);
	ck_assert_uint_eq(f.futex_waits, 3);
	ck_assert_uint_eq(f.futex_wakes, 7);
}
END_TEST

START_TEST(threads_beyond_all_places_are_counted)
{
	uint64_t from[FUTEX_CALLS], to[FUTEX_CALLS];

	futex_calls(from);
	for (int i = 0; i < 1100; i++)
		in_a_thread(wake_once, NULL);
	futex_calls(to);
	ck_assert_uint_eq(to[FUTEX_CALL_WAKE] - from[FUTEX_CALL_WAKE], 1100);
	ck_assert_uint_eq(to[FUTEX_CALL_WAIT] - from[FUTEX_CALL_WAIT], 0);
}
END_TEST

START_TEST(others_futex_calls_are_unknown_unless_traced)
{
	static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	const char *missing = counters_missing();
	bool traceable = !missing || !strstr(missing, "tracefs");
	struct timespec past = { 0 };
	struct counter_reading from, to;
	struct counter_figures f;

	counters_open(false, true);
	counters_now(&from);
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 4; i++) /* one call of futex(2) each */
		pthread_cond_timedwait(&cond, &mutex, &past);
	pthread_mutex_unlock(&mutex);
	counters_now(&to);
	counters_between(&from, &to, &f);
	ck_assert(f.futex_known == traceable);
	if (traceable)
		ck_assert_uint_eq(f.futex_waits, 4);
}
END_TEST

START_TEST(a_count_is_scaled_to_the_whole_time)
{
	struct counter_value none = { 0 };
	struct counter_value from = { 100, 1000, 1000 };
	struct counter_value whole = { 400, 5000, 5000 };
	struct counter_value half = { 400, 5000, 3000 };
	struct counter_value never = { 100, 5000, 1000 };
	uint64_t n;

	ck_assert(counter_between(&from, &whole, &n));
	ck_assert_uint_eq(n, 300);
	ck_assert(counter_between(&from, &half, &n));
	ck_assert_uint_eq(n, 600);
	ck_assert(!counter_between(&from, &never, &n));
	ck_assert(!counter_between(&none, &none, &n));
}
END_TEST

START_TEST(an_impossible_event_has_a_reason)
{
	char why[100] = "";

	ck_assert_int_eq(counter_open("perf::WISHES", why, sizeof(why)), -1);
	ck_assert_ptr_nonnull(strstr(why, "libpfm4: "));
}
END_TEST

enum { PAGES = 200 };

static void *touch_pages(void *memory)
{
	for (size_t i = 0; i < PAGES; i++)
		((volatile char *)memory)[i * 4096] = 1;
	return NULL;
}

START_TEST(threads_started_later_are_counted)
{
	char why[100] = "";
	struct counter_value from, to;
	uint64_t n;
	void *memory = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* an event of the kernel's, which needs no hardware */
	int fd = counter_open("perf::PAGE-FAULTS", why, sizeof(why));

	if (fd < 0) { /* the administrator forbids it: then it says so */
		ck_assert_str_ne(why, "");
		return;
	}
	madvise(memory, PAGES * 4096, MADV_NOHUGEPAGE);
	ck_assert_int_eq(read(fd, &from, sizeof(from)), sizeof(from));
	in_a_thread(touch_pages, memory);
	ck_assert_int_eq(read(fd, &to, sizeof(to)), sizeof(to));
	ck_assert(counter_between(&from, &to, &n));
	ck_assert_uint_ge(n, PAGES);
}
END_TEST

UNITS(counters, own_futex_calls_are_counted_exactly,
      threads_beyond_all_places_are_counted,
      others_futex_calls_are_unknown_unless_traced,
      a_count_is_scaled_to_the_whole_time, an_impossible_event_has_a_reason,
      threads_started_later_are_counted)
