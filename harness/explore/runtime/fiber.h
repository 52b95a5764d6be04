/* SPDX-License-Identifier: MIT */
/*
 * Threads of the program as fibers of one kernel thread.
 *
 * A fiber borrows stack and thread-local storage from a kernel thread that was
 * made once and is parked for ever, so that errno, locale and every
 * _Thread_local of the program are its own, at the same addresses in each
 * execution. Switching saves the callee-saved registers on the stack and
 * changes the register that thread-local storage hangs from, nothing else.
 *
 * What runs between two switches is deterministic: the stack is at the same
 * place, registers that a function may find are zero at its start.
 */
#ifndef FIBER_H
#define FIBER_H

#include <stddef.h>
#include <stdint.h>

struct fiber {
	void *sp; /* where it stands: callee-saved registers, then frames */
	char *low, *top; /* its stack; guards below and above */
	uintptr_t tls;	 /* value of the thread pointer */
};

enum { FIBER_STACK_BYTES = 256 << 10, FIBER_GUARD_BYTES = 64 << 10 };

/* Make n fibers; once, before the program has run. */
void fiber_start(unsigned n);

/* Fiber i, to begin with entry() at the next switch to it; its thread-local
 * storage (the program's, not libc's) is as at the start of a thread. entry
 * does not return. */
struct fiber *fiber_begin(unsigned i, void (*entry)(void));

/* Scheduler: run it until it pauses. Fiber: back to the scheduler. */
void fiber_resume(struct fiber *f);
void fiber_pause(void);

/* Scheduler: back to the thread-local storage of the process's first thread;
 * before fork and before exit. */
void fiber_home(void);

/* The program's thread-local variables of a fiber. */
char *fiber_locals(const struct fiber *f, size_t *bytes);

/*
 * A number for all that decides how it goes on, except memory elsewhere, where
 * `from` is what op_do has saved: registers, where in the runtime it is, and
 * the program's frames. The runtime's frames are left out: in their holes is
 * what earlier calls have left there.
 */
uint64_t fiber_hash(const struct fiber *f, const void *from);

#endif
