/* SPDX-License-Identifier: MIT */
/*
 * A table of locals whose slots carry a destructor and a number that says whose
 * values are still good. A thread that ends checks the number, and then reads
 * the destructor, twice: destroyed in between, the slot has none, or that of
 * the next local in it.
 *
 * The repaired one looks at the slot once, under the table's lock.
 *
 * Bug:       local-exit-races-destroy
 * Source:    musl commit 84d061d5 (2018), "lack of any synchronization in
 *            pthread_key_delete": a thread that ends calls a null destructor;
 *            commit 80528892 (2019) repairs the repair
 * Scenario:  a thread with a value ends while another one destroys the local,
 *            and perhaps makes the next one
 * Violation: call of NULL, or of another local's destructor
 * Caught by: perturb
 * Explored by: destroy_beside_exit (crash)
 */
#include <pthread.h>

#include "../../../../primitives/local.h"
#include "../canary.h"

enum { SLOTS = 256 };

typedef void destructor_fn(void *value);

struct slot {
	_Atomic uint32_t number; /* odd: in use */
	_Atomic(destructor_fn *) destructor;
};

struct local {
	uint32_t slot, number;
};

struct value {
	void *pointer;
	uint32_t number; /* of the local that it belongs to */
};

static struct slot slots[SLOTS]; /* written under the lock */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key; /* its destructor runs at the end of a thread */
static _Thread_local struct value values[SLOTS];

static uint32_t number_of(const struct slot *s)
{
	return atomic_load_explicit(&s->number, memory_order_acquire);
}

static destructor_fn *destructor_of(const struct slot *s)
{
	return atomic_load_explicit(&s->destructor, memory_order_acquire);
}

static void destruct(struct slot *s, const struct value *v)
{
#if BROKEN
	if (number_of(s) == v->number && destructor_of(s))
		destructor_of(s)(v->pointer);
#else
	destructor_fn *destructor = NULL;

	pthread_mutex_lock(&lock);
	if (number_of(s) == v->number)
		destructor = destructor_of(s);
	pthread_mutex_unlock(&lock);
	if (destructor)
		destructor(v->pointer);
#endif
}

static void thread_ends(void *unused)
{
	(void)unused;
	for (int i = 0; i < SLOTS; i++) {
		struct value v = values[i];

		values[i].pointer = NULL;
		if (v.pointer)
			destruct(&slots[i], &v);
	}
}

static void create_key(void)
{
	pthread_key_create(&key, thread_ends);
}

static int init(void *local, destructor_fn *destructor)
{
	struct local *l = local;
	uint32_t i = 0;

	pthread_once(&once, create_key);
	pthread_mutex_lock(&lock);
	while (i < SLOTS && number_of(&slots[i]) % 2)
		i++;
	if (i < SLOTS) {
		*l = (struct local){ i, number_of(&slots[i]) + 1 };
		atomic_store_explicit(&slots[i].destructor, destructor,
				      memory_order_release);
		atomic_store_explicit(&slots[i].number, l->number,
				      memory_order_release);
	}
	pthread_mutex_unlock(&lock);
	return i < SLOTS ? SYNC_OK : SYNC_OVERFLOW;
}

static void destroy(void *local)
{
	struct local *l = local;

	pthread_mutex_lock(&lock);
	atomic_store_explicit(&slots[l->slot].number, l->number + 1,
			      memory_order_release);
	atomic_store_explicit(&slots[l->slot].destructor, NULL,
			      memory_order_release);
	pthread_mutex_unlock(&lock);
}

static void *get(void *local)
{
	struct local *l = local;
	struct value *v = &values[l->slot];

	return v->number == l->number ? v->pointer : NULL;
}

static int set(void *local, void *value)
{
	struct local *l = local;

	if (value && pthread_setspecific(key, values))
		return SYNC_NO_MEMORY;
	values[l->slot] = (struct value){ value, l->number };
	return SYNC_OK;
}

REGISTER_LOCAL(
	.id = {
		.name = CANARY_NAME,
		.brief = CANARY_BRIEF("reads the destructor twice"),
		.source = "musl commit 84d061d5",
		.flags = IMPL_NEEDS_INIT,
		.size = sizeof(struct local),
	},
	.init = init,
	.destroy = destroy,
	.get = get,
	.set = set);
