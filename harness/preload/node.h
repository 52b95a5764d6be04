/* SPDX-License-Identifier: MIT */
/*
 * Queue nodes for implementations that want one of the caller's. They are the
 * interposer's, since a thread may end while it holds a lock; a thread keeps
 * those that it has used, and gives them back when it ends.
 */
#ifndef NODE_H
#define NODE_H

#include "../../primitives/register.h"
#include "slab.h"

struct node {
	struct node *next; /* of those that the thread keeps */
	_Alignas(CACHE_LINE) char bytes[];
};

extern _Thread_local struct node *kept_nodes
	__attribute__((tls_model("initial-exec")));

/* Of at least so many bytes, always the same number. */
struct node *node_new(size_t bytes);
void node_start(void);

/* For an implementation; NULL if it wants none. */
static ALWAYS_INLINE void *node_take(const struct implementation *id)
{
	struct node *n = kept_nodes;

	if (likely(!id->node_size))
		return NULL;
	if (unlikely(!n))
		n = node_new(id->node_size);
	kept_nodes = n->next;
	return n->bytes;
}

/* NULL is none. */
static ALWAYS_INLINE void node_give(void *bytes)
{
	struct node *n =
		(struct node *)((char *)bytes - offsetof(struct node, bytes));

	if (likely(!bytes))
		return;
	n->next = kept_nodes;
	kept_nodes = n;
}

#endif
