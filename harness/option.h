/* SPDX-License-Identifier: MIT */
/*
 * Arguments of options, read strictly: one line says what was wrong.
 */
#ifndef OPTION_H
#define OPTION_H

#include <argp.h>
#include <stdint.h>

/* A whole number from min to max; anything else ends the program with
 * EXIT_USAGE. name is the option's, without dashes. */
uint64_t option_number(struct argp_state *state, const char *name,
		       const char *text, uint64_t min, uint64_t max);

/* Seconds, perhaps a fraction, likewise. */
double option_seconds(struct argp_state *state, const char *name,
		      const char *text, double min, double max);

#endif
