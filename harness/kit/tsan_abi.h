/* SPDX-License-Identifier: MIT */
/*
 * What gcc and clang call under -fsanitize=thread, as lists: a runtime expands
 * each with a macro of its own that defines the functions of one entry.
 *
 * Source: gcc/sanitizer.def, gcc/tsan.cc; LLVM's ThreadSanitizer.cpp; the types
 * are those of compiler-rt's tsan_interface.h and tsan_interface_atomic.h.
 * 128-bit atomics are apart, in names only: nothing here uses them.
 */
#ifndef TSAN_ABI_H
#define TSAN_ABI_H

#include <stdint.h>

/* X(bytes): __tsan_read4, __tsan_unaligned_write8 ... */
#define ABI_SIZES(X) X(1) X(2) X(4) X(8) X(16)

/* X(bits, type): __tsan_atomic32_load, ..._store, ..._compare_exchange_... */
#define ABI_WIDTHS(X)                                                          \
	X(8, uint8_t) X(16, uint16_t) X(32, uint32_t) X(64, uint64_t)

/* X(bits, type, name in the ABI, the compiler's own builtin) */
#define ABI_RMW(X, bits, type)                                                 \
	X(bits, type, exchange, __atomic_exchange_n)                           \
	X(bits, type, fetch_add, __atomic_fetch_add)                           \
	X(bits, type, fetch_sub, __atomic_fetch_sub)                           \
	X(bits, type, fetch_and, __atomic_fetch_and)                           \
	X(bits, type, fetch_or, __atomic_fetch_or)                             \
	X(bits, type, fetch_xor, __atomic_fetch_xor)                           \
	X(bits, type, fetch_nand, __atomic_fetch_nand)

/* X(name, parameters): remarks to a race detector, which mean nothing to
 * others (sanitizer/tsan_interface.h). */
#define ABI_REMARKS(X)                                                         \
	X(init, (void))                                                        \
	X(acquire, (void *a))                                                  \
	X(release, (void *a))                                                  \
	X(mutex_create, (void *a, unsigned flags))                             \
	X(mutex_destroy, (void *a, unsigned flags))                            \
	X(mutex_pre_lock, (void *a, unsigned flags))                           \
	X(mutex_post_lock, (void *a, unsigned flags, int depth))               \
	X(mutex_post_unlock, (void *a, unsigned flags))                        \
	X(mutex_pre_signal, (void *a, unsigned flags))                         \
	X(mutex_post_signal, (void *a, unsigned flags))                        \
	X(mutex_pre_divert, (void *a, unsigned flags))                         \
	X(mutex_post_divert, (void *a, unsigned flags))

#endif
