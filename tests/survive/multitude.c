/* SPDX-License-Identifier: MIT */
/*
 * A hundred thousand locks that live at the same time, all held at once, at
 * addresses that are aligned as little as may be.
 *
 * Prints: so many
 */
#include "survive.h"

enum { MANY = 100000, HELD = 2000 };

struct one {
	long before;
	pthread_mutex_t mutex;
	pthread_rwlock_t rwlock;
};

struct __attribute__((packed, aligned(4))) tight {
	int before;
	pthread_spinlock_t spin;
	pthread_once_t once;
};

static int ran;

static void run(void)
{
	ran++;
}

static void spins(void)
{
	struct tight *t = calloc(MANY, sizeof(*t));

	CHECK(t != NULL);
	for (int i = 0; i < MANY; i += 50)
		pthread_spin_init(&t[i].spin, PTHREAD_PROCESS_PRIVATE);
	for (int i = 0; i < MANY; i += 50) {
		CHECK(!pthread_spin_lock(&t[i].spin));
		pthread_once((pthread_once_t *)(void *)&t[i].once, run);
	}
	for (int i = 0; i < MANY; i += 50) {
		CHECK(pthread_spin_trylock(&t[i].spin) == EBUSY);
		CHECK(!pthread_spin_unlock(&t[i].spin));
		CHECK(!pthread_spin_destroy(&t[i].spin));
	}
	CHECK(ran == MANY / 50);
	free(t);
}

int main(void)
{
	struct one *all = calloc(MANY, sizeof(*all));

	CHECK(all != NULL);
	for (int i = 0; i < MANY; i++) {
		CHECK(!pthread_mutex_lock(&all[i].mutex));
		if (i >= HELD)
			CHECK(!pthread_mutex_unlock(&all[i - HELD].mutex));
		if (i % 10 == 0) {
			CHECK(!pthread_rwlock_rdlock(&all[i].rwlock));
			CHECK(!pthread_rwlock_unlock(&all[i].rwlock));
		}
	}
	for (int i = MANY - HELD; i < MANY; i++) {
		CHECK(pthread_mutex_trylock(&all[i].mutex) == EBUSY);
		CHECK(!pthread_mutex_unlock(&all[i].mutex));
	}
	for (int i = 0; i < MANY; i++) {
		CHECK(!pthread_mutex_trylock(&all[i].mutex));
		CHECK(!pthread_mutex_unlock(&all[i].mutex));
		CHECK(!pthread_mutex_destroy(&all[i].mutex));
	}
	spins();
	puts("so many");
	return 0;
}
