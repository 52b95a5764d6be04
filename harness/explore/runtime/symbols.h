/* SPDX-License-Identifier: MIT */
/*
 * The executable's symbols and its DWARF.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <elfutils/libdw.h>
#include <stddef.h>
#include <stdint.h>

/* NULL: it has none. */
Dwarf *symbols_dwarf(void);

/* What an address is in the file: less the place where it has been loaded. */
uintptr_t symbols_address(const void *p);

/* The symbol of such a type (STT_FUNC, STT_OBJECT) that covers the address (of
 * the file), and how far into it that is; NULL: none. */
const char *symbols_at(uintptr_t at, int type, uintptr_t *offset);

#endif
