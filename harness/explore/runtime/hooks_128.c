/* SPDX-License-Identifier: MIT */
/*
 * Atomics of 16 bytes: a value of the graph has eight, so there is no verdict,
 * and the construct is named. Before an exploration nothing runs in parallel,
 * and a plain access will do.
 */
#include "engine.h"
#include "violation.h"

#pragma GCC visibility push(default)

typedef __int128 wide;

static void refuse(const char *name, const void *pc)
{
	if (running)
		violation_raise(UNSUPPORTED, pc, "128-bit atomic %s", name);
}

#define REFUSE(name) refuse(name, __builtin_return_address(0))

wide __tsan_atomic128_load(const volatile wide *a, int order)
{
	(void)order;
	REFUSE("load");
	return *a;
}

void __tsan_atomic128_store(volatile wide *a, wide v, int order)
{
	(void)order;
	REFUSE("store");
	*a = v;
}

#define RMW(name, expression)                                                  \
	wide __tsan_atomic128_##name(volatile wide *a, wide v, int order)      \
	{                                                                      \
		wide before = *a;                                              \
                                                                               \
		(void)order;                                                   \
		REFUSE(#name);                                                 \
		*a = expression;                                               \
		return before;                                                 \
	}
RMW(exchange, v)
RMW(fetch_add, before + v)
RMW(fetch_sub, before - v)
RMW(fetch_and, before &v)
RMW(fetch_or, before | v)
RMW(fetch_xor, before ^ v)
RMW(fetch_nand, ~(before &v))

static bool compare_exchange(volatile wide *a, wide *expected, wide v)
{
	wide before = *a;

	if (before != *expected) {
		*expected = before;
		return false;
	}
	*a = v;
	return true;
}

#define COMPARE_EXCHANGE(name)                                                 \
	int __tsan_atomic128_##name(volatile wide *a, wide *expected, wide v,  \
				    int order, int failed)                     \
	{                                                                      \
		(void)order, (void)failed;                                     \
		REFUSE(#name);                                                 \
		return compare_exchange(a, expected, v);                       \
	}
COMPARE_EXCHANGE(compare_exchange_strong)
COMPARE_EXCHANGE(compare_exchange_weak)

wide __tsan_atomic128_compare_exchange_val(volatile wide *a, wide expected,
					   wide v, int order, int failed)
{
	(void)order, (void)failed;
	REFUSE("compare_exchange_val");
	compare_exchange(a, &expected, v);
	return expected;
}
