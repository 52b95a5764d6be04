/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with an execution: the first thing that is, is kept.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "options.h"
#include "violation.h"

const char *const violation_names[VIOLATIONS] = VIOLATION_NAMES;

struct violation violation;

static void note(const struct violation *v)
{
	if (violation.kind != NO_VIOLATION)
		return;
	violation = *v;
	if (v->kind == UNSUPPORTED && !page->unsupported[0])
		snprintf(page->unsupported, sizeof(page->unsupported), "%.*s",
			 (int)sizeof(page->unsupported) - 1, v->text);
}

void violation_race(const struct violation *v)
{
	note(v);
	engine_stop(ENDING_VIOLATION);
}

void violation_raise(enum violation_kind kind, const void *pc,
		     const char *format, ...)
{
	struct violation v = { .kind = kind, .pc = pc };
	va_list arguments;

	if (running)
		v.thread = (unsigned)(running - threads);
	va_start(arguments, format);
	vsnprintf(v.text, sizeof(v.text), format, arguments);
	va_end(arguments);
	violation_race(&v);
}
