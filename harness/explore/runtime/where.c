/* SPDX-License-Identifier: MIT */
#include "where.h"

#include <dwarf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "symbols.h"

/* The unit of an address; clang writes no table of them. */
static bool find_unit(Dwarf *dwarf, Dwarf_Addr at, Dwarf_Die *unit)
{
	Dwarf_CU *cu = NULL;

	if (!dwarf)
		return false;
	if (dwarf_addrdie(dwarf, at, unit))
		return true;
	while (dwarf_get_units(dwarf, cu, &cu, NULL, NULL, unit, NULL) == 0)
		if (dwarf_haspc(unit, at) > 0)
			return true;
	return false;
}

/* What the compiler was given is from the folder that it ran in. */
static const char *absolute(Dwarf_Die *unit, const char *file,
			    char whole[PATH_MAX])
{
	Dwarf_Attribute a;
	const char *folder =
		dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &a));
	char joined[PATH_MAX];

	snprintf(joined, sizeof(joined), "%s/%s",
		 *file != '/' && folder ? folder : "", file);
	return realpath(joined, whole);
}

/* From the current directory, if it lies below. */
static const char *shorter(Dwarf_Die *unit, const char *file)
{
	char here[PATH_MAX], whole[PATH_MAX];
	size_t n;

	if (!file)
		return "?";
	if (!getcwd(here, sizeof(here)) || !absolute(unit, file, whole))
		return file;
	n = strlen(here);
	if (strncmp(whole, here, n) == 0 && whole[n] == '/')
		return strdup(whole + n + 1);
	return strdup(whole);
}

static unsigned number(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute a;
	Dwarf_Word value;

	return dwarf_formudata(dwarf_attr(die, name, &a), &value)
		       ? 0
		       : (unsigned)value;
}

/* The scopes around an address, from the innermost: an inlined function is
 * followed by those that its call stands in. */
static unsigned inlined(Dwarf_Die *unit, Dwarf_Addr at, const char *file,
			int line, struct place frames[])
{
	Dwarf_Die *scopes = NULL, *chain = NULL;
	Dwarf_Files *files = NULL;
	bool outermost = false;
	unsigned n = 0;
	int depth = 0;

	if (dwarf_getscopes(unit, at, &scopes) > 0)
		depth = dwarf_getscopes_die(&scopes[0], &chain);
	dwarf_getsrcfiles(unit, &files, NULL);
	for (int i = 0; i < depth && !outermost && n < INLINED_MAX; i++) {
		int tag = dwarf_tag(&chain[i]);
		const char *name = dwarf_diename(&chain[i]);

		outermost = tag == DW_TAG_subprogram;
		if (!outermost && tag != DW_TAG_inlined_subroutine)
			continue;
		/* gcc inlines parts of a function into the rest of it */
		if (!n || !name || strcmp(name, frames[n - 1].function) != 0)
			frames[n++] =
				(struct place){ name ? name : "?",
						shorter(unit, file), line };
		file = dwarf_filesrc(files, number(&chain[i], DW_AT_call_file),
				     NULL, NULL);
		line = (int)number(&chain[i], DW_AT_call_line);
	}
	free(chain);
	free(scopes);
	return n;
}

static unsigned look_up(const void *pc, struct place frames[])
{
	/* a return address may belong to the next line already */
	Dwarf_Addr at = symbols_address(pc) - 1;
	uintptr_t offset;
	Dwarf_Die unit;
	Dwarf_Line *source;
	const char *name;
	int line = 0;
	unsigned n;

	if (find_unit(symbols_dwarf(), at, &unit)) {
		source = dwarf_getsrc_die(&unit, at);
		if (source && dwarf_lineno(source, &line) == 0) {
			n = inlined(&unit, at,
				    dwarf_linesrc(source, NULL, NULL), line,
				    frames);
			if (n)
				return n;
		}
	}
	name = symbols_at(at, STT_FUNC, &offset);
	frames[0] = (struct place){ name, "?", 0 };
	return name != NULL;
}

struct known {
	const void *pc;
	unsigned n;
	struct place frames[INLINED_MAX];
	char *line;
	struct known *next;
};

/* Each address is looked up once: a diagram asks for the same few often. */
static struct known *find(const void *pc)
{
	enum { CHAINS = 256 };
	static struct known *chains[CHAINS];
	struct known **chain = &chains[((uintptr_t)pc >> 2) % CHAINS], *k;
	const char *name;

	for (k = *chain; k; k = k->next)
		if (k->pc == pc)
			return k;
	k = calloc(1, sizeof(*k));
	if (!k)
		abort();
	k->pc = pc;
	k->n = look_up(pc, k->frames);
	if (k->n && k->frames[0].line) {
		name = strrchr(k->frames[0].file, '/');
		name = name ? name + 1 : k->frames[0].file;
		if (asprintf(&k->line, "%s:%d", name, k->frames[0].line) < 0)
			k->line = NULL;
	}
	k->next = *chain;
	*chain = k;
	return k;
}

unsigned where_frames(const void *pc, struct place frames[INLINED_MAX])
{
	const struct known *k = find(pc);

	memcpy(frames, k->frames, sizeof(k->frames));
	return k->n;
}

const char *where_line(const void *pc)
{
	const char *line = pc ? find(pc)->line : NULL;

	return line ? line : "";
}

const char *where_function(const void *start)
{
	uintptr_t offset;

	return symbols_at(symbols_address(start), STT_FUNC, &offset);
}
