/* SPDX-License-Identifier: MIT */
#include "own.h"

#include <pthread.h>
#include <string.h>

#include "library.h"

struct node {
	struct node *next;
	size_t bytes;
	OWN_LINE char content[];
};

static _Thread_local struct {
	uint64_t number;
	struct node *nodes; /* that are not in use */
	struct hold *holds;
	size_t held, room;
	bool armed; /* thread_ends will be called */
} own;

static pthread_key_t end_key;
static bool end_key_made;

uint64_t sl_self(void)
{
	static _Atomic uint64_t threads;

	/* relaxed: it is the number that counts, it publishes nothing */
	if (unlikely(!own.number))
		own.number = 1 + atomic_fetch_add_explicit(
					 &threads, 1, memory_order_relaxed);
	return own.number;
}

/* A later destructor may use locks again: then there will be another round. */
static void thread_ends(void *unused)
{
	struct node *next;

	(void)unused;
	for (struct node *n = own.nodes; n; n = next) {
		next = n->next;
		free(n);
	}
	own.nodes = NULL;
	if (!own.held) {
		free(own.holds);
		own.holds = NULL;
		own.room = 0;
	}
	own.armed = false;
}

static void make_key(void)
{
	end_key_made = pthread_key_create(&end_key, thread_ends) == 0;
}

/* Without a key, or memory for it, what the thread has is never freed. */
static COLD void arm(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_key);
	own.armed = end_key_made && pthread_setspecific(end_key, &own) == 0;
}

void *own_node(size_t bytes)
{
	struct node **link = &own.nodes, *n;

	while (*link && (*link)->bytes < bytes)
		link = &(*link)->next;
	n = *link;
	if (likely(n != NULL)) {
		*link = n->next;
	} else {
		bytes = (bytes + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
		n = aligned_alloc(CACHE_LINE, sizeof(*n) + bytes);
		if (!n)
			return NULL;
		n->bytes = bytes;
	}
	memset(n->content, 0, bytes);
	return n->content;
}

void own_node_back(void *node)
{
	struct node *n;

	if (!node)
		return;
	if (unlikely(!own.armed))
		arm();
	n = (struct node *)((char *)node - offsetof(struct node, content));
	n->next = own.nodes;
	own.nodes = n;
}

bool own_hold_room(void)
{
	size_t room = own.room ? 2 * own.room : 8;
	struct hold *holds;

	if (likely(own.held < own.room))
		return true;
	if (!own.armed)
		arm();
	holds = realloc(own.holds, room * sizeof(*holds));
	if (!holds)
		return false;
	own.holds = holds;
	own.room = room;
	return true;
}

void own_hold(const void *lock, void *node)
{
	own.holds[own.held++] = (struct hold){ lock, node };
}

struct hold *own_held(const void *lock)
{
	for (size_t i = own.held; i > 0; i--)
		if (own.holds[i - 1].lock == lock)
			return &own.holds[i - 1];
	return NULL;
}

void own_hold_end(struct hold *h)
{
	*h = own.holds[--own.held];
}
