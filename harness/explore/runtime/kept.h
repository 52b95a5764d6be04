/* SPDX-License-Identifier: MIT */
/*
 * Registers that a function has to keep are part of a thread's state. op_do
 * saves them, and they have to be the program's then, not to lie in some frame
 * of the runtime: a function that op_do may be called from, directly or not,
 * does not use them, which its file says by including this. (clang has no such
 * thing; it only checks us.)
 */
#ifndef KEPT_H
#define KEPT_H

#include <stdint.h>

#if defined(__x86_64__) && !defined(__clang__)
register uintptr_t kept_rbx __asm__("rbx");
register uintptr_t kept_r12 __asm__("r12");
register uintptr_t kept_r13 __asm__("r13");
register uintptr_t kept_r14 __asm__("r14");
register uintptr_t kept_r15 __asm__("r15");
#elif defined(__aarch64__) && !defined(__clang__)
register uintptr_t kept_x19 __asm__("x19");
register uintptr_t kept_x20 __asm__("x20");
register uintptr_t kept_x21 __asm__("x21");
register uintptr_t kept_x22 __asm__("x22");
register uintptr_t kept_x23 __asm__("x23");
register uintptr_t kept_x24 __asm__("x24");
register uintptr_t kept_x25 __asm__("x25");
register uintptr_t kept_x26 __asm__("x26");
register uintptr_t kept_x27 __asm__("x27");
register uintptr_t kept_x28 __asm__("x28");
#endif

#endif
