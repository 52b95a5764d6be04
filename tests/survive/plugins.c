/* SPDX-License-Identifier: MIT */
/*
 * dlopen and dlclose, over and over at the same address, of a library that
 * locks in its constructor and destructor, while threads lock.
 *
 * Plugin: plugin
 * Prints: it came and went
 */
#include "survive.h"

#include <dlfcn.h>
#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int stop;

static void *hammer(void *unused)
{
	while (!atomic_load(&stop)) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
		sched_yield();
	}
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t t = start(hammer, NULL);

	CHECK(argc == 2);
	for (int i = 0; i < 30; i++) {
		void *plugin = dlopen(argv[1], i % 2 ? RTLD_NOW : RTLD_LAZY);
		int (*add)(pthread_mutex_t *);

		CHECK(plugin != NULL);
		*(void **)&add = dlsym(plugin, "plugin_add");
		pthread_mutex_lock(&mutex);
		CHECK(add(&mutex) == 1);
		pthread_mutex_unlock(&mutex);
		CHECK(!dlclose(plugin));
	}
	atomic_store(&stop, 1);
	join(t);
	puts("it came and went");
	return 0;
}
