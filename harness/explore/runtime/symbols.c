/* SPDX-License-Identifier: MIT */
#include "symbols.h"

#include <fcntl.h>
#include <gelf.h>
#include <link.h>

static Dwarf *dwarf;
static Elf *elf;
static uintptr_t base;

static int first_object(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size, (void)unused;
	base = info->dlpi_addr;
	return 1; /* the program itself is the first */
}

static void prepare(void)
{
	static bool done;
	int fd;

	if (done)
		return;
	done = true;
	dl_iterate_phdr(first_object, NULL);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	dwarf = elf ? dwarf_begin_elf(elf, DWARF_C_READ, NULL) : NULL;
}

Dwarf *symbols_dwarf(void)
{
	prepare();
	return dwarf;
}

uintptr_t symbols_address(const void *p)
{
	prepare();
	return (uintptr_t)p - base;
}

static Elf_Data *table(GElf_Shdr *header)
{
	Elf_Scn *section = NULL;

	while (elf && (section = elf_nextscn(elf, section)))
		if (gelf_getshdr(section, header) &&
		    header->sh_type == SHT_SYMTAB)
			return elf_getdata(section, NULL);
	return NULL;
}

const char *symbols_at(uintptr_t at, int type, uintptr_t *offset)
{
	GElf_Shdr header;
	Elf_Data *data;
	GElf_Sym s;

	prepare();
	data = table(&header);
	for (int i = 0; data && gelf_getsym(data, i, &s); i++) {
		if (GELF_ST_TYPE(s.st_info) != type || at < s.st_value ||
		    at >= s.st_value + (s.st_size ? s.st_size : 1))
			continue;
		*offset = at - s.st_value;
		return elf_strptr(elf, header.sh_link, s.st_name);
	}
	return NULL;
}
