/* SPDX-License-Identifier: MIT */
#ifndef PROFILE_H
#define PROFILE_H

#include "../calls.h"

/* Put the profile above the answers, if one is asked for. */
void profile_answer(struct calls *table);

/* In the constructor: what needs the C library to be ready. */
void profile_start(void);

/* At exit: write it. */
void profile_end(void);

/* Around a fork: the child begins a profile of its own. */
void profile_before_fork(void);
void profile_in_parent(void);
void profile_in_child(void);

#endif
