/* SPDX-License-Identifier: MIT */
/*
 * Faults of the program are violations.
 *
 * The handler has a stack of its own, since the fault may be that there is no
 * more stack. It leaves that stack by the switch to the scheduler and never
 * comes back to it, hence SA_NODEFER. A fault of the scheduler is ours: it
 * happens again without the handler.
 */
#include <signal.h>
#include <stddef.h>
#include <ucontext.h>

#include "crash.h"
#include "engine.h"
#include "heap.h"
#include "violation.h"

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static char stack[64 << 10];

static uintptr_t pc_of(const ucontext_t *context)
{
#if defined(__x86_64__)
	return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
	return context->uc_mcontext.pc;
#endif
}

static uintptr_t sp_of(const ucontext_t *context)
{
#if defined(__x86_64__)
	return (uintptr_t)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
	return context->uc_mcontext.sp;
#endif
}

static void tell(int signal, uintptr_t a, const void *pc)
{
	uintptr_t low = (uintptr_t)running->fiber->low;

	if (signal == SIGABRT)
		violation_raise(ASSERTION, pc, "abort in a library");
	if (signal == SIGFPE)
		violation_raise(CRASH, pc, "SIGFPE: division by zero");
	if (signal == SIGILL)
		violation_raise(CRASH, pc, "SIGILL: a trap");
	if (low - a <= FIBER_GUARD_BYTES)
		violation_raise(CRASH, pc, "stack overflow: more than %d KiB",
				FIBER_STACK_BYTES >> 10);
	violation_raise(CRASH, pc, "%s: access to address %#lx%s",
			signal == SIGBUS ? "SIGBUS" : "SIGSEGV",
			(unsigned long)a,
			a < PAGE_BYTES ? ", a null pointer" : "");
}

/* pc + 1: the report takes it for a return address. */
static void handle(int number, siginfo_t *info, void *context)
{
	uintptr_t a = (uintptr_t)info->si_addr;
	bool nested = sp_of(context) - (uintptr_t)stack < sizeof(stack);

	if (number == SIGSEGV && globals_touch(a))
		return;
	if (running && !nested)
		tell(number, a, (const char *)pc_of(context) + 1);
	signal(number, SIG_DFL);
}

void crash_start(void)
{
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = {
		.sa_sigaction = handle,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};

	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}
