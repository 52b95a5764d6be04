/* SPDX-License-Identifier: MIT */
/*
 * Thread-specific data of POSIX and C11.
 *
 * Source: POSIX.1-2017 pthread_key_create, pthread_setspecific; C11 7.26.6.
 *
 * Keys are numbered in the order of their creation, which is the only thing
 * about them that threads can tell each other: a read-modify-write on a hidden
 * counter. Values are each thread's own. A deleted key's number is not used
 * again. At the end of a thread destructors run for values that are not NULL,
 * in rounds, until none is left or PTHREAD_DESTRUCTOR_ITERATIONS have been.
 */
#include "call.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <threads.h>

enum { KEYS_MAX = 64, COUNTER = 1 };

struct key {
	uint32_t execution; /* in which it exists */
	void (*destructor)(void *);
};

static struct key keys[KEYS_MAX];

/* Of the execution in which the thread last set one. */
static struct {
	uint32_t execution;
	unsigned used; /* keys below this one */
	void *value[KEYS_MAX];
} values[THREADS_MAX];

static bool exists(unsigned key)
{
	return key < KEYS_MAX && keys[key].execution == execution;
}

static bool next(const struct op *op, uint64_t read, uint64_t *written)
{
	(void)op;
	*written = read + 1;
	return true;
}

static int create(const struct call *c, unsigned *key,
		  void (*destructor)(void *))
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL,
			       hidden_key(HIDDEN_OTHER, COUNTER));
	uint64_t n;

	op.update = next;
	n = op_do(&op);
	if (n >= KEYS_MAX)
		return EAGAIN;
	keys[n] = (struct key){ execution, destructor };
	*key = (unsigned)n;
	return 0;
}

static int drop(unsigned key)
{
	if (!exists(key))
		return EINVAL;
	keys[key].execution = 0;
	return 0;
}

static void *get(unsigned key)
{
	unsigned me = op_thread();

	if (values[me].execution != execution || key >= values[me].used)
		return NULL;
	return values[me].value[key];
}

static int set(unsigned key, const void *value)
{
	unsigned me = op_thread();

	if (!exists(key))
		return EINVAL;
	if (values[me].execution != execution) {
		values[me].execution = execution;
		values[me].used = 0;
	}
	while (values[me].used <= key)
		values[me].value[values[me].used++] = NULL;
	values[me].value[key] = (void *)value;
	return 0;
}

/* Returns whether there was one to call. */
static bool destroy_one(unsigned key)
{
	void *value = get(key);

	if (!value || !exists(key) || !keys[key].destructor)
		return false;
	set(key, NULL);
	keys[key].destructor(value);
	return true;
}

void key_destructors(void)
{
	unsigned me = op_thread();
	bool again = values[me].execution == execution;

	for (int i = 0; again && i < PTHREAD_DESTRUCTOR_ITERATIONS; i++) {
		again = false;
		for (unsigned key = 0; key < values[me].used; key++)
			again |= destroy_one(key);
	}
}

CALL int __wrap_pthread_key_create(pthread_key_t *key,
				   void (*destructor)(void *))
{
	struct call c = CALLED("pthread_key_create", NULL);

	if (unlikely(!running))
		return pthread_key_create(key, destructor);
	return create(&c, key, destructor);
}

CALL int __wrap_pthread_key_delete(pthread_key_t key)
{
	return running ? drop(key) : pthread_key_delete(key);
}

CALL void *__wrap_pthread_getspecific(pthread_key_t key)
{
	return running ? get(key) : pthread_getspecific(key);
}

CALL int __wrap_pthread_setspecific(pthread_key_t key, const void *value)
{
	return running ? set(key, value) : pthread_setspecific(key, value);
}

CALL int __wrap_tss_create(tss_t *key, tss_dtor_t destructor)
{
	struct call c = CALLED("tss_create", NULL);

	if (unlikely(!running))
		return tss_create(key, destructor);
	return create(&c, key, destructor) ? thrd_error : thrd_success;
}

CALL void __wrap_tss_delete(tss_t key)
{
	if (running)
		drop(key);
	else
		tss_delete(key);
}

CALL void *__wrap_tss_get(tss_t key)
{
	return running ? get(key) : tss_get(key);
}

CALL int __wrap_tss_set(tss_t key, void *value)
{
	if (unlikely(!running))
		return tss_set(key, value);
	return set(key, value) ? thrd_error : thrd_success;
}
