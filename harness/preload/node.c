/* SPDX-License-Identifier: MIT */
#include "node.h"

#include <pthread.h>

#include "chosen.h"
#include "say.h"

static struct slab slab;
static pthread_key_t key; /* whose destructor sees a thread's end */
static bool has_key;

_Thread_local struct node *kept_nodes;

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* One size does for all kinds. */
static size_t node_bytes(size_t bytes)
{
	if (chosen.mutex)
		bytes = larger(bytes, chosen.mutex->id.node_size);
	if (chosen.spin)
		bytes = larger(bytes, chosen.spin->id.node_size);
	if (chosen.rwlock)
		bytes = larger(bytes, chosen.rwlock->id.node_size);
	return bytes;
}

static void give_back(void *unused)
{
	struct node *next;

	(void)unused;
	for (struct node *n = kept_nodes; n; n = next) {
		next = n->next;
		slab_give(&slab, n);
	}
	kept_nodes = NULL;
}

void node_start(void)
{
	has_key = pthread_key_create(&key, give_back) == 0;
}

COLD struct node *node_new(size_t bytes)
{
	struct node *n =
		slab_take(&slab, sizeof(struct node) + node_bytes(bytes));

	if (!n)
		die("no memory for a queue node");
	/* again after each round of destructors that has used a lock */
	if (has_key)
		pthread_setspecific(key, n);
	return n;
}
