/* SPDX-License-Identifier: MIT */
/*
 * seq_cst and [A]: see cancel.c, which reads what is stored here.
 */
#include "wait.h"

#include <stdarg.h>
#include <time.h>

#include "calls.h"
#include "counts.h"
#include "interrupt.h"

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
int __real_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int *__real___errno_location(void);
int *__wrap___errno_location(void);

static _Thread_local struct wait *current
	__attribute__((tls_model("initial-exec")));
static _Thread_local int own_errno __attribute__((tls_model("initial-exec")));

int *__wrap___errno_location(void)
{
	return &own_errno;
}

int fail_with(int error)
{
	*__real___errno_location() = error;
	return -1;
}

int wait_check_clock(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC ? 0 : EINVAL;
}

int wait_check_time(const struct timespec *until)
{
	return until->tv_nsec >= 0 && until->tv_nsec < (long)NS_PER_S ? 0
								      : EINVAL;
}

static bool is_cancelled(const struct wait *w)
{
	return atomic_load_explicit(&w->cancelled, memory_order_seq_cst);
}

bool wait_over(const struct wait *w)
{
	struct timespec now;

	if (is_cancelled(w))
		return true;
	if (!w->until)
		return false;
	__real_clock_gettime(w->clock, &now);
	return now.tv_sec > w->until->tv_sec ||
	       (now.tv_sec == w->until->tv_sec &&
		now.tv_nsec >= w->until->tv_nsec);
}

/* ---- the futex ---- */

/* Is it the sleep of a wait whose end is ours to decide? */
static bool is_ours(long number, const long *a)
{
	const struct timespec *t = (const struct timespec *)a[3];

	return number == SYS_futex &&
	       (a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET && t &&
	       t->tv_sec >= deadline_timespec(END_OF_WAIT).tv_sec;
}

/* The real call, and the program's errno as it was. */
static long quietly(long number, const long *a)
{
	int *theirs = __real___errno_location();
	int before = *theirs;
	long r = __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);

	own_errno = *theirs;
	*theirs = before;
	return r;
}

static long time_is_up(void)
{
	own_errno = ETIMEDOUT;
	return -1;
}

static long sleep_in(struct wait *w, long *a)
{
	long r;

	if (w->until &&
	    w->until->tv_sec < 0) /* the kernel knows no such time */
		return time_is_up();
	if (w->until && w->clock == CLOCK_REALTIME)
		a[1] |= FUTEX_CLOCK_REALTIME;
	a[3] = (long)w->until;
	atomic_store_explicit(&w->asleep_on, (const _Atomic uint32_t *)a[0],
			      memory_order_seq_cst);
	r = is_cancelled(w) ? time_is_up() : quietly(SYS_futex, a);
	/* [A] */
	atomic_store_explicit(&w->asleep_on, NULL, memory_order_release);
	if (r < 0 && own_errno == EINTR && w->interruptible) {
		w->interrupted = true;
		return time_is_up();
	}
	return r;
}

long __wrap_syscall(long number, ...)
{
	va_list arguments;
	long a[6];

	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (current && is_ours(number, a))
		return sleep_in(current, a);
	return quietly(number, a);
}

void wait_a_moment(long ns)
{
	struct timespec t = { .tv_nsec = ns };

	syscall(SYS_nanosleep, &t, NULL);
}

int wait_poll(const struct wait *w, int (*attempt)(void *object), void *object)
{
	long pause_ns = 20000;

	count(COUNT_polled);
	while (attempt(object)) {
		if (wait_over(w))
			return ETIMEDOUT;
		wait_a_moment(pause_ns);
		if (pause_ns < 1000000)
			pause_ns *= 2;
	}
	return 0;
}

/* ---- the clock ---- */

/* A spinner's handlers run here. */
static bool is_interrupted(struct wait *w)
{
	if (w->spins && w->interruptible && !w->interrupted) {
		wait_pause();
		w->interrupted = interrupt_look(&w->mask);
		wait_resume(w);
	}
	return w->interrupted;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	if (likely(!current) ||
	    (!is_interrupted(current) && !wait_over(current)))
		return __real_clock_gettime(clock, t);
	*t = (struct timespec){ .tv_sec = (time_t)(DEADLINE_NEVER / NS_PER_S),
				.tv_nsec = (long)(DEADLINE_NEVER % NS_PER_S) };
	return 0;
}

/* ---- begin and end ---- */

void wait_begin(struct wait *w)
{
	w->outer = current;
	current = w;
}

void wait_end(struct wait *w)
{
	current = w->outer;
}

struct wait *wait_pause(void)
{
	struct wait *w = current;

	current = NULL;
	return w;
}

void wait_resume(struct wait *w)
{
	current = w;
}
