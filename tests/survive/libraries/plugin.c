/* SPDX-License-Identifier: MIT */
/* A library for plugins.c: locks when it comes and when it goes. */
#include "../survive.h"

int plugin_add(pthread_mutex_t *theirs);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int sum;

static void make_key(void)
{
	pthread_key_create(&key, NULL);
}

__attribute__((constructor)) static void come(void)
{
	pthread_mutex_lock(&mutex);
	pthread_once(&once, make_key);
}

__attribute__((destructor)) static void go(void)
{
	CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
	CHECK(!pthread_mutex_unlock(&mutex));
	pthread_key_delete(key);
}

int plugin_add(pthread_mutex_t *theirs)
{
	CHECK(pthread_mutex_trylock(theirs) == EBUSY);
	return ++sum;
}
