/* SPDX-License-Identifier: MIT */
/*
 * The name of a place in the program's data: a global is followed into its
 * type, down to the member that lies there.
 */
#include <dwarf.h>
#include <gelf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "heap.h"
#include "symbols.h"
#include "text.h"
#include "where.h"

static bool stands_at(Dwarf_Die *variable, uintptr_t at)
{
	Dwarf_Attribute a;
	Dwarf_Op *op;
	size_t n;

	return dwarf_tag(variable) == DW_TAG_variable &&
	       dwarf_attr(variable, DW_AT_location, &a) &&
	       dwarf_getlocation(&a, &op, &n) == 0 && n == 1 &&
	       op[0].atom == DW_OP_addr && op[0].number == at;
}

/* A static variable among the descendants: those of functions are inside. */
static bool find_variable(Dwarf_Die *parent, uintptr_t at, Dwarf_Die *found)
{
	Dwarf_Die child, next;

	if (dwarf_child(parent, &child) != 0)
		return false;
	for (;;) {
		if (stands_at(&child, at)) {
			*found = child;
			return true;
		}
		if (find_variable(&child, at, found))
			return true;
		if (dwarf_siblingof(&child, &next) != 0)
			return false;
		child = next;
	}
}

static bool type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute a;
	Dwarf_Die declared;

	return dwarf_attr_integrate(die, DW_AT_type, &a) &&
	       dwarf_formref_die(&a, &declared) &&
	       dwarf_peel_type(&declared, type) == 0;
}

static bool size_of(Dwarf_Die *type, Dwarf_Word *size)
{
	return dwarf_aggregate_size(type, size) == 0;
}

/* The member of a struct or union that has this byte, and where it begins. */
static bool member_at(Dwarf_Die *type, uintptr_t offset, Dwarf_Die *member,
		      uintptr_t *begin)
{
	Dwarf_Die child, of;
	Dwarf_Attribute a;
	Dwarf_Word at, size;
	int more;

	for (more = dwarf_child(type, &child); more == 0;
	     more = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) != DW_TAG_member)
			continue;
		at = 0;
		if (dwarf_attr(&child, DW_AT_data_member_location, &a))
			dwarf_formudata(&a, &at);
		if (!type_of(&child, &of) || !size_of(&of, &size) ||
		    offset < at || offset >= at + size)
			continue;
		*member = child;
		*begin = at;
		return true;
	}
	return false;
}

/* One step down: ".next" or "[3]"; false: nothing is below. */
static bool descend(Dwarf_Die *type, uintptr_t *offset, struct text *t)
{
	Dwarf_Die inner;
	Dwarf_Word size;
	uintptr_t begin;

	switch (dwarf_tag(type)) {
	case DW_TAG_array_type:
		if (!type_of(type, &inner) || !size_of(&inner, &size) || !size)
			return false;
		text_add(t, "[%lu]", (unsigned long)(*offset / size));
		*offset %= size;
		*type = inner;
		return true;
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
		if (!member_at(type, *offset, &inner, &begin))
			return false;
		if (dwarf_diename(&inner))
			text_add(t, ".%s", dwarf_diename(&inner));
		*offset -= begin;
		return type_of(&inner, type);
	default:
		return false;
	}
}

/* Far enough down? Locks of the C library are unions, of whose insides nobody
 * wants to hear. */
static bool is_found(Dwarf_Die *type, uintptr_t offset, size_t size)
{
	Dwarf_Word whole;

	if (size == WHERE_POINTER)
		return offset == 0;
	if (size == 0 && dwarf_tag(type) == DW_TAG_union_type)
		return true;
	return !size_of(type, &whole) || whole <= size;
}

static bool name_global(struct text *t, uintptr_t address, size_t size)
{
	Dwarf *dwarf = symbols_dwarf();
	uintptr_t at = symbols_address((void *)address), offset;
	const char *symbol = symbols_at(at, STT_OBJECT, &offset);
	Dwarf_Die unit, variable, type;
	Dwarf_CU *cu = NULL;

	if (!symbol)
		return false;
	while (dwarf &&
	       dwarf_get_units(dwarf, cu, &cu, NULL, NULL, &unit, NULL) == 0) {
		if (!find_variable(&unit, at - offset, &variable) ||
		    !type_of(&variable, &type))
			continue;
		text_add(t, "%s", dwarf_diename(&variable));
		while (!is_found(&type, offset, size) &&
		       descend(&type, &offset, t))
			;
		break;
	}
	if (!t->n)
		text_add(t, "%s", symbol);
	if (offset)
		text_add(t, "+%#lx", (unsigned long)offset);
	return true;
}

/* The same few are asked for over and over. */
static bool add_global(struct text *t, uintptr_t address, size_t size)
{
	enum { KNOWN = 1024 };
	static struct known {
		uintptr_t address;
		size_t size;
		char text[128];
	} all[KNOWN];
	struct known *k = &all[(address >> 2) % KNOWN];
	struct text name;

	if (k->address != address || k->size != size) {
		k->address = address;
		k->size = size;
		name = text_in(k->text, sizeof(k->text));
		name_global(&name, address, size);
	}
	text_add(t, "%s", k->text);
	return k->text[0] != '\0';
}

static bool add_stack(struct text *t, uintptr_t address)
{
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		const struct fiber *f = threads[i].fiber;

		if (!f || address < (uintptr_t)f->low ||
		    address >= (uintptr_t)f->top)
			continue;
		text_add(t, i ? "stack of T%u" : "stack of main", i);
		text_add(t, "-%#lx",
			 (unsigned long)((uintptr_t)f->top - address));
		return true;
	}
	return false;
}

/* How many blocks come from the same place, and which one this is. */
static unsigned siblings(const struct block *b, unsigned *which)
{
	unsigned n = 0;

	for (unsigned t = 0; t < THREADS_MAX; t++)
		for (unsigned i = 0; i < arenas[t].n; i++) {
			const struct block *other = &arenas[t].blocks[i];

			n += other->allocated_at == b->allocated_at;
			if (other == b)
				*which = n;
		}
	return n;
}

/* By the place of its allocation: "heap(mcs.c:20)#2+0x8" */
static bool add_heap(struct text *t, uintptr_t address)
{
	struct block *b = in_heap(address) ? block_of(address) : NULL;
	unsigned which = 0;

	if (!b)
		return false;
	text_add(t, "heap(%s)", where_line(b->allocated_at));
	if (siblings(b, &which) > 1)
		text_add(t, "#%u", which);
	if (address != b->start)
		text_add(t, "+%#lx", (unsigned long)(address - b->start));
	return true;
}

bool where_data(uintptr_t address, size_t size, char *text, size_t room)
{
	struct text t = text_in(text, room);

	if (add_global(&t, address, size) || add_stack(&t, address) ||
	    add_heap(&t, address))
		return true;
	text_add(&t, "%#lx", (unsigned long)address);
	return false;
}
