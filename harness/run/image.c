/* SPDX-License-Identifier: MIT */
/*
 * Source: the ELF gABI, chapters 4 and 5.
 */
#include "image.h"

#include <gelf.h>
#include <string.h>
#include <unistd.h>

static void read_loader(int fd, Elf *elf, struct image *i)
{
	size_t n = 0;
	GElf_Phdr h;

	elf_getphdrnum(elf, &n);
	for (size_t k = 0; k < n; k++)
		if (gelf_getphdr(elf, (int)k, &h) && h.p_type == PT_INTERP &&
		    pread(fd, i->loader, sizeof(i->loader) - 1,
			  (off_t)h.p_offset) > 0)
			return;
}

static bool names(Elf *elf, Elf_Scn *section, const GElf_Shdr *h,
		  const char *symbol)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = data && h->sh_entsize ? h->sh_size / h->sh_entsize : 0;
	GElf_Sym s;

	for (size_t k = 0; k < n; k++) {
		const char *name =
			gelf_getsym(data, (int)k, &s)
				? elf_strptr(elf, h->sh_link, s.st_name)
				: NULL;

		if (name && strcmp(name, symbol) == 0)
			return true;
	}
	return false;
}

/* Does it import or export this symbol? */
static bool has_symbol(Elf *elf, const char *symbol)
{
	Elf_Scn *s = NULL;
	GElf_Shdr h;

	while ((s = elf_nextscn(elf, s)))
		if (gelf_getshdr(s, &h) && h.sh_type == SHT_DYNSYM &&
		    names(elf, s, &h, symbol))
			return true;
	return false;
}

struct image image_read(int fd)
{
	struct image i = { 0 };
	GElf_Ehdr h;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF && gelf_getehdr(elf, &h)) {
		i.elf = true;
		i.class = h.e_ident[EI_CLASS];
		i.data = h.e_ident[EI_DATA];
		i.machine = h.e_machine;
		read_loader(fd, elf, &i);
		i.tsan = has_symbol(elf, "__tsan_init");
	}
	elf_end(elf);
	return i;
}
