/* SPDX-License-Identifier: MIT */
/*
 * What the watchdog says in one line; the whole is watchdog_report.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stddef.h>

/* "2 wait for mutex/futex + 0, 1 for the end of a thread" */
void report_summary(char *text, size_t size);

#endif
