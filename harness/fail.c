/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "command.h"

int lab_fail(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	va_start(args, format);
	fputs("synclab: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return EXIT_USAGE;
}
