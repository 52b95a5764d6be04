/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../kit/beside.h"
#include "../kit/temp.h"

const char *place_library(void)
{
	static char path[PATH_MAX];

	if (path[0] || beside_folder("explore", "libexplore.so", path))
		return path;
	return NULL;
}

static bool usable(const char *folder)
{
	mkdir(folder, 0777);
	return access(folder, W_OK | X_OK) == 0;
}

const char *place_output(void)
{
	static char path[4096];

	if (path[0])
		return path;
	snprintf(path, sizeof(path), "%.4000s/programs",
		 place_library() ? place_library() : "");
	if (usable(path))
		return path;
	snprintf(path, sizeof(path), "%s/synclab-explore-%u", temp_dir(),
		 (unsigned)getuid());
	if (!usable(path))
		path[0] = '\0';
	return path;
}

const char *place_shown(const char *path)
{
	char here[PATH_MAX];
	size_t n = getcwd(here, sizeof(here)) ? strlen(here) : 0;

	return n && strncmp(path, here, n) == 0 && path[n] == '/' ? path + n + 1
								  : path;
}

unsigned place_hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3;
	return (unsigned)(h ^ h >> 32);
}
