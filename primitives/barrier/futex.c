/* SPDX-License-Identifier: MIT */
/*
 * A barrier of one state word; waiters spin, yield a few times, then sleep.
 *
 * Source: own. The arrivals in one word with the round as in the
 * sense-reversing central barrier of J. Mellor-Crummey and M. Scott (TOCS
 * 1991), section 3.1.
 *
 * State  see _rounds.h for the state word
 *        turn  what sleepers sleep on: goes up whenever ASLEEP is taken away
 *
 * Edges  [A] [B] see _rounds.h
 *        [C] acquire load of turn before the look at the state pairs with [D]:
 *            whoever has seen a new turn sees the state that it was for
 *        [D] release increment of turn after the change pairs with [C]
 *
 * Progress: a waiter parks; whoever changes the state never waits.
 * Costs: one compare-exchange an arrival; a round makes a system call only if
 * somebody has gone to sleep. Loses to a tree of flags with many cores, since
 * all arrive at one cache line. A call of abort or reset uses the object until
 * it returns.
 */
#include "_rounds.h"

struct futex {
	struct rounds rounds;
	_Atomic uint32_t turn;
	uint32_t spin_turns; /* constant */
};

/*
 * With a core for each party a spin of about 10 us outlasts a wake-up (5 us),
 * so that one sleeper does not send the others to sleep as well. Without, the
 * others need our core: yield soon. Measured on 2 shared cores, medians of 7
 * interleaved rounds: 2 parties 0.6 M rounds/s at 100 turns, 6.3 M at 500; 4
 * parties 109 k/s at 500, 565 k/s (quartiles 239-625) at 32.
 */
enum {
	SPIN_TURNS = TURNS(500),
	SPIN_TURNS_CROWDED = TURNS(32),
	YIELDS = TURNS(8)
};

static uint32_t spin_turns(unsigned parties)
{
	static _Atomic uint32_t cores; /* asked once: it costs a file */
	uint32_t n = atomic_load_explicit(&cores, memory_order_relaxed);

	if (n == 0) {
		n = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
		atomic_store_explicit(&cores, n, memory_order_relaxed);
	}
	return parties <= n ? SPIN_TURNS : SPIN_TURNS_CROWDED;
}

static void wake(struct rounds *r)
{
	struct futex *b = (struct futex *)r;

	/* [D] */
	atomic_fetch_add_explicit(&b->turn, 1, memory_order_release);
	futex_wake_all(&b->turn);
}

static bool spin(struct rounds *r, uint64_t seen)
{
	uint32_t turns = ((struct futex *)r)->spin_turns;

	for (uint32_t i = 0; i < turns + YIELDS; i++) {
		if ((look(r) ^ seen) & NEWS)
			return true;
		if (i < turns)
			cpu_relax();
		else
			yield_core();
	}
	return false;
}

static bool await(struct rounds *r, uint64_t seen, uint64_t deadline)
{
	struct futex *b = (struct futex *)r;

	if (deadline && spin(r, seen))
		return true;
	for (;;) {
		/* [C] */
		uint32_t turn =
			atomic_load_explicit(&b->turn, memory_order_acquire);
		uint64_t s = look(r);

		if ((s ^ seen) & NEWS)
			return true;
		/* relaxed: it only passes on what others have released */
		if (!(s & ASLEEP) &&
		    !atomic_compare_exchange_weak_explicit(
			    &r->state, &s, s | ASLEEP, memory_order_relaxed,
			    memory_order_relaxed))
			continue;
		if (futex_wait(&b->turn, turn, deadline) == ETIMEDOUT)
			return false;
	}
}

static int init(void *barrier, unsigned parties)
{
	struct futex *b = barrier;

	atomic_init(&b->turn, 0);
	b->spin_turns = spin_turns(parties);
	return rounds_init(&b->rounds, parties);
}

static void age(void *barrier, uint32_t left)
{
	struct futex *b = barrier;

	rounds_age(barrier, left);
	/* relaxed: nobody uses it yet */
	atomic_store_explicit(&b->turn, -left, memory_order_relaxed);
}

static int wait(void *barrier, uint64_t deadline, unsigned *index)
{
	return rounds_wait(barrier, deadline, index, await, wake);
}

static void abort_(void *barrier)
{
	rounds_abort(barrier, wake);
}

static void reset(void *barrier)
{
	rounds_reset(barrier, wake);
}

REGISTER_BARRIER(
	.id = {
		.name = "futex",
		.family = FUTEX,
		.brief = "one state word; spins, yields, then sleeps",
		.source = "own, after Mellor-Crummey and Scott (TOCS 1991)",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct futex),
		.age = age,
	},
	.init = init,
	.wait = wait,
	.abort = abort_,
	.reset = reset,
	.waiting = rounds_waiting,
	.broken = rounds_broken);
