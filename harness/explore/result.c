/* SPDX-License-Identifier: MIT */
#include "result.h"

#include <errno.h>
#include <string.h>

#include <csv.h>
#include <jansson.h>

#include "place.h"
#include "runtime/violation.h"

static const char *const kinds[] = VIOLATION_NAMES;

static const char *const verdicts[] = {
	[VERIFIED] = "VERIFIED",	 [VIOLATED] = "VIOLATION",
	[NOT_SUPPORTED] = "UNSUPPORTED", [VERIFIED_TO_BOUND] = "BOUNDED",
	[NOT_APPLICABLE] = "SKIP",	 [CUT_SHORT] = "CUT",
};

const char *result_name(enum verdict v)
{
	return verdicts[v];
}

static const char *kind_name(const struct explored *e)
{
	if (e->verdict != VIOLATED || e->page->violation_kind >= VIOLATIONS)
		return "";
	return kinds[e->page->violation_kind];
}

void result_violation(const struct explored *e, char *text, size_t size)
{
	const char *kind = kind_name(e), *what = e->page->violation_text;

	/* what is wrong may begin with its name already */
	if (strncmp(what, kind, strlen(kind)) == 0)
		snprintf(text, size, "%s", what[0] ? what : kind);
	else
		snprintf(text, size, "%s: %s", kind, what);
}

static void again(FILE *out, const struct explored *e, const struct settings *s)
{
	fprintf(out, "%s explore", program_invocation_name);
	settings_print(out, s);
	fputs(" --replay=", out);
	settings_print_word(out, place_shown(e->trace));
	if (e->client) {
		fprintf(out, " --client=%s %s", e->client, e->name);
		return;
	}
	for (int i = 0; i < s->n; i++) {
		fputc(' ', out);
		settings_print_word(out, s->subjects[i]);
	}
	if (s->rest_n)
		fputs(" --", out);
	for (int i = 0; i < s->rest_n; i++) {
		fputc(' ', out);
		settings_print_word(out, s->rest[i]);
	}
}

/* The report, but for a first line that says what has been said. */
static void print_report(const char *path, const char *said)
{
	FILE *f = fopen(path, "r");
	char line[4096];
	bool first = true;

	while (f && fgets(line, sizeof(line), f)) {
		if (!first || strncmp(line, said, strlen(said)) != 0)
			fputs(line, stdout);
		first = false;
	}
	if (f)
		fclose(f);
}

static void print_figures(const struct explored *e)
{
	const struct explore_page *p = e->page;

	printf("%llu complete, %llu blocked, ", (unsigned long long)p->complete,
	       (unsigned long long)p->blocked);
	if (p->mode == EXPLORE_ALL)
		printf("%llu duplicates", (unsigned long long)p->duplicates);
	else
		printf("coverage about %.0f %% of what such walks see, %llu "
		       "distinct",
		       100 * explored_coverage(e),
		       (unsigned long long)explored_distinct(e));
	printf(", longest %llu events, %.0f/s, %.2f s",
	       (unsigned long long)p->deepest, explored_rate(e), e->seconds);
}

static void tell_text(const struct explored *e, const struct settings *s)
{
	char text[600];

	printf("%-11s %s%s%s: ", result_name(e->verdict), e->name,
	       e->client ? " " : "", e->client ? e->client : "");
	if (e->verdict == VIOLATED) {
		result_violation(e, text, sizeof(text));
		printf("%s\n%12s", text, "");
	}
	if (e->verdict == NOT_SUPPORTED || e->verdict == NOT_APPLICABLE)
		fputs(e->why, stdout);
	else
		print_figures(e);
	putchar('\n');
	if (e->verdict == VIOLATED) {
		print_report(e->report, text);
		fputs("again: ", stdout);
		again(stdout, e, s);
		putchar('\n');
	}
	fflush(stdout);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* Figures of one that ran; zeros of one that did not. */
static void add_figures(json_t *o, const struct explored *e)
{
	static const struct explore_page none = { 0 };
	const struct explore_page *p = e->page ? e->page : &none;
	bool walks = p->mode != EXPLORE_ALL;

	json_object_set_new(o, "executions", number(explored_executions(e)));
	json_object_set_new(o, "complete", number(p->complete));
	json_object_set_new(o, "blocked", number(p->blocked));
	json_object_set_new(o, "dropped", number(p->dropped));
	json_object_set_new(o, "duplicates", number(p->duplicates));
	json_object_set_new(o, "distinct",
			    walks ? number(explored_distinct(e)) : json_null());
	json_object_set_new(o, "coverage",
			    walks ? json_real(explored_coverage(e))
				  : json_null());
	json_object_set_new(o, "violations", number(p->violations));
	json_object_set_new(o, "events", number(p->events));
	json_object_set_new(o, "longest", number(p->deepest));
	json_object_set_new(o, "executions_per_s", json_real(explored_rate(e)));
	json_object_set_new(o, "explored_s",
			    json_real((double)p->nanoseconds / 1e9));
	json_object_set_new(o, "wall_s", json_real(e->seconds));
	json_object_set_new(o, "max_rss_kb", number((uint64_t)e->rss_kb));
	json_object_set_new(o, "bounded", json_boolean(p->bounded));
}

static json_t *again_text(const struct explored *e, const struct settings *s)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	json_t *string;

	if (e->verdict == VIOLATED)
		again(f, e, s);
	fclose(f);
	string = json_string(text);
	free(text);
	return string;
}

static json_t *describe(const struct explored *e, const struct settings *s)
{
	bool violated = e->verdict == VIOLATED;
	json_t *o = json_object();

	json_object_set_new(o, "program", json_string(e->name));
	json_object_set_new(o, "client",
			    json_string(e->client ? e->client : ""));
	json_object_set_new(o, "model",
			    json_string(settings_models[s->ask.model]));
	json_object_set_new(o, "mode",
			    json_string(settings_modes[s->ask.mode]));
	json_object_set_new(o, "verdict", json_string(result_name(e->verdict)));
	/* texts last: what is before them has no commas */
	add_figures(o, e);
	json_object_set_new(o, "violation", json_string(kind_name(e)));
	json_object_set_new(o, "what",
			    json_string(violated ? e->page->violation_text
						 : e->why));
	json_object_set_new(o, "report",
			    json_string(violated ? e->report : ""));
	json_object_set_new(o, "trace", json_string(violated ? e->trace : ""));
	json_object_set_new(o, "again", again_text(e, s));
	return o;
}

static void tell_json(const struct explored *e, const struct settings *s)
{
	json_t *o = describe(e, s);

	json_dumpf(o, stdout, JSON_REAL_PRECISION(9));
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

static void print_value(const json_t *v)
{
	if (json_is_null(v))
		return;
	if (json_is_string(v))
		csv_fwrite(stdout, json_string_value(v),
			   strlen(json_string_value(v)));
	else
		json_dumpf(v, stdout, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
}

static void tell_csv(const struct explored *e, const struct settings *s)
{
	static bool head;
	json_t *o = describe(e, s), *value;
	const char *key, *comma = "";

	if (!head) {
		json_object_foreach(o, key, value)
		{
			printf("%s%s", comma, key);
			comma = ",";
		}
		putchar('\n');
	}
	head = true;
	comma = "";
	json_object_foreach(o, key, value)
	{
		fputs(comma, stdout);
		print_value(value);
		comma = ",";
	}
	putchar('\n');
	fflush(stdout);
	json_decref(o);
}

void result_tell(const struct explored *e, const struct settings *s)
{
	switch (s->format) {
	case FORMAT_TEXT:
		tell_text(e, s);
		break;
	case FORMAT_JSON:
		tell_json(e, s);
		break;
	case FORMAT_CSV:
		tell_csv(e, s);
		break;
	}
}

static unsigned count(const struct explored *all, size_t n, enum verdict v)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		count += all[i].verdict == v;
	return count;
}

int result_status(const struct explored *all, size_t n)
{
	static const enum verdict worst_first[] = { VIOLATED, NOT_SUPPORTED,
						    VERIFIED_TO_BOUND };

	for (size_t i = 0; i < 3; i++)
		if (count(all, n, worst_first[i]))
			return (int)worst_first[i];
	return VERIFIED;
}

void result_totals(const struct explored *all, size_t n)
{
	printf("%u verified, %u bounded, %u with a violation, %u unsupported, "
	       "%u skipped\n",
	       count(all, n, VERIFIED), count(all, n, VERIFIED_TO_BOUND),
	       count(all, n, VIOLATED), count(all, n, NOT_SUPPORTED),
	       count(all, n, NOT_APPLICABLE));
}
