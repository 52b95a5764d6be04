/* SPDX-License-Identifier: MIT */
#ifndef RUN_SERVE_H
#define RUN_SERVE_H

#include "../registry.h"
#include "choice.h"

/*
 * Why this implementation cannot answer a program's objects of the kind; NULL:
 * it can. Timed locks that it lacks are not looked at: whether they are wanted
 * is seen in the started program (../preload/imports.c).
 */
const char *serve_lacks(enum choice_kind kind, const struct registration *r);

#endif
