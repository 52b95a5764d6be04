/* SPDX-License-Identifier: MIT */
/*
 * The raw profile of a process: settings.profile.PID, lines of words, numbers
 * in decimal, addresses in hexadecimal, as they were in the process.
 *
 *	profile 1
 *	program PATH
 *	pid N
 *	elapsed_ns N
 *	merged N              objects beyond the limit, so often
 *	module BIAS START END PATH      addresses less BIAS are the file's
 *	origin INDEX KIND init|use SITE
 *	gap NS:COUNT ...                of the origin, if there is any
 *	gap_burnt BURNT_NS OF_NS
 *	object ADDRESS ORIGIN INITS     ADDRESS 0: all beyond the limit
 *	counts WRITES OTHERS CONTENDED FAILED HANDOVERS
 *	waited NS BURNT_NS
 *	threads BITS ...                512 of them, in hexadecimal
 *	sites ADDRESS:SAMPLES ...
 *	wait NS:COUNT ...               hold, rest: the same
 *	end
 *
 * What an object has none of is left out. `synclab run` reads it
 * (harness/run/profile_raw.h).
 */
#ifndef PROFILE_WRITE_H
#define PROFILE_WRITE_H

#include "times.h"

/* The counter and the clock at the beginning are what `ticks` is told by. */
void profile_write(struct pace_of_ticks begun);

#endif
