/* SPDX-License-Identifier: MIT */
/*
 * What belongs to a thread: its number, the queue nodes that it may use, and
 * the readers-writer locks that it holds. Freed when the thread ends.
 */
#ifndef OWN_H
#define OWN_H

#include <stdbool.h>
#include <stddef.h>

/* A zeroed queue node of so many bytes, or NULL: no memory. It is given back by
 * whoever unlocks, which may be another thread. */
void *own_node(size_t bytes);
void own_node_back(void *node);

struct hold {
	const void *lock;
	void *node;
};

/* Make room for one more, so that own_hold cannot fail. */
bool own_hold_room(void);
void own_hold(const void *lock, void *node);
/* NULL if the thread does not hold it; until the next change. */
struct hold *own_held(const void *lock);
void own_hold_end(struct hold *h);

#endif
