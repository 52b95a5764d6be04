/* SPDX-License-Identifier: MIT */
/*
 * What `synclab run` asks of the interposer, in one variable of the
 * environment: words with a blank between them,
 *
 *	mutex=NAME cond=NAME rwlock=NAME semaphore=NAME barrier=NAME spin=NAME
 *	once=NAME       who answers; left out or "pthread": the C library
 *	fallback        what an implementation cannot do is done another way
 *	alone           programs that this one starts are left alone
 *	counts=FILE     add the counts to FILE, which is there, at exit
 *	profile=FILE    write a profile to FILE.PID at exit
 *
 * `synclab run` has checked it: what is wrong here is an error of the lab.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <limits.h>
#include <stdbool.h>

#define SETTINGS_VARIABLE "SYNCLAB_PRELOAD"

enum { SETTINGS_NAME_BYTES = 64 };

struct settings {
	char mutex[SETTINGS_NAME_BYTES], cond[SETTINGS_NAME_BYTES],
		rwlock[SETTINGS_NAME_BYTES], semaphore[SETTINGS_NAME_BYTES],
		barrier[SETTINGS_NAME_BYTES], spin[SETTINGS_NAME_BYTES],
		once[SETTINGS_NAME_BYTES]; /* "": the C library */
	bool fallback, alone;
	char counts[PATH_MAX], profile[PATH_MAX]; /* "": none */
};

extern struct settings settings;

/* Also before the C library knows the environment. */
void settings_read(void);

/* Take the library and its variable out of the environment. */
void settings_leave_alone(void);

#endif
