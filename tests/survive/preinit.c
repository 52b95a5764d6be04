/* SPDX-License-Identifier: MIT */
/*
 * Calls from .preinit_array, before any constructor and before the C library
 * knows the environment. More keys than a thread has room for, so that the next
 * pthread_setspecific allocates; allocating locks, and needs what it is about
 * to make.
 *
 * Prints: 3 before everything
 */
#include "survive.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t in_calloc = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int sum;
static char heap[1 << 20];
static size_t used;

/* malloc is the C library's: calloc has no need to know about free. */
void *calloc(size_t n, size_t size)
{
	void *p;

	pthread_mutex_lock(&in_calloc);
	used = (used + 63) & ~(size_t)63;
	p = heap + used;
	used += n * size;
	pthread_mutex_unlock(&in_calloc);
	return used <= sizeof(heap) ? p : NULL;
}

void free(void *p)
{
	(void)p;
}

static void *add(void *unused)
{
	pthread_mutex_lock(&mutex);
	sum++;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void preinit(void)
{
	pthread_key_t key;
	pthread_t t;

	for (int i = 0; i < 40; i++)
		CHECK(!pthread_key_create(&key, NULL));
	pthread_mutex_lock(&recursive);
	pthread_mutex_lock(&recursive);
	pthread_mutex_lock(&mutex);
	t = start(add, NULL);
	while (sum < 1)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	pthread_mutex_unlock(&recursive);
	join(t);
}

__attribute__((section(".preinit_array"),
	       used)) static void (*const early)(void) = preinit;

int main(void)
{
	join(start(add, NULL));
	join(start(add, NULL));
	CHECK(!pthread_mutex_unlock(&recursive));
	CHECK(pthread_mutex_unlock(&recursive) == EPERM);
	printf("%d before everything\n", sum);
	return 0;
}
