/* SPDX-License-Identifier: MIT */
/*
 * Which code is an implementation's, and the source line of an address: from
 * the program's own DWARF.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime.h"

struct range where_ranges[MAX_RANGES];
unsigned where_count;

static Dwarf *dwarf;
static uintptr_t base; /* where the program has been loaded */

static int first_object(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size, (void)unused;
	base = info->dlpi_addr;
	return 1; /* the program itself is the first */
}

static bool is_implementation(const char *name)
{
	return name && (strncmp(name, "primitives/", 11) == 0 ||
			strncmp(name, "harness/check/canary/", 21) == 0);
}

/* Units of one folder lie side by side but for the padding of functions. */
enum { PADDING = 64 };

static void add(uintptr_t from, uintptr_t to)
{
	for (unsigned i = 0; i < where_count; i++) {
		struct range *r = &where_ranges[i];

		if (from > r->to + PADDING || to + PADDING < r->from)
			continue;
		r->from = from < r->from ? from : r->from;
		r->to = to > r->to ? to : r->to;
		return;
	}
	if (where_count == MAX_RANGES)
		abort();
	where_ranges[where_count++] = (struct range){ from, to };
}

static void add_unit(Dwarf_Die *unit)
{
	Dwarf_Addr start, from, to;
	ptrdiff_t at = 0;

	if (!is_implementation(dwarf_diename(unit)))
		return;
	while ((at = dwarf_ranges(unit, at, &start, &from, &to)) > 0)
		if (from < to)
			add(base + from, base + to);
}

void where_prepare(void)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit;
	int fd;

	if (dwarf)
		return;
	dl_iterate_phdr(first_object, NULL);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	dwarf = dwarf_begin(fd, DWARF_C_READ);
	if (!dwarf) {
		fputs("perturb: no debug information: build with -g\n", stderr);
		abort();
	}
	while (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &unit, NULL) == 0)
		add_unit(&unit);
}

/* The innermost function, inlined ones too, at an address of the unit. */
static const char *function_at(Dwarf_Die *unit, Dwarf_Addr at)
{
	Dwarf_Die *scopes = NULL;
	int n = dwarf_getscopes(unit, at, &scopes);
	const char *name = "?";

	for (int i = 0; i < n; i++) {
		int tag = dwarf_tag(&scopes[i]);

		if (tag != DW_TAG_inlined_subroutine &&
		    tag != DW_TAG_subprogram)
			continue;
		name = dwarf_diename(&scopes[i]);
		break;
	}
	free(scopes);
	return name ? name : "?";
}

void where_name(const void *pc, char *text, size_t size)
{
	/* a return address: the call is before it */
	Dwarf_Addr at = (uintptr_t)pc - base - 1;
	Dwarf_Die unit;
	Dwarf_Line *line;
	const char *file = NULL;
	int number = 0;

	snprintf(text, size, "%p", pc);
	if (!dwarf || !dwarf_addrdie(dwarf, at, &unit))
		return;
	line = dwarf_getsrc_die(&unit, at);
	if (line)
		file = dwarf_linesrc(line, NULL, NULL);
	if (!file || dwarf_lineno(line, &number))
		return;
	if (strncmp(file, SYNCLAB_ROOT "/", sizeof(SYNCLAB_ROOT)) == 0)
		file += sizeof(SYNCLAB_ROOT);
	snprintf(text, size, "%s %s:%d", function_at(&unit, at), file, number);
}
