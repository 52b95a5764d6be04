/* SPDX-License-Identifier: MIT */
/*
 * What the compiler's calls do: an atomic access or a fence becomes an event, a
 * plain access is checked for races and then made by the program itself.
 *
 * Outside of an exploration (no fiber runs) each makes the access that it
 * stands for, with the strongest order.
 */
#include "../../kit/tsan_abi.h"
#include "engine.h"
#include "kept.h"
#include "memory.h"
#include "race.h"
#include "sites.h"
#include "violation.h"

/* for the program to be linked with */
#pragma GCC visibility push(default)

#define PC __builtin_return_address(0)

/* ---- plain accesses ---- */

static void plain(const volatile void *a, size_t size, bool write,
		  const void *pc)
{
	if (!running)
		return;
	memory_check((uintptr_t)a, size, write ? "write" : "read", pc);
	race_plain((uintptr_t)a, size, write, pc);
}

#define PLAIN(name, size, write)                                               \
	void __tsan_##name##size(void *a)                                      \
	{                                                                      \
		plain(a, size, write, PC);                                     \
	}
#define PLAIN_OF_SIZE(size)                                                    \
	PLAIN(read, size, false)                                               \
	PLAIN(write, size, true)                                               \
	PLAIN(read_write, size, true)                                          \
	PLAIN(unaligned_read, size, false)                                     \
	PLAIN(unaligned_write, size, true)                                     \
	PLAIN(unaligned_read_write, size, true)                                \
	PLAIN(volatile_read, size, false)                                      \
	PLAIN(volatile_write, size, true)                                      \
	PLAIN(unaligned_volatile_read, size, false)                            \
	PLAIN(unaligned_volatile_write, size, true)
ABI_SIZES(PLAIN_OF_SIZE)

void __tsan_read_range(void *a, size_t size)
{
	plain(a, size, false, PC);
}

void __tsan_write_range(void *a, size_t size)
{
	plain(a, size, true, PC);
}

void __tsan_vptr_update(void **a, void *value)
{
	if (*a != value)
		plain(a, sizeof(*a), true, PC);
}

void __tsan_vptr_read(void **a)
{
	plain(a, sizeof(*a), false, PC);
}

/* ---- atomic accesses ---- */

static int8_t order_of(int order)
{
	return (int8_t)(order == __ATOMIC_CONSUME ? __ATOMIC_ACQUIRE : order);
}

static struct op access_op(enum op_kind kind, const volatile void *a,
			   size_t size, int order, const void *pc)
{
	return (struct op){
		.kind = kind,
		.order = order_of(order),
		.failed = order_of(order),
		.size = (uint8_t)size,
		.key = (uintptr_t)a,
		.pc = pc,
	};
}

static uint64_t do_access(struct op *op)
{
	memory_check(op->key, op->size, "atomic", op->pc);
	/* what is nowhere crashes here, where it is this thread's doing */
	(void)*(const volatile char *)op->key;
	site_orders(op);
	return op_do(op);
}

#define LOAD_AND_STORE(bits, type)                                             \
	type __tsan_atomic##bits##_load(const volatile type *a, int order)     \
	{                                                                      \
		struct op op;                                                  \
                                                                               \
		if (!running)                                                  \
			return __atomic_load_n(a, __ATOMIC_SEQ_CST);           \
		op = access_op(OP_READ, a, sizeof(*a), order, PC);             \
		return (type)do_access(&op);                                   \
	}                                                                      \
	void __tsan_atomic##bits##_store(volatile type *a, type v, int order)  \
	{                                                                      \
		struct op op;                                                  \
                                                                               \
		if (!running) {                                                \
			__atomic_store_n(a, v, __ATOMIC_SEQ_CST);              \
			return;                                                \
		}                                                              \
		op = access_op(OP_WRITE, a, sizeof(*a), order, PC);            \
		op.operand = v;                                                \
		do_access(&op);                                                \
	}
ABI_WIDTHS(LOAD_AND_STORE)

static uint64_t cut(const struct op *op, uint64_t v)
{
	return op->size < 8 ? v & ((UINT64_C(1) << 8 * op->size) - 1) : v;
}

#define UPDATE(name, expression)                                               \
	static bool update_##name(const struct op *op, uint64_t read,          \
				  uint64_t *written)                           \
	{                                                                      \
		(void)read;                                                    \
		*written = cut(op, expression);                                \
		return true;                                                   \
	}
UPDATE(exchange, op->operand)
UPDATE(fetch_add, read + op->operand)
UPDATE(fetch_sub, read - op->operand)
UPDATE(fetch_and, read & op->operand)
UPDATE(fetch_or, read | op->operand)
UPDATE(fetch_xor, read ^ op->operand)
UPDATE(fetch_nand, ~(read & op->operand))

#define RMW(bits, type, name, builtin)                                         \
	type __tsan_atomic##bits##_##name(volatile type *a, type v, int order) \
	{                                                                      \
		struct op op;                                                  \
                                                                               \
		if (!running)                                                  \
			return builtin(a, v, __ATOMIC_SEQ_CST);                \
		op = access_op(OP_UPDATE, a, sizeof(*a), order, PC);           \
		op.operand = v;                                                \
		op.update = update_##name;                                     \
		return (type)do_access(&op);                                   \
	}
#define ALL_RMW(bits, type) ABI_RMW(RMW, bits, type)
ABI_WIDTHS(ALL_RMW)

static bool is_expected(const struct op *op, uint64_t value)
{
	return value == op->expected;
}

static bool update_compare_exchange(const struct op *op, uint64_t read,
				    uint64_t *written)
{
	*written = op->operand;
	return is_expected(op, read);
}

/* May this one fail for no reason? Not twice in a row at the same place: it
 * would be where it was, and a loop that only fails is one that no processor
 * runs for ever. */
static bool may_fail_weakly(const struct op *op)
{
	return page->weak_fails && running->weakly != op->pc;
}

/* For no reason: it reads what it expects. (Where it reads another value, it
 * fails anyhow.) clang's weak ones arrive as compare_exchange_val, as strong
 * ones do, and never fail. */
static bool fail_weakly(struct op *op)
{
	running->weakly = op->pc;
	site_orders(op);
	op->kind = OP_READ;
	op->order = op->failed;
	op->admits = is_expected;
	op->moot = true;
	op_do(op);
	/* what follows is another turn, though it may look like the last */
	engine_effect(running);
	return false;
}

/* Did it write? op->expected becomes what it has read. */
static bool compare_exchange(struct op *op, bool weak)
{
	uint64_t read;
	bool done;

	op->update = update_compare_exchange;
	if (weak && may_fail_weakly(op) &&
	    op_choose(2, "weak compare-exchange", op->pc))
		return fail_weakly(op);
	running->weakly = NULL;
	read = do_access(op);
	done = read == op->expected;
	op->expected = read;
	return done;
}

#define COMPARE_EXCHANGE(bits, type)                                           \
	static bool compare_exchange##bits(volatile type *a, type *expected,   \
					   type v, int order, int failed,      \
					   bool weak, const void *pc)          \
	{                                                                      \
		struct op op;                                                  \
		bool done;                                                     \
                                                                               \
		if (!running)                                                  \
			return __atomic_compare_exchange_n(a, expected, v,     \
							   false,              \
							   __ATOMIC_SEQ_CST,   \
							   __ATOMIC_SEQ_CST);  \
		op = access_op(OP_UPDATE, a, sizeof(*a), order, pc);           \
		op.failed = order_of(failed);                                  \
		op.operand = v;                                                \
		op.expected = *expected;                                       \
		done = compare_exchange(&op, weak);                            \
		*expected = (type)op.expected;                                 \
		return done;                                                   \
	}                                                                      \
	int __tsan_atomic##bits##_compare_exchange_strong(volatile type *a,    \
							  type *expected,      \
							  type v, int order,   \
							  int failed)          \
	{                                                                      \
		return compare_exchange##bits(a, expected, v, order, failed,   \
					      false, PC);                      \
	}                                                                      \
	int __tsan_atomic##bits##_compare_exchange_weak(volatile type *a,      \
							type *expected,        \
							type v, int order,     \
							int failed)            \
	{                                                                      \
		return compare_exchange##bits(a, expected, v, order, failed,   \
					      true, PC);                       \
	}                                                                      \
	type __tsan_atomic##bits##_compare_exchange_val(volatile type *a,      \
							type expected, type v, \
							int order, int failed) \
	{                                                                      \
		compare_exchange##bits(a, &expected, v, order, failed, false,  \
				       PC);                                    \
		return expected;                                               \
	}
ABI_WIDTHS(COMPARE_EXCHANGE)

/* ---- what is no access ---- */

void __tsan_atomic_thread_fence(int order)
{
	struct op op = { .kind = OP_FENCE, .pc = PC };

	if (!running || order == __ATOMIC_RELAXED)
		return;
	op.order = op.failed = order_of(order);
	site_orders(&op);
	if (op.order != __ATOMIC_RELAXED)
		op_do(&op);
}

/* Between a thread and its own signal handlers. */
void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

/* The stack, for reports. */
void __tsan_func_entry(void *caller)
{
	if (!tracing || !running)
		return;
	if (running->depth < CALLS_MAX)
		running->calls[running->depth] = caller;
	running->depth++;
}

void __tsan_func_exit(void)
{
	if (tracing && running && running->depth)
		running->depth--;
}

/* A program's own cpu_relax: weak there, to be called if there is one. */
void explore_relax(void);
void explore_relax(void)
{
	if (running)
		op_relax();
}

#define REMARK(name, parameters)                                               \
	void __tsan_##name parameters                                          \
	{                                                                      \
	}
#pragma GCC diagnostic ignored "-Wunused-parameter"
ABI_REMARKS(REMARK)
