/* SPDX-License-Identifier: MIT */
/*
 * Another interposer, as leak finders and race detectors are: it counts, and
 * passes on what it got from dlsym and dlvsym.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

static _Atomic long locks;

long counter_locks(void);

long counter_locks(void)
{
	return atomic_load(&locks);
}

static void *next(const char *name, const char *version)
{
#ifdef __x86_64__
	if (version)
		return dlvsym(RTLD_NEXT, name, version);
#endif
	(void)version;
	return dlsym(RTLD_NEXT, name);
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
	static int (*real)(pthread_mutex_t *);

	if (!real)
		*(void **)&real = next("pthread_mutex_lock", NULL);
	atomic_fetch_add(&locks, 1);
	return real(m);
}

int pthread_cond_wait(pthread_cond_t *c, pthread_mutex_t *m)
{
	static int (*real)(pthread_cond_t *, pthread_mutex_t *);

	if (!real)
		*(void **)&real = next("pthread_cond_wait", "GLIBC_2.3.2");
	return real(c, m);
}
