/* SPDX-License-Identifier: MIT */
/*
 * Double-checked locking with a relaxed first check.
 *
 * Source: D. Bacon et al., "The 'Double-Checked Locking is Broken'
 * Declaration" (2000)
 *
 * rc11: data race
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#ifdef FIXED
#define CHECK	memory_order_acquire
#define PUBLISH memory_order_release
#else
#define CHECK	memory_order_relaxed
#define PUBLISH memory_order_relaxed
#endif

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int object, *_Atomic made;

static int *get(void)
{
	int *p = atomic_load_explicit(&made, CHECK);

	if (p)
		return p;
	pthread_mutex_lock(&mutex);
	p = atomic_load_explicit(&made, memory_order_relaxed);
	if (!p) {
		object = 42;
		p = &object;
		atomic_store_explicit(&made, p, PUBLISH);
	}
	pthread_mutex_unlock(&mutex);
	return p;
}

static void *run(void *unused)
{
	assert(*get() == 42);
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	for (long i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run, (void *)i);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
