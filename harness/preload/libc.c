/* SPDX-License-Identifier: MIT */
/*
 * The C library's own calls.
 *
 * x86-64 has two conditions: that of LinuxThreads (GLIBC_2.2.5) and today's
 * (GLIBC_2.3.2). A plain dlsym has been known to find the old one, whose object
 * is another, so the version is asked for. A program that was linked with the
 * old one is answered as any other: ours have no version, and all calls of the
 * kind arrive here together.
 */
#include <dlfcn.h>
#include <string.h>

#include "calls.h"
#include "say.h"

static void *find(const char *name)
{
	void *call = NULL;

#ifdef __x86_64__
	if (strncmp(name, "pthread_cond_", 13) == 0 &&
	    strcmp(name, "pthread_cond_clockwait") != 0)
		call = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
#endif
	return call ? call : dlsym(RTLD_NEXT, name);
}

#define FIND(result, name, parameters, arguments)                              \
	*(void **)&libc.name = find(#name);

void libc_find(void)
{
	/* mutexes first: an allocator may need one in what follows */
	ALL_CALLS(FIND)
	if (!libc.pthread_mutex_lock)
		die("no C library comes after the interposer: is libc.so.6 in "
		    "LD_PRELOAD, before it? Leave it out");
}
