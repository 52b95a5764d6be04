/* SPDX-License-Identifier: MIT */
/*
 * The gallery: implementations with a known bug, one file each, and the same
 * file without it. The Makefile compiles each file twice, the second time with
 * -DFIXED, and links both into build/<flavour>/synclab-canaries:
 *
 *	mutex/counting_futex.c	-> mutex/broken_counting_futex
 *				   mutex/fixed_counting_futex
 *
 * `#if BROKEN` marks the fault, in one place if that can be. The head comment
 * of a file says, in lines that scripts/detect reads:
 *
 *	Bug:       its name in the list of published bugs
 *	Source:    where it was found
 *	Scenario:  the smallest client that shows it
 *	Violation: what goes wrong
 *	Caught by: the detectors that must catch it, with commas, or all;
 *		   explore alone, if threads do so by luck only
 *	Rare:      (of some) why that takes luck: tried by `make detect` alone
 *
 * or, in the place of the last two, what no run on x86 can show:
 *
 *	Weak only: why
 *
 * and which stock client of its kind shows it to the explorer, as what:
 *
 *	Explored by: exclusion_2 (data race), or none: why
 *	Explored by: call_2 (deadlock) with --weak-fails
 */
#ifndef CANARY_H
#define CANARY_H

#ifdef FIXED
#define BROKEN		    0
#define CANARY_NAME	    "fixed_" FILE_STEM
#define CANARY_BRIEF(fault) "repaired: " fault
#else
#define BROKEN		    1
#define CANARY_NAME	    "broken_" FILE_STEM
#define CANARY_BRIEF(fault) "broken: " fault
#endif

/*
 * Programs that need luck repeat their scenario and dawdle at its weak spots.
 * An explorer needs neither: it says how often, by this variable or at build.
 */
#ifndef ROUNDS
#define ROUNDS 0
#endif
extern unsigned canary_rounds __attribute__((weak)); /* 0: as usual */

static inline unsigned rounds_asked(void)
{
	return !ROUNDS && &canary_rounds ? canary_rounds : ROUNDS;
}

static inline unsigned rounds(unsigned usual)
{
	return rounds_asked() ? rounds_asked() : usual;
}

/* So much of what only makes the fault likely. */
static inline unsigned luck(unsigned usual)
{
	return rounds_asked() ? 0 : usual;
}

#endif
