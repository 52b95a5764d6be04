/* SPDX-License-Identifier: MIT */
/*
 * How a wait that never sleeps notices signal handlers. One that sleeps is told
 * by futex(2); a spinner is in no call of the kernel when a handler runs. So
 * its signals are held back while it waits, and let through at its own looks.
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <stdbool.h>
#include <sys/select.h> /* sigset_t */

/* Around the wait, in the waiting thread; before: its mask, for the others. */
void interrupt_hold(sigset_t *before);
void interrupt_let_go(const sigset_t *before);

/* Runs the handlers of what has come; true if one of them is to end the wait:
 * a handler without SA_RESTART. */
bool interrupt_look(const sigset_t *before);

#endif
