/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
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

/* The displacement of a call is its last word, on x86-64 and, being all of the
 * instruction, on aarch64. */
enum { CALL_END = 4 };

struct search {
	const char *prefix;
	void (*found)(void *context, const char *name, uintptr_t pc);
	void *context;
};

static void search_calls(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			 const struct search *search)
{
	Elf_Scn *names = elf_getscn(elf, header->sh_link);
	Elf_Data *relocations = elf_getdata(section, NULL);
	Elf_Data *symbols = elf_getdata(names, NULL);
	GElf_Shdr strings;
	GElf_Rela r;

	if (!gelf_getshdr(names, &strings))
		return;
	for (int i = 0; gelf_getrela(relocations, i, &r); i++) {
		const char *name;
		GElf_Sym symbol;

		if (!gelf_getsym(symbols, (int)GELF_R_SYM(r.r_info), &symbol))
			continue;
		name = elf_strptr(elf, strings.sh_link, symbol.st_name);
		if (name &&
		    strncmp(name, search->prefix, strlen(search->prefix)) == 0)
			search->found(search->context, name,
				      r.r_offset + CALL_END);
	}
}

void source_calls(const struct source *s, const char *prefix,
		  void (*found)(void *context, const char *name, uintptr_t pc),
		  void *context)
{
	struct search search = { prefix, found, context };
	Elf *elf = dwarf_getelf(s->dwarf);
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, &header) &&
		    header.sh_type == SHT_RELA &&
		    !(header.sh_flags & SHF_ALLOC))
			search_calls(elf, section, &header, &search);
}
