/* SPDX-License-Identifier: MIT */
/*
 * Stillness, what the watchdog makes of it, and the outcomes of trials. Nothing
 * here is timed: what must come is waited for, until Check's limit ends it.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "../harness/check/law/law.h"
#include "../harness/check/trial/stillness.h"
#include "../harness/check/trial/threads_proc.h"
#include "units.h"

/* What a thread does beside the one that looks. */
struct beside {
	void (*act)(struct beside *b);
	_Atomic pid_t tid;
	_Atomic uint32_t word;
	_Atomic bool enough;
};

static void *beside_main(void *argument)
{
	struct beside *b = argument;

	atomic_store(&b->tid, gettid());
	b->act(b);
	return NULL;
}

static void *nothing(void *unused)
{
	return unused;
}

/* A sanitizer has threads of its own, from the first pthread_create on. */
static void settle(void)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, nothing, NULL), 0);
	pthread_join(thread, NULL);
	exempt_present();
}

static struct beside *beside(void (*act)(struct beside *b))
{
	struct beside *b = calloc(1, sizeof(*b));
	pthread_t thread;

	ck_assert_ptr_nonnull(b);
	b->act = act;
	ck_assert_int_eq(pthread_create(&thread, NULL, beside_main, b), 0);
	pthread_detach(thread);
	while (!atomic_load(&b->tid))
		law_pause();
	return b;
}

static void wait_for_ever(struct beside *b)
{
	while (!atomic_load(&b->word))
		futex_wait(&b->word, 0, DEADLINE_NEVER);
}

static void wait_an_hour(struct beside *b)
{
	futex_wait(&b->word, 0, deadline_in(3600 * NS_PER_S));
}

/* As POSIX has it, where "for ever" is a date in the far future. */
static void wait_for_ages(struct beside *b)
{
	struct timespec t = deadline_timespec(DEADLINE_NEVER);

	syscall(SYS_futex, &b->word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0,
		&t, NULL, FUTEX_BITSET_MATCH_ANY);
}

static void sleep_an_hour(struct beside *b)
{
	(void)b;
	nanosleep(&(struct timespec){ .tv_sec = 3600 }, NULL);
}

static void pause_for_ever(struct beside *b)
{
	(void)b;
	for (;;)
		pause();
}

static void run_on(struct beside *b)
{
	while (!atomic_load(&b->enough))
		;
}

static void poll_a_while(struct beside *b)
{
	do {
		watchdog_poll(true);
		law_pause();
	} while (!atomic_load(&b->enough));
	watchdog_poll(false);
	sleep_an_hour(b);
}

static void run_exempt(struct beside *b)
{
	watchdog_exempt();
	run_on(b);
}

static void join_other(struct beside *b)
{
	struct beside other = { .act = wait_for_ever };
	pthread_t thread;

	(void)b;
	if (pthread_create(&thread, NULL, beside_main, &other) == 0)
		pthread_join(thread, NULL);
}

static void wait_posix(struct beside *b)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;

	pthread_mutex_lock(&m);
	while (!atomic_load(&b->enough))
		pthread_cond_wait(&c, &m);
	pthread_mutex_unlock(&m);
}

/* Until it is off its CPU in a system call; the rest comes by looking on. */
static void until_asleep(const struct beside *b)
{
	struct thread_look look;

	do
		law_pause();
	while (!thread_look(getpid(), atomic_load(&b->tid), &look) ||
	       look.call < 0);
}

static void expect_still(void)
{
	while (!watchdog_still())
		law_pause();
}

static void expect_never_still(void)
{
	for (int i = 0; i < 50; i++) {
		ck_assert(!watchdog_still());
		law_pause();
	}
}

START_TEST(untimed_waits_are_still)
{
	static void (*const acts[])(struct beside *) = {
		wait_for_ever, wait_for_ages, pause_for_ever,
		join_other,    wait_posix,    run_exempt,
	};

	settle();
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		beside(acts[i]);
		expect_still();
	}
}
END_TEST

static void expect_movable(void (*act)(struct beside *b))
{
	settle();
	beside(wait_for_ever);
	expect_still();
	until_asleep(beside(act));
	expect_never_still();
}

START_TEST(timed_waits_are_not_still)
{
	expect_movable(wait_an_hour);
}
END_TEST

START_TEST(sleeps_are_not_still)
{
	expect_movable(sleep_an_hour);
}
END_TEST

START_TEST(who_runs_is_not_still)
{
	struct beside *runs;

	settle();
	runs = beside(run_on);
	expect_never_still();
	atomic_store(&runs->enough, true);
	expect_still();
}
END_TEST

START_TEST(pollers_count_as_asleep)
{
	struct thread_look look;
	struct beside *polls;

	settle();
	polls = beside(poll_a_while);
	beside(wait_for_ever);
	expect_still();
	atomic_store(&polls->enough, true);
	do { /* its long sleep after polling */
		law_pause();
		ck_assert(thread_look(getpid(), polls->tid, &look));
	} while (watchdog_still());
	expect_never_still();
}
END_TEST

static struct outcome run_trial(void (*body)(void *), unsigned limit_s)
{
	static struct outcome o;
	const struct settings s = { .limit_s = limit_s };

	trial_run(&s, body, NULL, &o);
	return o;
}

static void passes(void *unused)
{
	(void)unused;
	fprintf(stderr, "a word on the way\n");
}

static void fails(void *unused)
{
	(void)unused;
	CHECK_EQ(1 + 1, 3);
}

static void skips(void *unused)
{
	(void)unused;
	trial_skip("no such hook");
}

static void crashes(void *unused)
{
	(void)unused;
	raise(SIGKILL);
}

static void sleeps(void *unused)
{
	(void)unused;
	sleep_an_hour(NULL);
}

START_TEST(trials_have_outcomes)
{
	struct outcome o = run_trial(passes, 30);

	ck_assert_int_eq(o.verdict, PASSED);
	ck_assert_str_eq(o.message, "");
	ck_assert_str_eq(o.report, "a word on the way\n");
	o = run_trial(fails, 30);
	ck_assert_int_eq(o.verdict, FAILED);
	ck_assert_ptr_nonnull(strstr(o.message, "1 + 1 is 2, not 3"));
	o = run_trial(skips, 30);
	ck_assert_int_eq(o.verdict, SKIPPED);
	ck_assert_str_eq(o.message, "no such hook");
	o = run_trial(crashes, 30);
	ck_assert_int_eq(o.verdict, CRASHED);
	ck_assert_ptr_nonnull(strstr(o.message, "Killed"));
	o = run_trial(sleeps, 1);
	ck_assert_int_eq(o.verdict, HUNG);
	ck_assert_str_eq(o.message, "not done after 1 s");
	ck_assert_ptr_nonnull(strstr(o.report, "sleeps for a while"));
}
END_TEST

/* Two locks in two orders, as words; deadlocked for certain. */
static struct {
	_Atomic uint32_t word[2];
	_Atomic unsigned inside;
} pair;

static __attribute__((noinline)) void take_word(_Atomic uint32_t *word)
{
	while (atomic_exchange(word, 1))
		futex_wait(word, 1, DEADLINE_NEVER);
}

static void take_both(void *unused, unsigned index)
{
	(void)unused;
	take_word(&pair.word[index]);
	atomic_fetch_add(&pair.inside, 1);
	EVENTUALLY(atomic_load(&pair.inside) == 2);
	take_word(&pair.word[!index]);
}

static void deadlocks(void *unused)
{
	(void)unused;
	watchdog_object("test/pair", &pair, sizeof(pair));
	law_crew(2, take_both, NULL);
}

START_TEST(a_deadlock_is_reported)
{
	struct outcome o = run_trial(deadlocks, 50);

	ck_assert_int_eq(o.verdict, HUNG);
	ck_assert_ptr_nonnull(strstr(o.message, "nothing can move"));
	ck_assert_ptr_nonnull(strstr(o.message, "for test/pair + 4"));
	ck_assert_ptr_nonnull(strstr(o.message, "for test/pair + 0"));
	ck_assert_ptr_nonnull(strstr(o.report, "expected 0x1, now 0x1"));
	ck_assert_ptr_nonnull(strstr(o.report, "waits for the end of thread"));
	ck_assert_ptr_nonnull(strstr(o.report, "take_word"));
	ck_assert_ptr_nonnull(strstr(o.report, "tests/test_watchdog.c:"));
	ck_assert_ptr_null(strstr(o.report, "crew_main"));
	ck_assert_ptr_nonnull(
		strstr(o.report, ": 00000001 00000001 00000002\n"));
}
END_TEST

static void poll_in_vain(void *unused)
{
	(void)unused;
	EVENTUALLY(atomic_load(&pair.inside) == 2);
}

START_TEST(polling_in_vain_is_a_hang)
{
	struct outcome o = run_trial(poll_in_vain, 50);

	ck_assert_int_eq(o.verdict, HUNG);
	ck_assert_ptr_nonnull(strstr(o.message, "turn of polling"));
	ck_assert_ptr_nonnull(strstr(o.report, "poll_in_vain"));
}
END_TEST

static void poll_and_get_on(void *unused)
{
	struct beside *b = beside(wait_for_ever);
	int turns = 0;

	(void)unused;
	/* each bout gets somewhere, though the other thread never moves */
	for (int bout = 1; bout <= 40; bout++)
		EVENTUALLY(++turns >= 50 * bout);
	/* and one turn may take long */
	EVENTUALLY(turns++ > 2000 &&
		   nanosleep(&(struct timespec){ .tv_sec = 2 }, NULL) == 0);
	atomic_store(&b->word, 1);
	futex_wake_all(&b->word);
}

START_TEST(polling_that_gets_on_is_no_hang)
{
	struct outcome o = run_trial(poll_and_get_on, 50);

	ck_assert_msg(o.verdict == PASSED, "%s\n%s", o.message, o.report);
}
END_TEST

UNITS(watchdog, untimed_waits_are_still, timed_waits_are_not_still,
      sleeps_are_not_still, who_runs_is_not_still, pollers_count_as_asleep,
      trials_have_outcomes, a_deadlock_is_reported, polling_in_vain_is_a_hang,
      polling_that_gets_on_is_no_hang)
