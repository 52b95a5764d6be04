/* SPDX-License-Identifier: MIT */
/*
 * A reference is given back before it is used.
 *
 * Source: C11 7.22.3
 *
 * rc11: use after free
 * sc: use after free
 * tso: use after free
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic int references = 2;
static int *object;

static void give_back(void)
{
	if (atomic_fetch_sub_explicit(&references, 1, memory_order_acq_rel) ==
	    1)
		free(object);
}

static void *run(void *unused)
{
#ifdef FIXED
	assert(*object == 42);
	give_back();
#else
	give_back();
	assert(*object == 42);
#endif
	return unused;
}

int main(void)
{
	pthread_t thread[2];

	object = malloc(sizeof(*object));
	*object = 42;
	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, run, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return 0;
}
