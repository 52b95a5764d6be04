/* SPDX-License-Identifier: MIT */
#include "environment.h"

#include <stdlib.h>
#include <string.h>

#include "../command.h"
#include "../kit/beside.h"
#include "../preload/settings.h"

const char *environment_library(void)
{
	static char path[PATH_MAX + 20];
	char folder[PATH_MAX];

	if (!beside_folder("preload", "libpreload.so", folder)) {
		lab_fail("libpreload.so is nowhere beside this command: build "
			 "it with `make`, or `make install`");
		return NULL;
	}
	snprintf(path, sizeof(path), "%s/libpreload.so", folder);
	/* ld.so(8): what separates the paths cannot be part of one */
	if (strpbrk(path, " :")) {
		lab_fail("'%s': LD_PRELOAD cannot hold a path with a blank or "
			 "a colon: move the build, or install it elsewhere",
			 path);
		return NULL;
	}
	return path;
}

static int set_preload(const char *library)
{
	const char *others = getenv("LD_PRELOAD");
	char *value = NULL;
	int n = others && *others ? asprintf(&value, "%s:%s", library, others)
				  : asprintf(&value, "%s", library);

	if (n < 0 || setenv("LD_PRELOAD", value, 1) != 0)
		abort();
	free(value);
	return 0;
}

static bool is_passable(const char *path)
{
	return !path || (!strchr(path, ' ') && strlen(path) < PATH_MAX);
}

int environment_set(const struct request *q, const char *counts,
		    const char *profile)
{
	const char *library = environment_library();
	char *value = NULL;
	size_t size = 0;
	FILE *f;

	if (!library)
		return EXIT_USAGE;
	if (!is_passable(counts) || !is_passable(profile))
		return lab_fail(
			"'%s' has a blank or is too long, and cannot "
			"be passed on to the program: name another place, "
			"or set TMPDIR",
			is_passable(counts) ? profile : counts);
	f = open_memstream(&value, &size);
	choice_print(f, &q->choice);
	fprintf(f, "%s%s", q->fallback ? "fallback " : "",
		q->alone ? "alone " : "");
	if (counts)
		fprintf(f, "counts=%s ", counts);
	if (profile)
		fprintf(f, "profile=%s ", profile);
	fclose(f);
	if (setenv(SETTINGS_VARIABLE, value, 1) != 0)
		abort();
	free(value);
	return set_preload(library);
}
