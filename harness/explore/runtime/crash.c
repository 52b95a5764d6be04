/* SPDX-License-Identifier: MIT */
/*
 * Faults of the program are violations.
 *
 * The handler has a stack of its own, since the fault may be that there is no
 * more stack. It leaves that stack by the switch to the scheduler and never
 * comes back to it, hence SA_NODEFER. A fault of the scheduler is ours: it
 * happens again without the handler.
 *
 * A fault within a library (strlen of nothing) is told as of the call that led
 * there: the first word on the stack that is an address of the program's code.
 * That may be one left over from an earlier call, but seldom is.
 */
#include <link.h>
#include <signal.h>
#include <stddef.h>
#include <ucontext.h>

#include "crash.h"
#include "engine.h"
#include "heap.h"
#include "violation.h"

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static char stack[64 << 10];

static uintptr_t code, code_bytes; /* of the program */

/* The first object that is told of is the program. */
static int find_code(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size, (void)unused;
	for (unsigned i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD &&
		    info->dlpi_phdr[i].p_flags & PF_X) {
			code = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			code_bytes = info->dlpi_phdr[i].p_memsz;
		}
	return 1;
}

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

/* As a return address: pc + 1 is within the instruction, or at its end. */
static const void *place(const ucontext_t *context)
{
	uintptr_t pc = pc_of(context), sp = sp_of(context);
	uintptr_t top = (uintptr_t)running->fiber->top;

	if (pc - code < code_bytes || sp < (uintptr_t)running->fiber->low)
		return (const void *)(pc + 1);
	for (sp &= ~(uintptr_t)7; sp < top; sp += sizeof(pc))
		if (*(uintptr_t *)sp - code < code_bytes)
			return *(const void **)sp;
	return (const void *)(pc + 1);
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

static void handle(int number, siginfo_t *info, void *context)
{
	uintptr_t a = (uintptr_t)info->si_addr;
	bool nested = sp_of(context) - (uintptr_t)stack < sizeof(stack);

	if (number == SIGSEGV && globals_touch(a))
		return;
	if (running && !nested)
		tell(number, a, place(context));
	signal(number, SIG_DFL);
}

void crash_start(void)
{
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = {
		.sa_sigaction = handle,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};

	dl_iterate_phdr(find_code, NULL);
	sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}
