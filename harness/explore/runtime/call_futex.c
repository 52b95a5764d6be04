/* SPDX-License-Identifier: MIT */
/*
 * syscall(2): futexes, and the few other calls that synchronization needs.
 *
 * Source: futex(2), FUTEX_LOCK_PI(2const); Linux kernel/futex/waitwake.c,
 * requeue.c and pi.c for what they return and in which order.
 *
 * The kernel compares and goes to sleep, or wakes, under the lock of the word's
 * hash bucket. So a word has a hidden queue (call_queue.h), whose co order is
 * the order of that lock. A wait reads the word, then enters the queue provided
 * that the word it has read is still up to date there: a wake that came first
 * tells of the store before it. A wake changes the queue even if nobody is
 * there, since it is ordered before those who sleep later.
 *
 * WAKE_OP is its operation on the second word and then two wakes; the kernel
 * does all in one step, but none of the sleepers can tell.
 *
 * Priority inheritance: there are no priorities here, what is left is the
 * protocol. The word holds the owner's number and FUTEX_WAITERS; an unlock
 * hands the word to the first sleeper, who waits for that. An unlock without
 * sleepers frees the word and then asserts that there are none still: one who
 * enters later must have seen the free word.
 *
 * A system call is no fence beyond this; code that needs one has to say so.
 * Wakes need no live memory. Words need it, and 4-byte alignment.
 */
#include "call_queue.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

struct futex {
	struct call call;
	uintptr_t queue;
	uint32_t *word, *second;
	uint32_t value, mask, second_limit;
	uint64_t deadline;
};

static struct op word_op(const struct futex *f, const uint32_t *word,
			 enum op_kind kind, int order)
{
	struct op op = call_op(&f->call, kind, order, (uintptr_t)word);

	memory_check(op.key, 4, f->call.what, f->call.pc);
	op.size = 4;
	return op;
}

static uint32_t load(const struct futex *f)
{
	struct op op = word_op(f, f->word, OP_READ, __ATOMIC_RELAXED);

	return (uint32_t)op_do(&op);
}

static long wait(const struct futex *f)
{
	if (f->mask == 0)
		return -EINVAL;
	if (load(f) != f->value)
		return -EAGAIN;
	queue_enter(&f->call, f->queue, f->mask, true);
	switch (queue_sleep(&f->call, f->queue, f->deadline, true)) {
	case QUEUE_EXPIRED:
		return -ETIMEDOUT;
	case QUEUE_EINTR:
		return -EINTR;
	default:
		return 0;
	}
}

/* The kernel looks whether it has woken enough after each, so 0 is 1. */
static unsigned at_least_one(uint32_t n)
{
	return (int)n > 1 ? n : 1;
}

static long wake(const struct futex *f)
{
	if (f->mask == 0)
		return -EINVAL;
	return (long)queue_wake(&f->call, f->queue, at_least_one(f->value),
				f->mask);
}

static long requeue(const struct futex *f, bool compare, uint32_t expected)
{
	if ((int)f->value < 0 || (int)f->second_limit < 0)
		return -EINVAL;
	if (f->word == f->second)
		violation_raise(UNSUPPORTED, f->call.pc,
				"%s from a word to itself", f->call.what);
	if (compare && load(f) != expected)
		return -EAGAIN;
	return (long)queue_move(&f->call, HIDDEN_QUEUE, f->word, f->second,
				f->value, f->second_limit, compare);
}

/* update: FUTEX_WAKE_OP's operation; expected: whether it is one. */
static bool operate(const struct op *op, uint64_t read, uint64_t *written)
{
	uint32_t code = (uint32_t)op->operand, old = (uint32_t)read;
	uint32_t argument = (uint32_t)((int32_t)(code << 8) >> 20);

	if (code >> 28 & FUTEX_OP_OPARG_SHIFT)
		argument = UINT32_C(1) << (argument & 31);
	switch (code >> 28 & 7) {
	case FUTEX_OP_SET:
		*written = argument;
		return true;
	case FUTEX_OP_ADD:
		*written = old + argument;
		return true;
	case FUTEX_OP_OR:
		*written = old | argument;
		return true;
	case FUTEX_OP_ANDN:
		*written = old & ~argument;
		return true;
	case FUTEX_OP_XOR:
		*written = old ^ argument;
		return true;
	}
	return false;
}

/* 1 or 0; -1: no such comparison */
static int compare(uint32_t code, int32_t old)
{
	int32_t argument = (int32_t)(code << 20) >> 20;

	switch (code >> 24 & 0xf) {
	case FUTEX_OP_CMP_EQ:
		return old == argument;
	case FUTEX_OP_CMP_NE:
		return old != argument;
	case FUTEX_OP_CMP_LT:
		return old < argument;
	case FUTEX_OP_CMP_GE:
		return old >= argument;
	case FUTEX_OP_CMP_LE:
		return old <= argument;
	case FUTEX_OP_CMP_GT:
		return old > argument;
	}
	return -1;
}

static long wake_op(const struct futex *f, uint32_t code)
{
	struct op op = word_op(f, f->second, OP_UPDATE, __ATOMIC_SEQ_CST);
	uintptr_t second = hidden_key(HIDDEN_QUEUE, (uintptr_t)f->second);
	uint64_t ignored;
	long woken;

	op.update = operate;
	op.operand = code;
	if (!operate(&op, 0, &ignored) || compare(code, 0) < 0)
		return -ENOSYS;

	int32_t old = (int32_t)op_do(&op);

	woken = (long)queue_wake(&f->call, f->queue, at_least_one(f->value),
				 QUEUE_ANY_MASK);
	if (compare(code, old))
		woken += (long)queue_wake(&f->call, second,
					  at_least_one(f->second_limit),
					  QUEUE_ANY_MASK);
	return woken;
}

/* update: take a free word, as system number `operand`; otherwise announce a
 * sleeper, if `expected`. */
static bool pi_take(const struct op *op, uint64_t read, uint64_t *written)
{
	uint64_t owner = read & FUTEX_TID_MASK;

	if (owner == 0)
		*written = (read & FUTEX_OWNER_DIED) | op->operand;
	else
		*written = read | FUTEX_WAITERS;
	return owner == 0 || (owner != op->operand && op->expected);
}

static bool pi_handed(const struct op *op, uint64_t value)
{
	return (value & FUTEX_TID_MASK) == op->operand;
}

static bool pi_set(const struct op *op, uint64_t read, uint64_t *written)
{
	(void)read;
	*written = op->operand;
	return true;
}

static long pi_sleep(const struct futex *f, uint64_t me)
{
	struct op op = word_op(f, f->word, OP_READ, __ATOMIC_ACQUIRE);

	queue_enter(&f->call, f->queue, QUEUE_ANY_MASK, true);
	if (time_choose(&f->call, f->deadline) == WAIT_EXPIRED) {
		queue_leave(&f->call, f->queue);
		time_expire(f->deadline);
		return -ETIMEDOUT;
	}
	op.admits = pi_handed;
	op.operand = me;
	op.moot = f->deadline != NEVER;
	op_do(&op);
	return 0;
}

static long pi_lock(const struct futex *f, bool try)
{
	struct op op = word_op(f, f->word, OP_UPDATE, __ATOMIC_ACQ_REL);
	uint64_t me = thread_system_number(op_thread()), word, owner;

	op.update = pi_take;
	op.operand = me;
	op.expected = !try;
	op.failed = __ATOMIC_ACQUIRE;
	do {
		word = op_do(&op);
		owner = word & FUTEX_TID_MASK;
		if (owner == 0)
			return 0;
		if (owner == me)
			return -EDEADLK;
		if (try)
			return -EAGAIN;
		/* what has to be so still when it goes to sleep */
	} while (load(f) != (word | FUTEX_WAITERS));
	return pi_sleep(f, me);
}

static long pi_unlock(const struct futex *f)
{
	struct op op = word_op(f, f->word, OP_UPDATE, __ATOMIC_ACQ_REL);
	unsigned next;

	if ((load(f) & FUTEX_TID_MASK) != thread_system_number(op_thread()))
		return -EPERM;
	next = queue_pop(&f->call, f->queue);
	op.update = pi_set;
	if (next)
		op.operand = FUTEX_WAITERS | thread_system_number(next - 1);
	op_do(&op);
	if (!next)
		queue_expect_none(&f->call, f->queue);
	return 0;
}

static const char *const names[] = {
	[FUTEX_WAIT] = "futex wait",
	[FUTEX_WAKE] = "futex wake",
	[FUTEX_FD] = "FUTEX_FD",
	[FUTEX_REQUEUE] = "futex requeue",
	[FUTEX_CMP_REQUEUE] = "futex cmp_requeue",
	[FUTEX_WAKE_OP] = "futex wake_op",
	[FUTEX_LOCK_PI] = "futex lock_pi",
	[FUTEX_UNLOCK_PI] = "futex unlock_pi",
	[FUTEX_TRYLOCK_PI] = "futex trylock_pi",
	[FUTEX_WAIT_BITSET] = "futex wait_bitset",
	[FUTEX_WAKE_BITSET] = "futex wake_bitset",
	[FUTEX_WAIT_REQUEUE_PI] = "FUTEX_WAIT_REQUEUE_PI",
	[FUTEX_CMP_REQUEUE_PI] = "FUTEX_CMP_REQUEUE_PI",
	[FUTEX_LOCK_PI2] = "futex lock_pi2",
};

static bool deadline_of(unsigned command, const struct timespec *t,
			uint64_t *deadline)
{
	*deadline = NEVER;
	switch (command) {
	case FUTEX_WAIT:
		return !t || time_interval(t, deadline);
	case FUTEX_WAIT_BITSET:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return !t || time_deadline(t, deadline);
	}
	return true;
}

static long unsupported(const struct call *c, const char *name, long number)
{
	if (name)
		violation_raise(UNSUPPORTED, c->pc, "%s", name);
	else
		violation_raise(UNSUPPORTED, c->pc, "%s %ld", c->what, number);
	return -ENOSYS;
}

static long futex(const long *a, const void *pc)
{
	unsigned command = (unsigned)a[1] & (unsigned)FUTEX_CMD_MASK;
	bool known = command < sizeof(names) / sizeof(*names);
	struct futex f = {
		.call = { known ? names[command] : "futex operation",
			  (void *)a[0], pc },
		.queue = hidden_key(HIDDEN_QUEUE, (uintptr_t)a[0]),
		.word = (uint32_t *)a[0],
		.second = (uint32_t *)a[4],
		.value = (uint32_t)a[2],
		.mask = QUEUE_ANY_MASK,
		.second_limit = (uint32_t)a[3],
	};

	if (a[0] & 3 ||
	    !deadline_of(command, (struct timespec *)a[3], &f.deadline))
		return -EINVAL;
	switch (command) {
	case FUTEX_WAIT_BITSET:
		f.mask = (uint32_t)a[5];
		__attribute__((fallthrough));
	case FUTEX_WAIT:
		return wait(&f);
	case FUTEX_WAKE_BITSET:
		f.mask = (uint32_t)a[5];
		__attribute__((fallthrough));
	case FUTEX_WAKE:
		return wake(&f);
	case FUTEX_REQUEUE:
		return requeue(&f, false, 0);
	case FUTEX_CMP_REQUEUE:
		return requeue(&f, true, (uint32_t)a[5]);
	case FUTEX_WAKE_OP:
		return wake_op(&f, (uint32_t)a[5]);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return pi_lock(&f, false);
	case FUTEX_TRYLOCK_PI:
		return pi_lock(&f, true);
	case FUTEX_UNLOCK_PI:
		return pi_unlock(&f);
	}
	return unsupported(&f.call, known ? names[command] : NULL, a[1]);
}

/*
 * The real one is a fence in every thread that runs, which no event here is. A
 * fence of the caller alone would tell a right program that it is wrong.
 */
static long membarrier(const struct call *c, long command)
{
	if (command == MEMBARRIER_CMD_QUERY)
		return 0;
	violation_raise(UNSUPPORTED, c->pc, "membarrier command %ld", command);
	return -EINVAL;
}

static long answer(long number, const long *a, const void *pc)
{
	struct call c = { "syscall", NULL, pc };

	switch (number) {
	case SYS_futex:
		return futex(a, pc);
	case SYS_gettid:
		return (long)thread_system_number(op_thread());
	case SYS_getpid:
		return (long)thread_system_number(0);
	case SYS_sched_yield:
		return 0;
	case SYS_membarrier:
		return membarrier(&c, a[0]);
	}
	return unsupported(&c, NULL, number);
}

CALL long __wrap_syscall(long number, ...)
{
	long a[6], r;
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (unlikely(!running))
		return syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	r = answer(number, a, __builtin_return_address(0));
	if (r >= 0)
		return r;
	errno = (int)-r;
	return -1;
}
