/* SPDX-License-Identifier: MIT */
/*
 * A spinlock that was copied with the struct around it: two locks. An rwlock
 * that one thread locked and another unlocked, and whose memory became another
 * rwlock: nobody has locked that.
 *
 * Prints: each by itself
 */
#include "survive.h"

#include <semaphore.h>

struct object {
	pthread_spinlock_t spin;
	int value;
};

static void spins(void)
{
	struct object first, copies[4], *moved;

	for (int k = 0; k < 3; k++) {
		CHECK(!pthread_spin_init(&first.spin, 0));
		CHECK(!pthread_spin_lock(&first.spin));
		CHECK(!pthread_spin_unlock(&first.spin));
		for (int i = 0; i < 4; i++)
			copies[i] = first;
		CHECK(!pthread_spin_lock(&first.spin));
		for (int i = 0; i < 4; i++)
			CHECK(!pthread_spin_trylock(&copies[i].spin));
		for (int i = 0; i < 4; i++) {
			CHECK(pthread_spin_trylock(&copies[i].spin) == EBUSY);
			CHECK(!pthread_spin_unlock(&copies[i].spin));
			CHECK(!pthread_spin_destroy(&copies[i].spin));
		}
		CHECK(!pthread_spin_unlock(&first.spin));
		/* held, and somewhere else */
		CHECK(!pthread_spin_lock(&first.spin));
		moved = malloc(sizeof(*moved));
		CHECK(moved != NULL);
		*moved = first;
		CHECK(!pthread_spin_unlock(&moved->spin));
		CHECK(!pthread_spin_lock(&moved->spin));
		CHECK(!pthread_spin_unlock(&moved->spin));
		CHECK(!pthread_spin_destroy(&moved->spin));
		free(moved);
	}
}

static pthread_rwlock_t rwlock;
static sem_t locked, again;
static int writing;

static void *reader(void *unused)
{
	CHECK(!pthread_rwlock_rdlock(&rwlock));
	sem_post(&locked);
	sem_wait(&again);
	CHECK(!pthread_rwlock_rdlock(&rwlock));
	CHECK(!writing);
	CHECK(!pthread_rwlock_unlock(&rwlock));
	return unused;
}

static void foreign(int how)
{
	pthread_t t;

	if (!how)
		memset(&rwlock, 0, sizeof(rwlock));
	else
		CHECK(!pthread_rwlock_init(&rwlock, NULL));
	t = start(reader, NULL);
	sem_wait(&locked);
	CHECK(!pthread_rwlock_unlock(&rwlock));
	CHECK(!pthread_rwlock_destroy(&rwlock));
	if (!how)
		memset(&rwlock, 0, sizeof(rwlock));
	else
		CHECK(!pthread_rwlock_init(&rwlock, NULL));
	CHECK(!pthread_rwlock_wrlock(&rwlock));
	writing = 1;
	sem_post(&again);
	sleep_ms(2);
	writing = 0;
	CHECK(!pthread_rwlock_unlock(&rwlock));
	join(t);
	CHECK(!pthread_rwlock_trywrlock(&rwlock));
	CHECK(!pthread_rwlock_unlock(&rwlock));
	CHECK(!pthread_rwlock_destroy(&rwlock));
}

int main(void)
{
	spins();
	sem_init(&locked, 0, 0);
	sem_init(&again, 0, 0);
	for (int i = 0; i < 4; i++)
		foreign(i % 2);
	puts("each by itself");
	return 0;
}
