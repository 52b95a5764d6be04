/* SPDX-License-Identifier: MIT */
/*
 * The runtime that perturbs: what it must not change, what it must find. Only
 * build/perturb has it (tests/perturb.sh); in other builds nothing is tested
 * here.
 */
#include <stdlib.h>

#include "../harness/check/trial/trial.h"
#include "../harness/registry.h"
#include "../primitives/mutex.h"
#include "units.h"

static struct outcome outcome;

static void try(enum perturb_strategy strategy, uint64_t seed,
		void (*body)(void *))
{
	struct settings s = {
		.seed = seed,
		.perturbation = { .strategy = strategy,
				  .seed = seed,
				  .size = { .bits = { 6, 3, 3 } } },
		.limit_s = 30,
	};

	perturb_prepare();
	trial_run(&s, body, NULL, &outcome);
}

static const struct mutex_impl *some_mutex(void)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);

	for (size_t i = 0; i < n; i++)
		if (lab_matches(all[i], "mutex/futex"))
			return (const struct mutex_impl *)all[i]->id;
	abort();
}

/* ---- a schedule ---- */

/* One thread, so that nothing but the seed decides. It fails in order to have
 * its schedule told. */
static void take_turns_alone(void *unused)
{
	const struct mutex_impl *impl = some_mutex();
	_Alignas(64) char mutex[64] = { 0 };

	for (int i = 0; i < 64; i++) {
		impl->lock(mutex, NULL);
		impl->unlock(mutex, NULL);
	}
	trial_fail("done%s", unused ? "?" : "");
}

START_TEST(the_seed_decides)
{
	static char first[OUTCOME_REPORT];
	int differ = 0;

	if (!perturb_available())
		return;
	for (int s = PERTURB_RANDOM; s < PERTURB_STRATEGIES; s++) {
		for (uint64_t seed = 1; seed <= 8; seed++) {
			try(s, seed, take_turns_alone);
			ck_assert_str_eq(outcome.message, "done");
			ck_assert_ptr_nonnull(
				strstr(outcome.report, "schedule: "));
			differ += strcmp(first, outcome.report) != 0;
			strcpy(first, outcome.report);
			try(s, seed, take_turns_alone);
			ck_assert_str_eq(outcome.report, first);
		}
	}
	/* steps drawn by few of the seeds may be the same */
	ck_assert_int_ge(differ, 12);
}
END_TEST

START_TEST(a_step_has_a_source_line)
{
	if (!perturb_available())
		return;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		try(PERTURB_STALL, seed, take_turns_alone);
		if (strstr(outcome.report, "thread 0 at its step"))
			break;
	}
	ck_assert_ptr_nonnull(strstr(outcome.report, " primitives/mutex/"));
}
END_TEST

/* Of thousands of steps one is an unlock: steps drawn at random miss it. */
static void unlock_once(void *unused)
{
	const struct mutex_impl *impl = some_mutex();
	_Alignas(64) char mutex[64] = { 0 };

	for (int i = 0; i < 5000; i++)
		impl->trylock(mutex, NULL);
	impl->unlock(mutex, NULL);
	trial_fail("done%s", unused ? "?" : "");
}

START_TEST(a_rare_place_is_found)
{
	struct settings s = {
		.perturbation = { .strategy = PERTURB_NONE },
		.limit_s = 30,
	};
	int found = 0, often = 0;

	if (!perturb_available())
		return;
	perturb_prepare();
	trial_run(&s, unlock_once, NULL, &outcome);
	perturb_measure(&s.perturbation.size);
	s.perturbation.strategy = PERTURB_STALL;
	for (; s.perturbation.seed < 200; s.perturbation.seed++) {
		trial_run(&s, unlock_once, NULL, &outcome);
		found += strstr(outcome.report, ", unlock ") != NULL;
		often += strstr(outcome.report, ", take ") != NULL;
	}
	ck_assert_int_ge(found, 3);
	ck_assert_int_ge(often, 3);
}
END_TEST

/* ---- the compiler's calls ---- */

/* Operands whose upper bits show whether the width is right. */
#define OPERATIONS(type)                                                       \
	do {                                                                   \
		const type a = (type)0xfedcba9876543210;                       \
		const type b = (type)0x8877665544332211;                       \
		_Atomic type word = a;                                         \
		type expected = b;                                             \
                                                                               \
		if (atomic_exchange(&word, b) != a || word != b)               \
			trial_fail(#type " exchange");                         \
		if (atomic_fetch_add(&word, a) != b || word != (type)(a + b))  \
			trial_fail(#type " add");                              \
		if (atomic_fetch_sub(&word, a) != (type)(a + b) || word != b)  \
			trial_fail(#type " sub");                              \
		if (atomic_fetch_and(&word, a) != b || word != (a & b))        \
			trial_fail(#type " and");                              \
		if (atomic_fetch_or(&word, b) != (a & b) || word != b)         \
			trial_fail(#type " or");                               \
		if (atomic_fetch_xor(&word, a) != b || word != (a ^ b))        \
			trial_fail(#type " xor");                              \
		if (atomic_compare_exchange_strong(&word, &expected, a) ||     \
		    expected != (a ^ b) || word != (a ^ b))                    \
			trial_fail(#type " failed compare");                   \
		if (!atomic_compare_exchange_strong(&word, &expected, a) ||    \
		    word != a)                                                 \
			trial_fail(#type " compare");                          \
		while (!atomic_compare_exchange_weak_explicit(                 \
			&word, &expected, b, memory_order_release,             \
			memory_order_relaxed))                                 \
			if (expected != a)                                     \
				trial_fail(#type " weak compare");             \
		atomic_store_explicit(&word, a, memory_order_release);         \
		if (atomic_load_explicit(&word, memory_order_acquire) != a)    \
			trial_fail(#type " store");                            \
	} while (0)

static void operate(void *unused)
{
	(void)unused;
	OPERATIONS(uint8_t);
	OPERATIONS(uint16_t);
	OPERATIONS(uint32_t);
	OPERATIONS(uint64_t);
}

START_TEST(atomics_are_what_they_were)
{
	if (!perturb_available())
		return;
	for (int s = PERTURB_NONE; s < PERTURB_STRATEGIES; s++) {
		try(s, 1, operate);
		ck_assert_str_eq(outcome.message, "");
		ck_assert_int_eq(outcome.verdict, PASSED);
	}
}
END_TEST

/* ---- memory ---- */

/* Volatile, or the compiler sees what is done, and does it itself. */
static char *volatile block;
static void (*volatile release)(void *) = free;

static void write_late(void *unused)
{
	(void)unused;
	block = malloc(24);
	release(block);
	block[20] = 1;
}

static void free_twice(void *unused)
{
	(void)unused;
	block = aligned_alloc(64, 64);
	release(block);
	release(block);
}

static void set_late(void *unused)
{
	volatile size_t n = 100;

	(void)unused;
	block = calloc(1, n);
	block = realloc(block, 2 * n);
	release(block);
	memset(block, 0, n);
}

START_TEST(freed_memory_is_not_touched)
{
	if (!perturb_available())
		return;
	try(PERTURB_NONE, 1, write_late);
	ck_assert_int_eq(outcome.verdict, FAILED);
	ck_assert_ptr_nonnull(strstr(outcome.message, "use after free: write "
						      "in write_late tests/"));
	ck_assert_ptr_nonnull(strstr(outcome.report, "20 bytes into a block "
						     "of 24"));
	try(PERTURB_NONE, 1, free_twice);
	ck_assert_ptr_nonnull(strstr(outcome.message, "use after free: free "));
	try(PERTURB_NONE, 1, set_late);
	ck_assert_ptr_nonnull(
		strstr(outcome.message, "use after free: memset "));
}
END_TEST

static void use_well(void *unused)
{
	(void)unused;
	for (size_t size = 0; size < 6000; size += 7) {
		char *zero = calloc(1, size + 1), *line, *copy;

		line = aligned_alloc(64, (size + 64) / 64 * 64);
		copy = realloc(malloc(size / 2 + 1), size + 1);
		memset(line, 1, size);
		memset(copy, 2, size);
		if (zero[size] || (uintptr_t)line % 64)
			trial_fail("not as promised at %zu", size);
		for (size_t i = 0; i < size; i++)
			if (zero[i] || line[i] != 1 || copy[i] != 2)
				trial_fail("they overlap at %zu", size);
		free(zero);
		free(line);
		free(copy);
	}
}

START_TEST(memory_in_use_is_sound)
{
	if (!perturb_available())
		return;
	try(PERTURB_NONE, 1, use_well);
	ck_assert_str_eq(outcome.message, "");
	ck_assert_int_eq(outcome.verdict, PASSED);
}
END_TEST

UNITS(perturb, the_seed_decides, a_step_has_a_source_line,
      a_rare_place_is_found, atomics_are_what_they_were,
      freed_memory_is_not_touched, memory_in_use_is_sound)
