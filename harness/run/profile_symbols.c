/* SPDX-License-Identifier: MIT */
#include "profile_symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kit/inlined.h"

struct symbols {
	Dwfl *dwfl;
	const struct raw *raw;
};

static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

struct symbols *symbols_open(const struct raw *raw)
{
	struct symbols *s = calloc(1, sizeof(*s));

	if (!s)
		abort();
	unsetenv("DEBUGINFOD_URLS"); /* disks, not networks */
	s->raw = raw;
	s->dwfl = dwfl_begin(&callbacks);
	if (!s->dwfl)
		return s;
	for (unsigned i = 0; i < raw->n_modules; i++) {
		const struct raw_module *m = &raw->modules[i];

		/* one that is gone is told by its path and an offset */
		if (m->path[0] == '/')
			dwfl_report_elf(s->dwfl, m->path, m->path, -1, m->bias,
					true);
	}
	dwfl_report_end(s->dwfl, NULL, NULL);
	return s;
}

void symbols_close(struct symbols *s)
{
	if (s->dwfl)
		dwfl_end(s->dwfl);
	free(s);
}

/* ---- without symbols ---- */

static const struct raw_module *module_of(const struct symbols *s,
					  uint64_t address)
{
	for (unsigned i = 0; i < s->raw->n_modules; i++) {
		const struct raw_module *m = &s->raw->modules[i];

		if (address >= m->start && address < m->end)
			return m;
	}
	return NULL;
}

static void offset(const struct symbols *s, uint64_t address, char *out,
		   size_t size)
{
	const struct raw_module *m = module_of(s, address);
	const char *slash = m ? strrchr(m->path, '/') : NULL;

	if (m)
		snprintf(out, size, "%s+0x%llx", slash ? slash + 1 : m->path,
			 (unsigned long long)(address - m->bias));
	else
		snprintf(out, size, "0x%llx", (unsigned long long)address);
}

/* ---- names ---- */

/* The C++ library's, as the harness is linked with it anyway. */
char *__cxa_demangle(const char *name, char *buffer, size_t *length,
		     int *status);

/* Without the list of parameters, which is the last pair of parentheses. */
static void cut_parameters(char *name)
{
	char *end = strrchr(name, ')');
	int depth = 0;

	for (char *c = end; c && c > name; c--) {
		depth += (*c == ')') - (*c == '(');
		if (depth == 0) {
			*c = '\0';
			return;
		}
	}
}

/* As a programmer writes it. Answers until the next call. */
static const char *readable(const char *name)
{
	static char *last;
	int status;

	free(last);
	last = strncmp(name, "_Z", 2) == 0
		       ? __cxa_demangle(name, NULL, NULL, &status)
		       : NULL;
	if (!last)
		return name;
	cut_parameters(last);
	return last;
}

/* ---- functions ---- */

struct place {
	const char *function, *file;
	int line;
};

static bool is_of_system(const char *file)
{
	return strncmp(file, "/usr/include/", 13) == 0 ||
	       strncmp(file, "/usr/lib/", 9) == 0;
}

static const char *name_of(Dwarf_Die *die)
{
	Dwarf_Attribute a;
	const char *linked = dwarf_formstring(
		dwarf_attr_integrate(die, DW_AT_linkage_name, &a));

	return linked ? linked : dwarf_diename(die);
}

/* The innermost that is not a header's of the system. */
static bool is_the_one(void *place, Dwarf_Die *function, const char *file,
		       int line)
{
	struct place *p = place;
	const char *name = name_of(function);

	*p = (struct place){ name ? name : p->function, file, line };
	return !is_of_system(file);
}

/* clang writes no table of which addresses a unit has. */
static Dwarf_Die *find_unit(Dwfl_Module *m, Dwarf_Addr pc, Dwarf_Addr *bias)
{
	Dwarf_Die *cu = dwfl_module_addrdie(m, pc, bias);

	while (!cu && (cu = dwfl_module_nextcu(m, cu, bias)) != NULL) {
		while (cu && dwarf_haspc(cu, pc - *bias) <= 0)
			cu = dwfl_module_nextcu(m, cu, bias);
		break;
	}
	return cu;
}

static bool find_line(Dwarf_Die *cu, Dwarf_Addr pc, struct place *p)
{
	Dwarf_Line *line = dwarf_getsrc_die(cu, pc);

	p->file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
	return p->file && dwarf_lineno(line, &p->line) == 0;
}

static bool find_call(struct symbols *s, uint64_t site, struct place *p)
{
	/* a return address may belong to the next line already */
	Dwarf_Addr pc = site - 1, bias = 0;
	Dwfl_Module *m = s->dwfl ? dwfl_addrmodule(s->dwfl, pc) : NULL;
	Dwarf_Die *cu = m ? find_unit(m, pc, &bias) : NULL;

	*p = (struct place){ .function =
				     m ? dwfl_module_addrname(m, pc) : NULL };
	if (cu && find_line(cu, pc - bias, p))
		inlined_walk(cu, pc - bias, p->file, p->line, is_the_one, p);
	return p->function != NULL;
}

/* From the current directory, if it lies below; or its last part. */
static const char *shorter(const char *file)
{
	char here[PATH_MAX];
	const char *slash = strrchr(file, '/');
	size_t n;

	if (getcwd(here, sizeof(here))) {
		n = strlen(here);
		if (strncmp(file, here, n) == 0 && file[n] == '/')
			return file + n + 1;
	}
	return slash ? slash + 1 : file;
}

const char *symbols_call(struct symbols *s, uint64_t site)
{
	static char text[300];
	struct place p;

	if (!site)
		return "elsewhere";
	if (!find_call(s, site, &p))
		offset(s, site, text, sizeof(text));
	else if (p.file && p.line)
		snprintf(text, sizeof(text), "%s (%s:%d)", readable(p.function),
			 shorter(p.file), p.line);
	else
		snprintf(text, sizeof(text), "%s", readable(p.function));
	return text;
}

const char *symbols_function(struct symbols *s, uint64_t site)
{
	static char text[200];
	struct place p;

	if (find_call(s, site, &p))
		snprintf(text, sizeof(text), "%s", readable(p.function));
	else
		offset(s, site, text, sizeof(text));
	return text;
}

const char *symbols_object(struct symbols *s, uint64_t address)
{
	static char text[300];
	Dwfl_Module *m = s->dwfl ? dwfl_addrmodule(s->dwfl, address) : NULL;
	GElf_Off from = 0;
	GElf_Sym symbol = { 0 };
	const char *name = NULL;

	if (m)
		name = dwfl_module_addrinfo(m, address, &from, &symbol, NULL,
					    NULL, NULL);
	if (!name || from >= symbol.st_size)
		offset(s, address, text, sizeof(text));
	else if (from)
		snprintf(text, sizeof(text), "%s+0x%llx", readable(name),
			 (unsigned long long)from);
	else
		snprintf(text, sizeof(text), "%s", readable(name));
	return text;
}
