/* SPDX-License-Identifier: MIT */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

/*
 * The program has ended: tell on standard error what its processes have left in
 * FOLDER/raw.PID, and write FOLDER/profile.csv and FOLDER/fitted.ini. Returns
 * 0; or EXIT_USAGE, and has said why.
 */
int run_report(const char *folder);

#endif
