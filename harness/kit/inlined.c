/* SPDX-License-Identifier: MIT */
/*
 * Source: DWARF 5, section 3.3.8 (inlined subroutines): an inlined function
 * says where it was called, which is a place in the next one out.
 */
#include "inlined.h"

#include <dwarf.h>
#include <stdlib.h>

static int number(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute a;
	Dwarf_Word value;

	return dwarf_formudata(dwarf_attr(die, name, &a), &value) ? 0
								  : (int)value;
}

static const char *caller_file(Dwarf_Files *files, Dwarf_Die *die)
{
	const char *file = dwarf_filesrc(
		files, (size_t)number(die, DW_AT_call_file), NULL, NULL);

	return file ? file : "?";
}

bool inlined_walk(Dwarf_Die *unit, Dwarf_Addr pc, const char *file, int line,
		  inlined_visit *visit, void *context)
{
	Dwarf_Die *scopes = NULL, *chain = NULL;
	Dwarf_Files *files = NULL;
	bool any = false, over = false;
	int n = 0;

	if (dwarf_getscopes(unit, pc, &scopes) > 0)
		n = dwarf_getscopes_die(&scopes[0], &chain);
	dwarf_getsrcfiles(unit, &files, NULL);
	for (int i = 0; i < n && !over; i++) {
		int tag = dwarf_tag(&chain[i]);

		if (tag != DW_TAG_subprogram &&
		    tag != DW_TAG_inlined_subroutine)
			continue;
		any = true;
		over = visit(context, &chain[i], file, line) ||
		       tag == DW_TAG_subprogram;
		file = caller_file(files, &chain[i]);
		line = number(&chain[i], DW_AT_call_line);
	}
	free(chain);
	free(scopes);
	return any;
}
