/* SPDX-License-Identifier: MIT */
#include "chosen.h"

#include <string.h>

#include "say.h"
#include "settings.h"

struct chosen chosen;

extern const struct registration *const __start_synclab_impl[]
	__attribute__((visibility("hidden")));
extern const struct registration *const __stop_synclab_impl[]
	__attribute__((visibility("hidden")));

/* registry.c would sort, and allocate for that. */
static const void *find(const char *kind, const char *name)
{
	if (!*name || strcmp(name, "pthread") == 0)
		return NULL;
	for (const struct registration *const *r = __start_synclab_impl;
	     r < __stop_synclab_impl; r++)
		if (strcmp((*r)->kind, kind) == 0 &&
		    strcmp((*r)->id->name, name) == 0)
			return (*r)->id;
	die("no implementation %s/%s in this library: build it anew with "
	    "`make`",
	    kind, name);
}

void chosen_find(void)
{
	chosen.mutex = find("mutex", settings.mutex);
	chosen.cond = find("cond", settings.cond);
	chosen.rwlock = find("rwlock", settings.rwlock);
	chosen.semaphore = find("semaphore", settings.semaphore);
	chosen.barrier = find("barrier", settings.barrier);
	chosen.spin = find("mutex", settings.spin);
	chosen.once = find("once", settings.once);
	/* the C library's conditions know only its own mutexes */
	if (chosen.mutex && !chosen.cond)
		chosen.cond = find("cond", "futex");
}
