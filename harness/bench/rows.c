/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include <csv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../command.h"

struct reading {
	struct record record;
	bool header_done, stopped;
	bool (*each)(void *context, const struct record *r);
	void *context;
};

const char *record_get(const struct record *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->names[i] && strcmp(r->names[i], name) == 0)
			return r->fields[i];
	return "";
}

static void on_field(void *text, size_t size, void *context)
{
	struct reading *r = context;
	struct record *record = &r->record;
	char ***list = r->header_done ? &record->fields : &record->names;

	if (record->n >= record->capacity) {
		if (r->header_done)
			return; /* more fields than names */
		record->capacity = record->n + 1;
		record->names =
			realloc(record->names,
				record->capacity * sizeof(record->names[0]));
		record->fields =
			realloc(record->fields,
				record->capacity * sizeof(record->fields[0]));
		if (!record->names || !record->fields)
			abort();
	}
	(*list)[record->n++] = strndup(text ? text : "", size);
}

static void on_line(int end, void *context)
{
	struct reading *r = context;
	struct record *record = &r->record;

	(void)end;
	record->line++;
	/* a line that a crash has cut short is none */
	if (r->header_done && record->n == record->capacity && !r->stopped)
		r->stopped = !r->each(r->context, record);
	for (size_t i = 0; r->header_done && i < record->n; i++)
		free(record->fields[i]);
	r->header_done = true;
	record->n = 0;
}

int rows_each(const char *path,
	      bool (*each)(void *context, const struct record *r),
	      void *context)
{
	struct reading r = { .each = each, .context = context };
	struct csv_parser parser;
	char buffer[1 << 16];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		return lab_fail("%s: %s: name a folder that `synclab bench` "
				"has written",
				path, strerror(errno));
	if (csv_init(&parser, CSV_EMPTY_IS_NULL))
		abort();
	while ((n = fread(buffer, 1, sizeof(buffer), f)) > 0)
		csv_parse(&parser, buffer, n, on_field, on_line, &r);
	/* not csv_fini: what has no line end is not whole */
	csv_free(&parser);
	fclose(f);
	for (size_t i = 0; i < r.record.capacity; i++)
		free(r.record.names[i]);
	free(r.record.names);
	free(r.record.fields);
	return 0;
}

void record_identity(const struct record *r, char *out, size_t size)
{
	snprintf(out, size, "%s %s %s/%s %s t:%s", record_get(r, "mode"),
		 record_get(r, "scenario"), record_get(r, "kind"),
		 record_get(r, "implementation"), record_get(r, "parameters"),
		 record_get(r, "threads"));
}

void row_identity(const struct campaign_cell *cell, char *out, size_t size)
{
	char parameters[400];

	row_parameters(cell, parameters, sizeof(parameters));
	snprintf(out, size, "%s %s %s/%s %s t:%u", window_mode_name(cell->mode),
		 cell->cell.scenario->name, row_kind(cell), cell->name,
		 parameters, cell->cell.threads);
}

static void read_extras(struct row *row, const char *text)
{
	char *copy = strdup(text), *rest = copy, *item;
	int n = 0;

	while ((item = strsep(&rest, " ")) != NULL && n < EXTRAS_MAX) {
		char *value = strchr(item, '=');

		if (!value)
			continue;
		*value = '\0';
		snprintf(row->extras[n].name, sizeof(row->extras[n].name), "%s",
			 item);
		row->extras[n++].value = strtod(value + 1, NULL);
	}
	free(copy);
}

static unsigned number(const struct record *r, const char *name)
{
	return (unsigned)strtoul(record_get(r, name), NULL, 10);
}

void row_from_record(struct row *row, const struct record *r)
{
	*row = (struct row){ .cpus = number(r, "cpus"),
			     .verified = number(r, "verified") };
	row->context.block = number(r, "block");
	row->context.order = number(r, "order");
	row->context.attempt = number(r, "attempt");
	row->context.seed = strtoull(record_get(r, "seed"), NULL, 10);
	row->state = row_state(record_get(r, "state"));
	for (int f = 0; f < FIGURES; f++) {
		const char *text = record_get(r, figure_name((enum figure)f));

		row->figures[f] = text[0] ? strtod(text, NULL) : NAN;
	}
	row->complete = !isnan(row->figures[OPS]);
	read_extras(row, record_get(r, "extra"));
	snprintf(row->why, sizeof(row->why), "%s",
		 record_get(r, "why_invalid"));
	snprintf(row->note, sizeof(row->note), "%s", record_get(r, "note"));
}
