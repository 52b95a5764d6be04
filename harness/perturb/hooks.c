/* SPDX-License-Identifier: MIT */
/*
 * What the compiler's calls do: tell the steps, look after freed memory, make
 * the access.
 *
 * An atomic is done with at least the order that it asks for, and a store with
 * no more than a release where it asks for no more: on x86 it stays a plain
 * store, and what hides in store buffers stays hidden.
 */
#include "../kit/tsan_abi.h"
#include "runtime.h"

#define PC __builtin_return_address(0)

static ALWAYS_INLINE void access_plain(const volatile void *a, size_t size,
				       const void *pc, enum point point)
{
	struct thread *t = self;

	if (t)
		step_at(t, pc, point);
	memory_access(a, size, pc, point == BEFORE_READ ? "read" : "write");
}

#define PLAIN(size)                                                            \
	void __tsan_read##size(void *a)                                        \
	{                                                                      \
		access_plain(a, size, PC, BEFORE_READ);                        \
	}                                                                      \
	void __tsan_write##size(void *a)                                       \
	{                                                                      \
		access_plain(a, size, PC, BEFORE_WRITE);                       \
	}                                                                      \
	void __tsan_read_write##size(void *a)                                  \
	{                                                                      \
		access_plain(a, size, PC, BEFORE_WRITE);                       \
	}                                                                      \
	void __tsan_unaligned_read##size(void *a)                              \
	{                                                                      \
		access_plain(a, size, PC, BEFORE_READ);                        \
	}                                                                      \
	void __tsan_unaligned_write##size(void *a)                             \
	{                                                                      \
		access_plain(a, size, PC, BEFORE_WRITE);                       \
	}                                                                      \
	void __tsan_volatile_read##size(void *a)                               \
	{                                                                      \
		access_plain(a, size, PC, BEFORE_READ);                        \
	}                                                                      \
	void __tsan_volatile_write##size(void *a)                              \
	{                                                                      \
		access_plain(a, size, PC, BEFORE_WRITE);                       \
	}
ABI_SIZES(PLAIN)

void __tsan_read_range(void *a, size_t size)
{
	access_plain(a, size, PC, BEFORE_READ);
}

void __tsan_write_range(void *a, size_t size)
{
	access_plain(a, size, PC, BEFORE_WRITE);
}

/* C++ objects: only the shim to Google Benchmark has any. */
void __tsan_vptr_update(void **a, void *value)
{
	(void)a, (void)value;
}

void __tsan_vptr_read(void **a)
{
	(void)a;
}

void __tsan_func_entry(void *caller)
{
	struct thread *t = self;

	if (t)
		t->callers[t->depth++ % CALLERS] = caller;
}

void __tsan_func_exit(void)
{
	struct thread *t = self;

	if (t)
		t->depth--;
}

static ALWAYS_INLINE void before_atomic(const volatile void *a, size_t size,
					const void *pc)
{
	struct thread *t = self;

	if (t)
		step_at(t, pc, BEFORE_ATOMIC);
	memory_access(a, size, pc, "atomic");
}

static ALWAYS_INLINE void after_atomic(const void *pc, bool changed)
{
	struct thread *t = self;

	if (!t)
		return;
	if (changed)
		step_moves(t);
	step_at(t, pc, AFTER_ATOMIC);
}

/* Each order a constant: of a variable the compiler makes the strongest. */
#define LOAD_AND_STORE(bits, type)                                             \
	type __tsan_atomic##bits##_load(const volatile type *a, int order)     \
	{                                                                      \
		type v;                                                        \
                                                                               \
		before_atomic(a, sizeof(*a), PC);                              \
		if (order == __ATOMIC_RELAXED)                                 \
			v = __atomic_load_n(a, __ATOMIC_RELAXED);              \
		else if (order == __ATOMIC_SEQ_CST)                            \
			v = __atomic_load_n(a, __ATOMIC_SEQ_CST);              \
		else                                                           \
			v = __atomic_load_n(a, __ATOMIC_ACQUIRE);              \
		after_atomic(PC, false);                                       \
		return v;                                                      \
	}                                                                      \
	void __tsan_atomic##bits##_store(volatile type *a, type v, int order)  \
	{                                                                      \
		before_atomic(a, sizeof(*a), PC);                              \
		if (order == __ATOMIC_RELAXED)                                 \
			__atomic_store_n(a, v, __ATOMIC_RELAXED);              \
		else if (order == __ATOMIC_SEQ_CST)                            \
			__atomic_store_n(a, v, __ATOMIC_SEQ_CST);              \
		else                                                           \
			__atomic_store_n(a, v, __ATOMIC_RELEASE);              \
		after_atomic(PC, true);                                        \
	}
ABI_WIDTHS(LOAD_AND_STORE)

#define RMW(bits, type, name, builtin)                                         \
	type __tsan_atomic##bits##_##name(volatile type *a, type v, int order) \
	{                                                                      \
		type before;                                                   \
                                                                               \
		(void)order;                                                   \
		before_atomic(a, sizeof(*a), PC);                              \
		before = builtin(a, v, __ATOMIC_SEQ_CST);                      \
		after_atomic(PC, true);                                        \
		return before;                                                 \
	}
#define ALL_RMW(bits, type) ABI_RMW(RMW, bits, type)
ABI_WIDTHS(ALL_RMW)

/* A weak one may fail for no reason, which x86 never shows. */
static ALWAYS_INLINE bool fails_weakly(const void *pc)
{
	struct thread *t = self;

	return unlikely(weak_fails_in) && t && step_fails_weakly(t, pc);
}

#define COMPARE_EXCHANGE(bits, type)                                           \
	static ALWAYS_INLINE bool compare_exchange##bits(                      \
		volatile type *a, type *expected, type v, const void *pc,      \
		bool fails)                                                    \
	{                                                                      \
		bool done = false;                                             \
                                                                               \
		before_atomic(a, sizeof(*a), pc);                              \
		if (fails)                                                     \
			*expected = __atomic_load_n(a, __ATOMIC_SEQ_CST);      \
		else                                                           \
			done = __atomic_compare_exchange_n(a, expected, v,     \
							   false,              \
							   __ATOMIC_SEQ_CST,   \
							   __ATOMIC_SEQ_CST);  \
		after_atomic(pc, done);                                        \
		return done;                                                   \
	}                                                                      \
	int __tsan_atomic##bits##_compare_exchange_strong(                     \
		volatile type *a, type *expected, type v, int order, int fail) \
	{                                                                      \
		(void)order, (void)fail;                                       \
		return compare_exchange##bits(a, expected, v, PC, false);      \
	}                                                                      \
	int __tsan_atomic##bits##_compare_exchange_weak(                       \
		volatile type *a, type *expected, type v, int order, int fail) \
	{                                                                      \
		(void)order, (void)fail;                                       \
		return compare_exchange##bits(a, expected, v, PC,              \
					      fails_weakly(PC));               \
	}                                                                      \
	type __tsan_atomic##bits##_compare_exchange_val(                       \
		volatile type *a, type expected, type v, int order, int fail)  \
	{                                                                      \
		(void)order, (void)fail;                                       \
		compare_exchange##bits(a, &expected, v, PC, false);            \
		return expected;                                               \
	}
ABI_WIDTHS(COMPARE_EXCHANGE)

void __tsan_atomic_thread_fence(int order)
{
	(void)order;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

#define REMARK(name, parameters)                                               \
	void __tsan_##name parameters                                          \
	{                                                                      \
	}
#pragma GCC diagnostic ignored "-Wunused-parameter"
ABI_REMARKS(REMARK)
