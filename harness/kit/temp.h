/* SPDX-License-Identifier: MIT */
/*
 * Files that are gone when the process is, however it ends.
 *
 * They lie in $TMPDIR if that is set, else in /var/tmp, which is on a disk
 * where /tmp may be memory.
 *
 * Thread-safe:  no.
 */
#ifndef KIT_TEMP_H
#define KIT_TEMP_H

/* Where they lie. */
const char *temp_dir(void);

/* An empty file without a name, for reading and writing; -1 with errno. */
int temp_file(void);

/* NULL, or why fdatasync means nothing there, with the remedy. */
const char *temp_not_durable(void);

#endif
