/* SPDX-License-Identifier: MIT */
/*
 * void fiber_switch(void **from, void *to): leave the stack that we are on, its
 * pointer in *from, and go on where `to` was left.
 *
 * Saved is what a called function has to keep, apart from the control words of
 * floating point: all fibers run with the same ones, since a program that sets
 * a rounding mode in one thread only is outside of what is explored, and
 * loading them costs more than all of the rest.
 *
 * The jump is an indirect one, not a return: a return to another stack is
 * always predicted wrongly.
 *
 * uint64_t op_do(struct op *op): the same registers onto the stack, then
 * engine_do(op, sp). What is at sp and above is the whole state of the thread
 * but for memory elsewhere, whatever way the engine takes from there.
 */
	.text
	.globl	fiber_switch, fiber_first, op_do
	.hidden	fiber_switch, fiber_first, op_do, engine_do
	.type	fiber_switch, %function
	.type	fiber_first, %function
	.type	op_do, %function

#if defined(__x86_64__)

	.balign	16
fiber_switch:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	.cfi_adjust_cfa_offset -8
	popq	%r14
	.cfi_adjust_cfa_offset -8
	popq	%r13
	.cfi_adjust_cfa_offset -8
	popq	%r12
	.cfi_adjust_cfa_offset -8
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	popq	%rcx
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rcx
	jmp	*%rcx
	.cfi_endproc
	.size	fiber_switch, . - fiber_switch

/* The first thing on a new stack: rbx is the function to call. */
fiber_first:
	.cfi_startproc
	.cfi_undefined %rip
	movq	%rbx, %rax
	xorl	%ebx, %ebx
	callq	*%rax
	ud2	/* it has returned: it must not */
	.cfi_endproc
	.size	fiber_first, . - fiber_first

	.balign	16
op_do:
	.cfi_startproc
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.cfi_adjust_cfa_offset 48
	movq	%rsp, %rsi
	subq	$8, %rsp	/* aligned as calls want it */
	.cfi_adjust_cfa_offset 8
	callq	engine_do
	addq	$56, %rsp	/* engine_do has kept them */
	.cfi_adjust_cfa_offset -56
	retq
	.cfi_endproc
	.size	op_do, . - op_do

#elif defined(__aarch64__)

/* Store (stp) or load (ldp) what a function has to keep. */
	.macro kept op
	\op	x19, x20, [sp]
	\op	x21, x22, [sp, #16]
	\op	x23, x24, [sp, #32]
	\op	x25, x26, [sp, #48]
	\op	x27, x28, [sp, #64]
	\op	x29, x30, [sp, #80]
	\op	d8, d9, [sp, #96]
	\op	d10, d11, [sp, #112]
	\op	d12, d13, [sp, #128]
	\op	d14, d15, [sp, #144]
	.endm

	.balign	16
fiber_switch:
	.cfi_startproc
	sub	sp, sp, #160
	.cfi_adjust_cfa_offset 160
	kept	stp
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	kept	ldp
	add	sp, sp, #160
	.cfi_adjust_cfa_offset -160
	br	x30
	.cfi_endproc
	.size	fiber_switch, . - fiber_switch

/* The first thing on a new stack: x19 is the function to call. */
fiber_first:
	.cfi_startproc
	.cfi_undefined x30
	mov	x9, x19
	mov	x19, xzr
	blr	x9
	brk	#1	/* it has returned: it must not */
	.cfi_endproc
	.size	fiber_first, . - fiber_first

	.balign	16
op_do:
	.cfi_startproc
	sub	sp, sp, #160
	.cfi_adjust_cfa_offset 160
	kept	stp
	.cfi_rel_offset x30, 88
	mov	x1, sp
	bl	engine_do
	ldr	x30, [sp, #88]	/* engine_do has kept the others */
	.cfi_restore x30
	add	sp, sp, #160
	.cfi_adjust_cfa_offset -160
	ret
	.cfi_endproc
	.size	op_do, . - op_do

#else
#error "fibers: x86-64 and aarch64 only"
#endif

	.section .note.GNU-stack, "", %progbits
