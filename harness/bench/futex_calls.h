/* SPDX-License-Identifier: MIT */
/*
 * How often the lab's own objects have called futex(2).
 *
 * They are counted where they leave the program: the Makefile links with
 * --wrap=syscall, so that every syscall() of our objects comes by here. The
 * primitives know nothing of it, their fast paths are untouched, and other
 * runtimes (an explorer, an interposer) answer syscall() as they like. What
 * glibc asks of the kernel (pthread_mutex_lock and so on) does not come by.
 *
 * Thread-safe. A call costs 2 ns more than without, against 130 for the
 * shortest futex(2).
 */
#ifndef FUTEX_CALLS_H
#define FUTEX_CALLS_H

#include <stdint.h>

enum futex_call { FUTEX_CALL_WAIT, FUTEX_CALL_WAKE, FUTEX_CALLS };

/* The sums over all threads since the process began, as of now. */
void futex_calls(uint64_t sums[FUTEX_CALLS]);

/*
 * A check puts itself in the kernel's place: it gets the arguments, answers as
 * syscall() does, errno included, and asks the kernel by futex_kernel. NULL, as
 * everywhere else, costs a branch that the processor predicts.
 */
typedef long futex_detour(const long a[6]);
extern _Atomic(futex_detour *) futex_detour_taken;
long futex_kernel(const long a[6]);

/* Requeues count as wakes; an operation of neither sort is FUTEX_CALLS. */
enum futex_call futex_call_of(int op);

#endif
