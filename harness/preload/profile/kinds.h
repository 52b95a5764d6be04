/* SPDX-License-Identifier: MIT */
/* The profiled calls of each kind, put above those that are in the table. */
#ifndef PROFILE_KINDS_H
#define PROFILE_KINDS_H

#include "../calls.h"

void profile_mutexes(struct calls *table);
void profile_conds(struct calls *table);
void profile_rwlocks(struct calls *table);
void profile_semaphores(struct calls *table);
void profile_barriers(struct calls *table);
void profile_spins(struct calls *table);

/* Around a condition's wait, which releases the mutex and takes it again. */
void profile_mutex_let_go(pthread_mutex_t *m);
void profile_mutex_have_again(pthread_mutex_t *m, const void *site);

#endif
