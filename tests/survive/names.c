/* SPDX-License-Identifier: MIT */
/*
 * Every way to the same function has to end at the same lock: by name, by
 * dlsym, by dlvsym with each version that the C library has had, by its second
 * name, and by a reference to the old version.
 *
 * Prints: all names are one
 */
#include "survive.h"

#include <dlfcn.h>

typedef int mutex_call(pthread_mutex_t *);
typedef int cond_call(pthread_cond_t *);
typedef int wait_call(pthread_cond_t *, pthread_mutex_t *);

#ifdef __x86_64__
__asm__(".symver old_wait, pthread_cond_wait@GLIBC_2.2.5\n"
	".symver old_signal, pthread_cond_signal@GLIBC_2.2.5\n"
	".symver second_lock, __pthread_mutex_lock@GLIBC_2.2.5\n"
	".symver second_unlock, __pthread_mutex_unlock@GLIBC_2.2.5");
mutex_call second_lock, second_unlock;
wait_call old_wait;
cond_call old_signal;
#define OLD "GLIBC_2.2.5"
#else
#define old_wait      pthread_cond_wait
#define old_signal    pthread_cond_signal
#define second_lock   pthread_mutex_lock
#define second_unlock pthread_mutex_unlock
#define OLD	      "GLIBC_2.17"
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int served;

struct ways {
	mutex_call *lock, *unlock;
	wait_call *wait;
	cond_call *signal;
};

static void *find(void *where, const char *name, const char *version)
{
	void *p = version ? dlvsym(where, name, version) : dlsym(where, name);

	CHECK(p != NULL);
	return p;
}

static struct ways look(void *where, const char *version, const char *condition)
{
	struct ways w;

	*(void **)&w.lock = find(where, "pthread_mutex_lock", version);
	*(void **)&w.unlock = find(where, "pthread_mutex_unlock", version);
	*(void **)&w.wait = find(where, "pthread_cond_wait", condition);
	*(void **)&w.signal = find(where, "pthread_cond_signal", condition);
	return w;
}

static void *serve(void *ways)
{
	const struct ways *w = ways;

	w->lock(&mutex);
	served = 1;
	w->signal(&cond);
	w->unlock(&mutex);
	return NULL;
}

/* one waits by its ways, the other signals by its own */
static void meet(const struct ways *one, struct ways *other)
{
	pthread_t t;

	served = 0;
	CHECK(!one->lock(&mutex));
	CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
	t = start(serve, other);
	while (!served)
		CHECK(!one->wait(&cond, &mutex));
	CHECK(!one->unlock(&mutex));
	join(t);
	CHECK(!pthread_mutex_trylock(&mutex));
	CHECK(!pthread_mutex_unlock(&mutex));
}

int main(void)
{
	struct ways all[] = {
		{ pthread_mutex_lock, pthread_mutex_unlock, pthread_cond_wait,
		  pthread_cond_signal },
		{ second_lock, second_unlock, old_wait, old_signal },
		look(RTLD_DEFAULT, NULL, NULL),
		look(RTLD_NEXT, NULL, NULL),
		look(RTLD_DEFAULT, OLD, "GLIBC_2.3.2"),
		look(RTLD_NEXT, OLD, "GLIBC_2.3.2"),
	};
	enum { WAYS = sizeof(all) / sizeof(*all) };

	/* nothing waits at the C library's old condition when it is asked for
	 * by name alone, so leave its own pair together */
	for (int i = 0; i < WAYS; i++) {
		memset(&cond, 0, sizeof(cond));
		meet(&all[i], &all[i]);
	}
	if (is_ours("cond="))
		for (int i = 0; i < WAYS; i++)
			meet(&all[i], &all[(i + 1) % WAYS]);
	puts("all names are one");
	return 0;
}
