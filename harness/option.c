/* SPDX-License-Identifier: MIT */
#include "option.h"

#include <errno.h>
#include <stdlib.h>

#include "command.h"

uint64_t option_number(struct argp_state *state, const char *name,
		       const char *text, uint64_t min, uint64_t max)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || end == text || text[0] == '-' || value < min ||
	    value > max)
		argp_failure(state, EXIT_USAGE, 0,
			     "--%s=%s: give a whole number from %llu to %llu",
			     name, text, (unsigned long long)min,
			     (unsigned long long)max);
	return value;
}

double option_seconds(struct argp_state *state, const char *name,
		      const char *text, double min, double max)
{
	char *end;
	double value = strtod(text, &end);

	if (*end || end == text || !(value >= min && value <= max))
		argp_failure(state, EXIT_USAGE, 0,
			     "--%s=%s: give seconds from %g to %.0f", name,
			     text, min, max);
	return value;
}
