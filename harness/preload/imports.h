/* SPDX-License-Identifier: MIT */
#ifndef IMPORTS_H
#define IMPORTS_H

/*
 * Does the program, or a library that it was loaded with, name a call that the
 * chosen implementations cannot answer? Then it ends here, before main, with
 * the reason; with settings.fallback it is done another way.
 */
void imports_check(void);

#endif
