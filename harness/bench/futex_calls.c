/* SPDX-License-Identifier: MIT */
#include "futex_calls.h"

#include <stdarg.h>
#include <stdatomic.h>

#include "../../primitives/sync.h"

/* Threads take places as they come; all that come late share the last one. */
enum { PLACES = 1024 };

static struct place {
	_Alignas(CACHE_LINE) _Atomic uint64_t n[FUTEX_CALLS];
} places[PLACES];

static _Atomic uint32_t taken;
static _Thread_local struct place *own;

static struct place *take_place(void)
{
	/* relaxed, here and below: numbers that publish nothing */
	uint32_t i = atomic_load_explicit(&taken, memory_order_relaxed);

	if (i < PLACES)
		i = atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
	return &places[i < PLACES ? i : PLACES - 1];
}

/* A thread alone in its place needs no locked instruction, which would cost
 * 25 ns next to a system call. */
static void count(enum futex_call call)
{
	_Atomic uint64_t *n;

	if (unlikely(!own))
		own = take_place();
	n = &own->n[call];
	if (likely(own != &places[PLACES - 1]))
		atomic_store_explicit(
			n, atomic_load_explicit(n, memory_order_relaxed) + 1,
			memory_order_relaxed);
	else
		atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

enum futex_call futex_call_of(int op)
{
	switch (op & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
	case FUTEX_WAIT_BITSET:
	case FUTEX_WAIT_REQUEUE_PI:
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return FUTEX_CALL_WAIT;
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
	case FUTEX_WAKE_OP:
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
	case FUTEX_CMP_REQUEUE_PI:
	case FUTEX_UNLOCK_PI:
		return FUTEX_CALL_WAKE;
	default:
		return FUTEX_CALLS;
	}
}

_Atomic(futex_detour *) futex_detour_taken;

/* Names that the linker gives: syscall() of our objects, and the real one. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

long futex_kernel(const long a[6])
{
	return __real_syscall(SYS_futex, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static long futex(const long a[6])
{
	enum futex_call call = futex_call_of((int)a[1]);
	/* acquire: pairs with whoever has set it and what it looks at */
	futex_detour *detour =
		atomic_load_explicit(&futex_detour_taken, memory_order_acquire);

	if (call < FUTEX_CALLS)
		count(call);
	return unlikely(detour != NULL) ? detour(a) : futex_kernel(a);
}

long __wrap_syscall(long number, ...)
{
	long a[6];
	va_list arguments;

	/* as syscall(2) itself: six are passed on, whatever was given */
	va_start(arguments, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(arguments, long);
	va_end(arguments);
	if (number == SYS_futex)
		return futex(a);
	return __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void futex_calls(uint64_t sums[FUTEX_CALLS])
{
	uint32_t n = atomic_load_explicit(&taken, memory_order_relaxed);

	sums[FUTEX_CALL_WAIT] = sums[FUTEX_CALL_WAKE] = 0;
	for (uint32_t i = 0; i < n && i < PLACES; i++)
		for (int call = 0; call < FUTEX_CALLS; call++)
			sums[call] += atomic_load_explicit(
				&places[i].n[call], memory_order_relaxed);
}
