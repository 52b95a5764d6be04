/* SPDX-License-Identifier: MIT */
/*
 * What each kind's file has for the others: it puts its answers into the table,
 * if an implementation was chosen for it.
 */
#ifndef KINDS_H
#define KINDS_H

#include "calls.h"

void mutex_answer(struct calls *table);
void cond_answer(struct calls *table);
void rwlock_answer(struct calls *table);
void semaphore_answer(struct calls *table);
void barrier_answer(struct calls *table);
void spin_answer(struct calls *table);
void once_answer(struct calls *table);

/* Around a fork: the table of spinlocks is whole. */
void spins_close(void);
void spins_open(void);

/* In the child: what another thread was running is as if never called. */
void once_forget_others(void);

#endif
