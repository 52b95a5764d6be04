/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct source {
	Dwarf *dwarf;
	int fd;
};

struct source *source_open(const char *program)
{
	struct source *s = malloc(sizeof(*s));

	if (!s)
		abort();
	s->fd = open(program, O_RDONLY | O_CLOEXEC);
	s->dwarf = s->fd < 0 ? NULL : dwarf_begin(s->fd, DWARF_C_READ);
	if (s->dwarf)
		return s;
	source_close(s);
	return NULL;
}

void source_close(struct source *s)
{
	if (s->dwarf)
		dwarf_end(s->dwarf);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

/* As it was named to the compiler, from the folder of the build. */
static const char *relative(const char *file, Dwarf_Die *unit)
{
	Dwarf_Attribute attribute;
	const char *folder =
		dwarf_formstring(dwarf_attr(unit, DW_AT_comp_dir, &attribute));
	size_t n = folder ? strlen(folder) : 0;

	return n && strncmp(file, folder, n) == 0 && file[n] == '/'
		       ? file + n + 1
		       : file;
}

bool source_find(const struct source *s, uintptr_t pc, struct place *p)
{
	Dwarf_Line *line;
	Dwarf_Die unit;

	if (!dwarf_addrdie(s->dwarf, pc - 1, &unit))
		return false;
	line = dwarf_getsrc_die(&unit, pc - 1);
	if (!line || !dwarf_diename(&unit) || !dwarf_linesrc(line, NULL, NULL))
		return false;
	p->unit = relative(dwarf_diename(&unit), &unit);
	p->file = relative(dwarf_linesrc(line, NULL, NULL), &unit);
	dwarf_lineno(line, &p->line);
	dwarf_linecol(line, &p->column);
	return true;
}
