/* SPDX-License-Identifier: MIT */
/*
 * Where the explorer lies: its library, the stock clients, and what it writes.
 */
#ifndef EXPLORE_PLACE_H
#define EXPLORE_PLACE_H

/* The folder with libexplore.so: beside this build, or where `make install` has
 * put it, or in the tree that this was built from; NULL: nowhere. */
const char *place_library(void);

/* A folder for traces and reports, made if it is not there; "" if it cannot be.
 * The same text for every call. */
const char *place_output(void);

/* The same path, from the working folder where it is below that. */
const char *place_shown(const char *path);

/* A number for a text, to tell names apart. */
unsigned place_hash(const char *text);

#endif
