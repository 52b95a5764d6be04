/* SPDX-License-Identifier: MIT */
/*
 * Names for the addresses of a process that has ended, from the files that it
 * had loaded. Not thread-safe.
 */
#ifndef PROFILE_SYMBOLS_H
#define PROFILE_SYMBOLS_H

#include "profile_raw.h"

struct symbols;
struct symbols *symbols_open(const struct raw *raw);
void symbols_close(struct symbols *s);

/*
 * Of a call that returns there: "function (file:line)", of a library without
 * such information "function" or "library.so+0x1234". A function of a header of
 * the system that was inlined (std::mutex::lock) stands for its caller's call.
 * Both answer until the next call of the same.
 */
const char *symbols_call(struct symbols *s, uint64_t site);

/* Of an object: "variable+0x28", "library.so+0x1234", or "0x55..." on a heap or
 * a stack. */
const char *symbols_object(struct symbols *s, uint64_t address);

/* The function alone, for a heading. */
const char *symbols_function(struct symbols *s, uint64_t site);

#endif
