/* SPDX-License-Identifier: MIT */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

/* The program has ended: tell what its processes have left in FOLDER/raw.PID.
 * 0; or EXIT_USAGE, said why. */
int run_report(const char *folder);

#endif
