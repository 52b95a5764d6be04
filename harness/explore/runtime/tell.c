/* SPDX-License-Identifier: MIT */
#include "tell.h"

#include <stdlib.h>
#include <string.h>

#include "blocked.h"
#include "cell.h"
#include "history.h"
#include "options.h"
#include "text.h"
#include "trace.h"
#include "where.h"

enum { COLUMNS = 120 };

/* Plain accesses that are rows. */
static bool of_interest(const struct record *r)
{
	if (violation.kind == ASSERTION)
		return record_shared(r);
	return tell_touches(r);
}

/* Does the order of the rows explain what was read, or does it take more? */
static void print_weakness(const struct diagram *d, FILE *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < d->n; i++) {
		if (!diagram_overtaken(d, &d->rows[i]))
			continue;
		fprintf(f,
			n++ ? ", %u"
			    : "Weak memory: no interleaving of the threads "
			      "explains row %u",
			d->rows[i].number);
	}
	if (n)
		fprintf(f, "; %s allows it.\n", trace_models[page->model]);
}

void tell_table(const struct diagram *d, FILE *f)
{
	fprintf(f, "%s: %s\n\n", violation_names[violation.kind],
		violation.text);
	diagram_print(d, COLUMNS, f);
	fputs("\n<- row N: reads what row N wrote. In brackets the memory "
	      "order; plain: not atomic.\n",
	      f);
	print_weakness(d, f);
}

/* The stack of the thread that ended the execution. */
void tell_now(const struct row *r, FILE *f)
{
	fputc('\n', f);
	if (r)
		fprintf(f, "row %u, ", r->number);
	fprintf(f, "%s\n", diagram_thread(violation.thread));
	record_print_now(f, violation.thread, violation.pc);
}

static void tell_blocked(struct diagram *d, FILE *f)
{
	char text[sizeof(violation.text)];
	struct text t = text_in(text, sizeof(text));

	blocked_rows(d);
	diagram_number(d);
	blocked_name(d, &t);
	if (t.n)
		memcpy(violation.text, text, sizeof(text));
	tell_table(d, f);
	blocked_print(d, f);
}

static void tell_leak(struct diagram *d, FILE *f)
{
	diagram_number(d);
	tell_table(d, f);
	fputs("\nallocated at\n", f);
	record_print_frames(f, violation.pc);
}

static void tell_history(struct diagram *d, FILE *f)
{
	diagram_number(d);
	tell_table(d, f);
	linear_print(COLUMNS, f);
}

static void tell_other(struct diagram *d, FILE *f)
{
	char text[64];

	snprintf(text, sizeof(text), "<==" TIED "%s",
		 violation_names[violation.kind]);
	diagram_end(d, violation.thread, violation.pc, text);
	diagram_number(d);
	tell_table(d, f);
	tell_now(&d->rows[d->n - 1], f);
}

/* Addresses in its text become names. */
static void name_addresses(void)
{
	char old[sizeof(violation.text)], name[64], *end;
	const char *from = strcpy(old, violation.text), *at;
	struct text t = text_in(violation.text, sizeof(violation.text));

	while ((at = strstr(from, "0x"))) {
		unsigned long address = strtoul(at, &end, 16);

		text_add(&t, "%.*s", (int)(at - from), from);
		where_data(address, 1, name, sizeof(name));
		text_add(&t, "%s", name);
		from = end;
	}
	text_add(&t, "%s", from);
}

void tell(const struct graph *g, FILE *f)
{
	struct diagram d = diagram_of(g, violation.thread, of_interest);

	name_addresses();
	if (violation.has_other)
		tell_race(&d, f);
	else if (violation.kind == DEADLOCK || violation.kind == LIVELOCK)
		tell_blocked(&d, f);
	else if (violation.kind == LEAK)
		tell_leak(&d, f);
	else if (violation.kind == NOT_LINEARIZABLE)
		tell_history(&d, f);
	else
		tell_other(&d, f);
	free(d.rows);
}
