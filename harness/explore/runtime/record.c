/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <string.h>

#include "memory.h"
#include "report.h"
#include "where.h"

/* Enough for what can be told; what comes after is left out. */
enum { RECORDS_MAX = 1 << 15, POOL_MAX = 1 << 19 };

static struct record records[RECORDS_MAX];
static const void *pool[POOL_MAX];
static unsigned used, pooled;
static uintptr_t about;

static struct {
	struct record *first, *last;
} of[THREADS_MAX];

void record_start(uintptr_t address)
{
	about = address;
	used = pooled = 0;
	memset(of, 0, sizeof(of));
}

struct record *record_first(unsigned thread)
{
	return of[thread].first;
}

/* What memory has there, where it is the program's. */
static void take_value(struct record *r)
{
	if (r->has_value || r->free || r->size > sizeof(r->value) ||
	    !memory_cell(r->address))
		return;
	memcpy(&r->value, (const void *)r->address, r->size);
	r->has_value = true;
}

static struct record *add(const void *pc)
{
	unsigned t = (unsigned)(running - threads);
	struct record *last = of[t].last, *r;

	/* a plain write is announced before it is done */
	if (last && last->plain && last->write)
		take_value(last);
	if (used == RECORDS_MAX)
		return NULL;
	r = &records[used++];
	*r = (struct record){ .thread = (uint8_t)t, .pc = pc, .stack = pooled };
	while (r->depth < running->depth && r->depth < CALLS_MAX &&
	       pooled < POOL_MAX)
		pool[pooled++] = running->calls[r->depth++];
	*(last ? &last->next : &of[t].first) = r;
	of[t].last = r;
	return r;
}

void report_event(const struct event *e)
{
	struct record *r = add(e->op.pc);

	if (r)
		r->index = e->index;
}

static bool is_private(uintptr_t a, size_t size)
{
	enum { NEAR = 64 };
	const struct fiber *f = running->fiber;

	if (about && a < about + NEAR && about < a + size)
		return false;
	return running != threads && a >= (uintptr_t)f->low &&
	       a < (uintptr_t)f->top;
}

static struct record *add_plain(uintptr_t a, size_t size, bool write,
				const void *pc)
{
	struct record *r = add(pc);

	if (!r)
		return NULL;
	r->plain = true;
	r->write = write;
	r->index = (uint16_t)running->next;
	r->address = a;
	r->size = size;
	return r;
}

void report_access(uintptr_t a, size_t size, bool write, const void *pc)
{
	struct record *r =
		is_private(a, size) ? NULL : add_plain(a, size, write, pc);

	if (r && !write)
		take_value(r);
}

void report_free(uintptr_t a, size_t size, const void *pc)
{
	struct record *r = add_plain(a, size, true, pc);

	if (r)
		r->free = true;
}

/* What a thread did last may be what was not to be done. */
void record_finish(void)
{
	for (unsigned t = 0; t < THREADS_MAX; t++) {
		struct record *last = of[t].last;

		if (last && last->plain && last->write &&
		    (t != violation.thread || last->pc != violation.pc))
			take_value(last);
	}
}

bool record_shared(const struct record *r)
{
	for (unsigned t = 0; t < THREADS_MAX; t++) {
		if (t == r->thread)
			continue;
		for (const struct record *o = of[t].first; o; o = o->next)
			if (record_touches(o, r->address, r->size) &&
			    (o->write || r->write))
				return true;
	}
	return false;
}

void record_print_frames(FILE *f, const void *pc)
{
	struct place frames[INLINED_MAX];
	unsigned n = where_frames(pc, frames);

	for (unsigned i = 0; i < n; i++) {
		fprintf(f, "    %-24s %s", frames[i].function, frames[i].file);
		fprintf(f, frames[i].line ? ":%d\n" : "\n", frames[i].line);
	}
}

static void print_stack(FILE *f, const void *pc, const void *const *calls,
			unsigned depth)
{
	record_print_frames(f, pc);
	while (depth-- > 0)
		record_print_frames(f, calls[depth]);
}

void record_print_stack(FILE *f, const struct record *r)
{
	print_stack(f, r->pc, &pool[r->stack], r->depth);
}

void record_print_now(FILE *f, unsigned thread, const void *pc)
{
	const struct thread *t = &threads[thread];

	print_stack(f, pc, t->calls,
		    t->depth < CALLS_MAX ? t->depth : CALLS_MAX);
}
