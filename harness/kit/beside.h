/* SPDX-License-Identifier: MIT */
/*
 * Where the files lie that the command needs at run time.
 *
 * Thread-safe:  no.
 */
#ifndef KIT_BESIDE_H
#define KIT_BESIDE_H

#include <limits.h>
#include <stdbool.h>

/* The folder with this file: build/NAME beside this build, or where `make
 * install` has put it, or build/NAME in the tree that this was built from.
 * false: nowhere. */
bool beside_folder(const char *name, const char *file, char path[PATH_MAX]);

#endif
