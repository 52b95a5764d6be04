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

/* While they are collected: each unit has a few, most adjoin one another. */
struct ranges {
	struct range *all;
	size_t n;
};

static void add(struct ranges *r, uintptr_t from, uintptr_t to)
{
	if ((r->n & (r->n - 1)) == 0)
		r->all = realloc(r->all,
				 (r->n ? 2 * r->n : 1) * sizeof(r->all[0]));
	if (!r->all)
		abort();
	r->all[r->n++] = (struct range){ from, to };
}

static int by_address(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* Functions are padded, and each unit has a constructor without a name. */
enum { PADDING = 64 };

static void merge(struct ranges *r)
{
	if (!r->all)
		return;
	qsort(r->all, r->n, sizeof(r->all[0]), by_address);
	for (size_t i = 0; i < r->n; i++) {
		struct range *last = &where_ranges[where_count - 1];

		if (where_count && r->all[i].from <= last->to + PADDING) {
			if (r->all[i].to > last->to)
				last->to = r->all[i].to;
			continue;
		}
		if (where_count == MAX_RANGES)
			abort();
		where_ranges[where_count++] = r->all[i];
	}
	free(r->all);
}

static void add_unit(struct ranges *r, Dwarf_Die *unit)
{
	Dwarf_Addr start, from, to;
	ptrdiff_t at = 0;

	if (!is_implementation(dwarf_diename(unit)))
		return;
	while ((at = dwarf_ranges(unit, at, &start, &from, &to)) > 0)
		if (from < to)
			add(r, base + from, base + to);
}

void where_prepare(void)
{
	Dwarf_CU *cu = NULL;
	struct ranges r = { NULL, 0 };
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
		add_unit(&r, &unit);
	merge(&r);
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
