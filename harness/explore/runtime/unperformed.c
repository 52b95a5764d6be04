/* SPDX-License-Identifier: MIT */
/*
 * A model's file has two halves: its machine, which linear.c asks, and how its
 * operations are called on an object. The second half is not used here; what it
 * needs has names, no more.
 */
#include <stdlib.h>

void unperformed(void);
void unperformed(void)
{
	abort();
}

#define UNPERFORMED(name)                                                      \
	void name(void);                                                       \
	void name(void) __attribute__((alias("unperformed")))

UNPERFORMED(dice_below);
UNPERFORMED(lab_family_name);
UNPERFORMED(lab_find);
UNPERFORMED(law_age);
UNPERFORMED(law_object);
UNPERFORMED(trial_end);
UNPERFORMED(watchdog_forget);
