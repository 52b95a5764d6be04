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

/* A program may use up all keys that there are: take none without need. */
void node_start(void)
{
	has_key = node_bytes(0) && pthread_key_create(&key, give_back) == 0;
}

/* So that give_back is called, again after each round of destructors that has
 * used a lock. May allocate, hence lock, hence come here again. */
static void remind(void *something)
{
	static _Thread_local bool reminding
		__attribute__((tls_model("initial-exec")));

	if (!has_key || reminding)
		return;
	reminding = true;
	pthread_setspecific(key, something);
	reminding = false;
}

COLD struct node *node_new(size_t bytes)
{
	struct node *n =
		slab_take(&slab, sizeof(struct node) + node_bytes(bytes));

	if (!n)
		die("no memory for a queue node");
	/* for a lock from inside of remind, which may even keep it */
	kept_nodes = n;
	remind(n);
	return kept_nodes ? kept_nodes : node_new(bytes);
}
