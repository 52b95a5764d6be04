/* SPDX-License-Identifier: MIT */
/*
 * What the engine tells call_thread.c and call_exit.c.
 */
#ifndef CALL_THREAD_H
#define CALL_THREAD_H

/* On the fiber of a thread that ends, before it is ended: destructors run, and
 * who joins it may go on. */
void call_thread_ended(void);

/* On the fiber of main. Does not return. */
_Noreturn void call_main_returned(int status);

#endif
