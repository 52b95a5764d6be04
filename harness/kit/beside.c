/* SPDX-License-Identifier: MIT */
#include "beside.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The folder of the running command. */
static const char *own_folder(void)
{
	static char path[4000];

	/* what is left is zero: the path ends */
	if (!path[0]) {
		if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
			abort();
		dirname(path);
	}
	return path;
}

/* Is the file there? Then its folder is the one. */
static bool found(const char *folder, const char *file, char path[PATH_MAX])
{
	char full[4400];

	snprintf(full, sizeof(full), "%.4100s/%.200s", folder, file);
	return access(full, R_OK) == 0 && realpath(folder, path);
}

bool beside_folder(const char *name, const char *file, char path[PATH_MAX])
{
	char built[4200], installed[4200], tree[4200];

	snprintf(built, sizeof(built), "%s/../%.100s", own_folder(), name);
	snprintf(installed, sizeof(installed), "%s/../lib/synclab",
		 own_folder());
	snprintf(tree, sizeof(tree), SYNCLAB_ROOT "/build/%.100s", name);
	return found(built, file, path) || found(installed, file, path) ||
	       found(tree, file, path);
}
