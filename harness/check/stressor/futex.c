/* SPDX-License-Identifier: MIT */
/*
 * What futex(2) may do and seldom does: waits that return for no reason, wakes
 * that come late, and just at a sleeper's deadline if one is near.
 *
 * A wait never invents ETIMEDOUT, and swallows no wake: one that is cut short
 * is a real wait with an earlier deadline, and if that was woken it says so.
 * So whoever is lost in a real kernel is lost here as well, and only those who
 * take a return for a reason are misled.
 */
#include <linux/futex.h>

#include "../../../primitives/sync.h"
#include "../../bench/futex_calls.h"
#include "chance.h"
#include "faults.h"

static struct futex_faults faults;
static unsigned rarity; /* of waits that return for no reason */

/* ---- who sleeps until when ---- */

enum { SLEEPERS = 64, RESERVED = 1 };

static struct sleeper {
	_Atomic uintptr_t address; /* 0: free */
	_Atomic uint64_t deadline;
} sleepers[SLEEPERS];

/* NULL if there is no room: a missed chance, no more. */
static struct sleeper *lie_down(uintptr_t address, uint64_t deadline)
{
	for (int i = 0; i < SLEEPERS; i++) {
		struct sleeper *s = &sleepers[i];
		uintptr_t free = 0;

		/* relaxed, but for the address: who finds it finds its
		 * deadline, or that of the next one on the same address */
		if (!atomic_compare_exchange_strong_explicit(
			    &s->address, &free, RESERVED, memory_order_relaxed,
			    memory_order_relaxed))
			continue;
		atomic_store_explicit(&s->deadline, deadline,
				      memory_order_relaxed);
		atomic_store_explicit(&s->address, address,
				      memory_order_release);
		return s;
	}
	return NULL;
}

static void get_up(struct sleeper *s)
{
	if (s)
		atomic_store_explicit(&s->address, 0, memory_order_relaxed);
}

/* The next deadline of one who sleeps there; DEADLINE_NEVER if none is near. */
static uint64_t near_deadline(uintptr_t address)
{
	uint64_t now = now_ns(), near = now + 2 * NS_PER_MS;
	uint64_t next = DEADLINE_NEVER;

	for (int i = 0; i < SLEEPERS; i++) {
		struct sleeper *s = &sleepers[i];
		uint64_t d;

		if (atomic_load_explicit(&s->address, memory_order_acquire) !=
		    address)
			continue;
		d = atomic_load_explicit(&s->deadline, memory_order_relaxed);
		if (d > now && d < near && d < next)
			next = d;
	}
	return next;
}

/* ---- waits ---- */

static long answer(int error)
{
	errno = error;
	return error ? -1 : 0;
}

static long for_no_reason(void)
{
	static const int answers[] = { 0, EINTR, EAGAIN };

	return answer(answers[chance(3)]);
}

/* A wait that we understand: with a bitset, on the monotonic clock. */
static bool is_plain(const long a[6])
{
	return a[1] == (FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG) ||
	       a[1] == FUTEX_WAIT_BITSET;
}

static uint64_t deadline_of(const long a[6])
{
	const struct timespec *t = (const struct timespec *)a[3];

	return t ? (uint64_t)t->tv_sec * NS_PER_S + (uint64_t)t->tv_nsec
		 : DEADLINE_NEVER;
}

/* Sleep for a moment, then return for no reason unless there was one. */
static long wait_briefly(const long a[6])
{
	uint64_t deadline = deadline_in(chance(200 * NS_PER_US));
	struct timespec t = deadline_timespec(deadline);
	const long brief[6] = { a[0], a[1], a[2], (long)&t, a[4], a[5] };
	long r;

	if (deadline_of(a) <= deadline)
		return futex_kernel(a);
	r = futex_kernel(brief);
	return r < 0 && errno == ETIMEDOUT ? for_no_reason() : r;
}

static long wait_somehow(const long a[6])
{
	if (!faults.spurious || !one_in(rarity))
		return futex_kernel(a);
	return one_in(2) ? for_no_reason() : wait_briefly(a);
}

static long wait(const long a[6])
{
	uint64_t deadline = deadline_of(a);
	struct sleeper *s = NULL;
	long r;

	if (faults.late_wake && deadline != DEADLINE_NEVER)
		s = lie_down((uintptr_t)a[0], deadline);
	r = wait_somehow(a);
	get_up(s);
	return r;
}

/* ---- wakes ---- */

/* At the deadline, or a little before or after: within the timer's slack. */
static void nap_until_about(uint64_t deadline)
{
	uint64_t until = deadline - 30 * NS_PER_US + chance(120 * NS_PER_US);
	struct timespec t = deadline_timespec(until);

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static long wake_late(const long a[6])
{
	uint64_t deadline = near_deadline((uintptr_t)a[0]);

	if (deadline != DEADLINE_NEVER && !one_in(4))
		nap_until_about(deadline);
	else if (one_in(8))
		chance_nap(200 * NS_PER_US);
	return futex_kernel(a);
}

static long call(const long a[6])
{
	if (is_plain(a))
		return wait(a);
	if (faults.late_wake && futex_call_of((int)a[1]) == FUTEX_CALL_WAKE)
		return wake_late(a);
	return futex_kernel(a);
}

static long detour(const long a[6])
{
	long r = call(a);

	if (faults.sleepy && one_in(8))
		chance_nap(300 * NS_PER_US);
	return r;
}

void futex_faults_begin(const struct futex_faults *wanted)
{
	faults = *wanted;
	rarity = 2u << chance(4);
	/* release: see futex_calls.c */
	atomic_store_explicit(&futex_detour_taken, detour,
			      memory_order_release);
}
