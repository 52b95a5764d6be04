/* SPDX-License-Identifier: MIT */
/*
 * Clocks and sleeps in virtual time.
 *
 * Time does not pass by itself. Each thread has a clock of its own, which it
 * gets from who creates it, and which moves when a deadline of the thread's
 * passes, when it sleeps, when it joins a thread that is later, and by jumps:
 * where a thread has looked at the clock before and has seen or done something
 * new since, a look at it is a choice whether it is much later now. So a
 * deadline that is polled can pass between any two looks. A loop that only
 * looks at the clock ends at its second look. Deadlines pass a bounded number
 * of times for a thread and an execution.
 *
 * What is not modelled: threads that learn of each other's time otherwise than
 * by create and join, CPU-time clocks (they show the same), and how long a
 * thing takes.
 *
 * Source: POSIX.1-2017 clock_gettime, nanosleep, clock_nanosleep.
 */
#include "call.h"

#include <errno.h>
#include <sys/time.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)

/* CLOCK_MONOTONIC at the start, how far CLOCK_REALTIME is ahead of it, and how
 * far a clock jumps: past any deadline that a test would set. */
#define START	   (1000 * NS_PER_S)
#define REALTIME_S INT64_C(1600000000)
#define JUMP	   (3600 * NS_PER_S)
#define FAR_S	   INT64_C(9000000000)

/* Deadlines that may pass for a thread in one execution: a loop that tries
 * again and again has no end without a bound. */
enum { PASSED_MAX = 3 };

struct clock {
	uint32_t execution; /* in which this holds */
	unsigned looks, passed;
	/* as they were at its last look */
	unsigned events, turns;
	/* the events that it had before its last two choices */
	unsigned choice, choice_before;
	uint64_t now;
};

static struct clock clocks[THREADS_MAX];

static struct clock *clock_of(unsigned thread)
{
	struct clock *c = &clocks[thread];

	if (c->execution != execution)
		*c = (struct clock){ .execution = execution, .now = START };
	return c;
}

uint64_t time_now(void)
{
	return clock_of(op_thread())->now;
}

void time_pass(uint64_t until)
{
	struct clock *c = clock_of(op_thread());

	if (until != NEVER && until > c->now)
		c->now = until;
}

void time_created(unsigned thread)
{
	const struct clock *mine = clock_of(op_thread());

	clocks[thread] = (struct clock){ .execution = execution,
					 .looks = mine->looks,
					 .now = mine->now };
}

void time_joined(unsigned thread)
{
	time_pass(clock_of(thread)->now);
}

/* Times from REALTIME_S on are taken for real ones: a condition's clock is an
 * attribute that is not visible to a wait. */
static bool nanoseconds(const struct timespec *t, int64_t zero, uint64_t *ns)
{
	int64_t s = t->tv_sec - zero;

	if (t->tv_nsec < 0 || t->tv_nsec >= (long)NS_PER_S)
		return false;
	*ns = 0;
	if (s >= FAR_S)
		*ns = NEVER - 1;
	else if (s >= 0)
		*ns = (uint64_t)s * NS_PER_S + (uint64_t)t->tv_nsec;
	return true;
}

bool time_deadline(const struct timespec *t, uint64_t *deadline)
{
	int64_t zero = t->tv_sec >= REALTIME_S ? REALTIME_S : 0;

	return nanoseconds(t, zero, deadline);
}

bool time_interval(const struct timespec *t, uint64_t *deadline)
{
	if (t->tv_sec < 0 || !nanoseconds(t, 0, deadline))
		return false;
	if (*deadline < NEVER - 1)
		*deadline += time_now();
	return true;
}

static bool may_pass(const struct clock *c)
{
	if (c->passed < PASSED_MAX)
		return true;
	atomic_store_explicit(&page->bounded, 1, memory_order_relaxed);
	return false;
}

bool time_may_pass(uint64_t deadline)
{
	const struct clock *c = clock_of(op_thread());

	return deadline != NEVER && (page->timeouts || deadline <= c->now) &&
	       may_pass(c);
}

void time_expire(uint64_t deadline)
{
	clock_of(op_thread())->passed++;
	time_pass(deadline);
}

enum wait_end time_choose(const struct call *c, uint64_t deadline)
{
	return time_may_pass(deadline) && op_choose(2, c->what, c->pc) == 1
		       ? WAIT_EXPIRED
		       : WAIT_DONE;
}

/* Is there one like it among the thread's events from..to? */
static bool repeats(const struct event *e, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		const struct event *x = graph_event(graph, e->thread, i);

		if (x->op.pc == e->op.pc && x->location == e->location &&
		    x->rf == e->rf && x->op.kind == e->op.kind)
			return !(x->flags & EVENT_WRITES);
	}
	return false;
}

/* Since its last choice the thread has only read what it had read before. */
static bool nothing_new(const struct clock *c)
{
	unsigned me = op_thread();

	for (unsigned i = c->choice + 1; i < running->next; i++)
		if (!repeats(graph_event(graph, me, i), c->choice_before,
			     c->choice))
			return false;
	return c->choice != 0;
}

/* Is it later than at the last look? */
static bool jumps(struct clock *c, const void *pc)
{
	bool later;

	if (c->looks == 0)
		return false; /* nobody can have computed a deadline */
	if (c->events == running->next && c->turns == running->repeats)
		return true; /* a loop of looks alone */
	if (!page->timeouts || nothing_new(c) || !may_pass(c))
		later = false;
	else {
		c->choice_before = c->choice;
		c->choice = running->next;
		later = op_choose(2, "clock", pc) == 1;
		c->passed += later;
	}
	if (!later)
		running->looked_at_clock = running->next;
	return later;
}

static uint64_t look(const void *pc)
{
	struct clock *c = clock_of(op_thread());

	if (jumps(c, pc))
		c->now += JUMP;
	c->looks++;
	c->events = running->next;
	c->turns = running->repeats;
	return c->now;
}

static int64_t ahead(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
			       clock == CLOCK_TAI
		       ? REALTIME_S
		       : 0;
}

static struct timespec timespec_of(uint64_t ns, int64_t zero)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S) + zero,
				  .tv_nsec = (long)(ns % NS_PER_S) };
}

CALL int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	if (unlikely(!running))
		return clock_gettime(clock, t);
	*t = timespec_of(look(__builtin_return_address(0)), ahead(clock));
	return 0;
}

CALL int __wrap_timespec_get(struct timespec *t, int base)
{
	if (unlikely(!running))
		return timespec_get(t, base);
	*t = timespec_of(look(__builtin_return_address(0)), REALTIME_S);
	return base;
}

CALL int __wrap_gettimeofday(struct timeval *restrict v, void *restrict zone)
{
	struct timespec t;

	if (unlikely(!running))
		return gettimeofday(v, zone);
	t = timespec_of(look(__builtin_return_address(0)), REALTIME_S);
	*v = (struct timeval){ .tv_sec = t.tv_sec,
			       .tv_usec = t.tv_nsec / 1000 };
	return 0;
}

CALL time_t __wrap_time(time_t *p)
{
	time_t t;

	if (unlikely(!running))
		return time(p);
	t = timespec_of(look(__builtin_return_address(0)), REALTIME_S).tv_sec;
	if (p)
		*p = t;
	return t;
}

/* Sleeping is passing time: what others do meanwhile, they may do anyway. */
static void sleep_until(uint64_t deadline)
{
	time_pass(deadline);
}

static int sleep_for(const struct timespec *t)
{
	uint64_t deadline;

	if (!time_interval(t, &deadline))
		return EINVAL;
	sleep_until(deadline);
	return 0;
}

CALL int __wrap_nanosleep(const struct timespec *t, struct timespec *left)
{
	int error;

	if (unlikely(!running))
		return nanosleep(t, left);
	error = sleep_for(t);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

CALL int __wrap_clock_nanosleep(clockid_t clock, int flags,
				const struct timespec *t, struct timespec *left)
{
	uint64_t deadline;

	if (unlikely(!running))
		return clock_nanosleep(clock, flags, t, left);
	if (!(flags & TIMER_ABSTIME))
		return sleep_for(t);
	if (!time_deadline(t, &deadline))
		return EINVAL;
	sleep_until(deadline);
	return 0;
}

CALL int __wrap_usleep(useconds_t us)
{
	if (unlikely(!running))
		return usleep(us);
	sleep_until(time_now() + us * UINT64_C(1000));
	return 0;
}

CALL unsigned __wrap_sleep(unsigned seconds)
{
	if (unlikely(!running))
		return sleep(seconds);
	sleep_until(time_now() + seconds * NS_PER_S);
	return 0;
}

CALL int __wrap_thrd_sleep(const struct timespec *t, struct timespec *left)
{
	if (unlikely(!running))
		return nanosleep(t, left);
	return sleep_for(t) ? -2 : 0;
}
