/* SPDX-License-Identifier: MIT */
/*
 * Text in a buffer of fixed size, made piece by piece; what does not fit is
 * left out.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct text {
	char *at;
	size_t n, room;
};

static inline struct text text_in(char *at, size_t room)
{
	*at = '\0';
	return (struct text){ at, 0, room };
}

__attribute__((format(printf, 2, 3))) static inline void text_add(
	struct text *t, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(t->at + t->n, t->room - t->n, format, arguments);
	va_end(arguments);
	if (n > 0)
		t->n += (size_t)n < t->room - t->n ? (size_t)n
						   : t->room - t->n - 1;
}

#endif
