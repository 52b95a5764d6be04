/* SPDX-License-Identifier: MIT */
/*
 * --relax: which memory orders does an implementation need?
 *
 * The order of an atomic access is an argument of the call that the compiler
 * makes of it, so the runtime can put a weaker one in its place. A weakening
 * under which all clients still verify is not needed, as far as these clients
 * can tell; under any other, a client's violation is the witness.
 */
#ifndef EXPLORE_RELAX_H
#define EXPLORE_RELAX_H

#include "explored.h"
#include "settings.h"

/*
 * For each implementation among the explored, whose clients stand together.
 * Returns 0: every order is needed; EXIT_CHECK: one is stronger than any client
 * can tell, or the implementation is wrong as it is; EXPLORE_BOUNDED: one is,
 * as far as the bounds let see; EXIT_USAGE.
 */
int relax(struct explored *all, size_t n, const struct settings *s);

#endif
