/* SPDX-License-Identifier: MIT */
/*
 * The program brings an allocator, with a plain mutex around it: the first
 * lock of the process comes from inside malloc, inside the loader.
 *
 * Prints: allocated by hand
 */
#define ALLOCATOR_MUTEX PTHREAD_MUTEX_INITIALIZER
#include "allocator.h"
