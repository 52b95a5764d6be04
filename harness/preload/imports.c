/* SPDX-License-Identifier: MIT */
/*
 * The names that the relocations of each loaded object ask for. A library that
 * comes later (dlopen) is not looked at: its timed locks are done by trying
 * again and again, as with --fallback, and counted.
 *
 * Source: the ELF gABI, chapter 5, "Dynamic Section" and "Relocation".
 */
#include "imports.h"

#include <elf.h>
#include <link.h>
#include <string.h>

#include "chosen.h"
#include "say.h"
#include "settings.h"

struct wants {
	const ElfW(Sym) * symbols;
	const char *names;
	const ElfW(Rela) * relocations[2];
	size_t n[2];
};

static void look_at(struct wants *w, ElfW(Sxword) tag, const void *at,
		    size_t value)
{
	if (tag == DT_SYMTAB)
		w->symbols = at;
	else if (tag == DT_STRTAB)
		w->names = at;
	else if (tag == DT_JMPREL)
		w->relocations[0] = at;
	else if (tag == DT_RELA)
		w->relocations[1] = at;
	else if (tag == DT_PLTRELSZ)
		w->n[0] = value / sizeof(ElfW(Rela));
	else if (tag == DT_RELASZ)
		w->n[1] = value / sizeof(ElfW(Rela));
}

static struct wants wants_of(const struct dl_phdr_info *info)
{
	struct wants w = { 0 };
	const ElfW(Dyn) *d = NULL;

	for (int i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
			d = (const ElfW(Dyn) *)(info->dlpi_addr +
						info->dlpi_phdr[i].p_vaddr);
	for (; d && d->d_tag != DT_NULL; d++) {
		ElfW(Addr) at = d->d_un.d_ptr;

		/* the kernel's own object has not been relocated */
		if (at < info->dlpi_addr)
			at += info->dlpi_addr;
		look_at(&w, d->d_tag, (const void *)at, d->d_un.d_val);
	}
	return w;
}

/* A call that an implementation lacks. */
struct lack {
	const struct implementation *id;
	const char *kind, *calls[3]; /* NULL at the end */
};

static const char *is_lacking(const struct lack *l, const char *name)
{
	for (int c = 0; c < 3 && l->calls[c]; c++)
		if (strcmp(name, l->calls[c]) == 0)
			return l->calls[c];
	return NULL;
}

static const char *wanted(const struct wants *w, const struct lack *l)
{
	const char *found = NULL;

	for (int k = 0; k < 2 && w->symbols && w->names; k++)
		for (size_t i = 0; w->relocations[k] && i < w->n[k]; i++) {
			size_t symbol =
				ELF64_R_SYM(w->relocations[k][i].r_info);

			if (symbol && !found)
				found = is_lacking(
					l,
					w->names + w->symbols[symbol].st_name);
		}
	return found;
}

static const char *object_name(const struct dl_phdr_info *info)
{
	const char *slash = strrchr(info->dlpi_name, '/');

	return !info->dlpi_name[0] ? "the program"
	       : slash		   ? slash + 1
				   : info->dlpi_name;
}

static int check_object(struct dl_phdr_info *info, size_t size, void *lack)
{
	const struct lack *l = lack;
	struct wants w = wants_of(info);
	const char *call = wanted(&w, l);

	(void)size;
	/* we ask for the C library's, to hand them on */
	if (!call || strstr(info->dlpi_name, "/libpreload.so"))
		return 0;
	die("%s calls %s, which %s/%s lacks (%s): choose another "
	    "implementation, or --fallback to have it tried again and again",
	    object_name(info), call, l->kind, l->id->name,
	    l->id->unsupported ? l->id->unsupported : "no reason given");
}

void imports_check(void)
{
	if (settings.fallback)
		return;
	if (chosen.mutex && !chosen.mutex->timedlock)
		dl_iterate_phdr(
			check_object,
			&(struct lack){ &chosen.mutex->id,
					"mutex",
					{ "pthread_mutex_timedlock",
					  "pthread_mutex_clocklock" } });
	if (chosen.rwlock && !chosen.rwlock->timedrdlock)
		dl_iterate_phdr(
			check_object,
			&(struct lack){ &chosen.rwlock->id,
					"rwlock",
					{ "pthread_rwlock_timedrdlock",
					  "pthread_rwlock_clockrdlock" } });
	if (chosen.rwlock && !chosen.rwlock->timedwrlock)
		dl_iterate_phdr(
			check_object,
			&(struct lack){ &chosen.rwlock->id,
					"rwlock",
					{ "pthread_rwlock_timedwrlock",
					  "pthread_rwlock_clockwrlock" } });
}
