/* SPDX-License-Identifier: MIT */
/*
 * A thread is told of an object before it has a value.
 *
 * rc11: uninitialised read
 * sc: uninitialised read
 * tso: uninitialised read
 */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

static void *look(void *object)
{
	assert(*(int *)object == 42);
	return NULL;
}

int main(void)
{
	pthread_t thread;
	int *object = malloc(sizeof(*object));

#ifdef FIXED
	*object = 42;
#endif
	pthread_create(&thread, NULL, look, object);
	pthread_join(thread, NULL);
	free(object);
	return 0;
}
