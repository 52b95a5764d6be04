/* SPDX-License-Identifier: MIT */
#include "stock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../command.h"
#include "place.h"
#include "tool.h"

static bool planted(const struct registration *r)
{
	return strncmp(r->id->name, "broken_", 7) == 0 ||
	       strncmp(r->id->name, "fixed_", 6) == 0;
}

const char *stock_program(const struct registration *r)
{
	static char paths[2][4200];
	char *path = paths[planted(r)];

	if (path[0])
		return path;
	snprintf(path, sizeof(paths[0]), "%s/%s",
		 place_library() ? place_library() : "build/explore",
		 planted(r) ? "clients-canaries" : "clients");
	if (access(path, X_OK) == 0)
		return path;
	lab_fail("%s is not there: build it with `make explorer`", path);
	path[0] = '\0';
	return NULL;
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

/* kind, name, threads, size, about and perhaps what is lacking */
static bool parse(char *line, struct stock *s)
{
	char *field[6] = { NULL };

	line[strcspn(line, "\n")] = '\0';
	for (int i = 0; i < 6; i++)
		field[i] = strsep(&line, "\t");
	if (!field[4])
		return false;
	copy(s->client, sizeof(s->client), field[1]);
	s->threads = (unsigned)strtoul(field[2], NULL, 10);
	s->large = strcmp(field[3], "large") == 0;
	copy(s->about, sizeof(s->about), field[4]);
	copy(s->lacks, sizeof(s->lacks), field[5]);
	return true;
}

bool stock_list(const struct registration *r, struct stock **all, size_t *n)
{
	const char *program = stock_program(r);
	struct stock s;
	char line[1024];
	FILE *f;

	if (!program)
		return false;
	snprintf(s.implementation, sizeof(s.implementation), "%s/%s", r->kind,
		 r->id->name);

	char *argv[] = { (char *)program, "--list", s.implementation, NULL };

	f = tool_read(argv);
	if (!f) {
		lab_fail("%s does not know %s: build it again with `make "
			 "explorer`",
			 program, s.implementation);
		return false;
	}
	while (fgets(line, sizeof(line), f)) {
		if (!parse(line, &s))
			continue;
		*all = realloc(*all, (*n + 1) * sizeof(**all));
		if (!*all)
			abort();
		(*all)[(*n)++] = s;
	}
	fclose(f);
	return true;
}
