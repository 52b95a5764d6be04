/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <stdbool.h>
#include <string.h>

#include "../preload/counts.h"

#define TALLY_ROW(name, text) { #name, text },
static const struct {
	const char *name, *text;
} rows[] = { COUNTS(TALLY_ROW) };

struct tally {
	unsigned long long sums[COUNTED];
	char programs[200]; /* that there were, each once */
};

static bool has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = strstr(list, word); s; s = strstr(s + 1, word))
		if ((s == list || s[-1] == ' ') && (!s[n] || s[n] == ','))
			return true;
	return false;
}

static void add_program(struct tally *t, const char *name)
{
	size_t length = strlen(t->programs);

	if (!has_word(t->programs, name))
		snprintf(t->programs + length, sizeof(t->programs) - length,
			 "%s%s", length ? ", " : "", name);
}

static void add_line(struct tally *t, const char *line)
{
	char program[64], name[64];
	unsigned long long value;

	if (sscanf(line, "%*d\t%63[^\t]\t%63[^\t]\t%llu", program, name,
		   &value) != 3)
		return;
	add_program(t, program);
	for (int i = 0; i < COUNTED; i++)
		if (strcmp(rows[i].name, name) == 0)
			t->sums[i] += value;
}

void tally_print(FILE *out, FILE *lines)
{
	struct tally t = { 0 };
	bool used = false;
	char line[300];

	while (fgets(line, sizeof(line), lines))
		add_line(&t, line);
	fprintf(out, "synclab run: %s\n",
		t.programs[0] ? t.programs : "no process has left counts");
	for (int i = 0; i < COUNTED; i++) {
		if (!t.sums[i])
			continue;
		fprintf(out, "%12llu  %s\n", t.sums[i], rows[i].text);
		used |= i != COUNT_processes && i != COUNT_calls_libc;
	}
	if (t.programs[0] && !used)
		fputs("              none of the kinds that were named was "
		      "seen "
		      "in use\n",
		      out);
}
