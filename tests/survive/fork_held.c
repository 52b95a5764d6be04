/* SPDX-License-Identifier: MIT */
/*
 * The child of a fork, and its child, with locks that the forking thread holds
 * while others wait for them, that another holds, that nobody holds but many
 * have queued for, and a condition with waiters.
 *
 * Prints: the children got what was theirs
 */
#include "survive.h"

#include <semaphore.h>

enum { WAITERS = 4 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t foreign = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t reading = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_spinlock_t spin;
static sem_t semaphore, posted;
static int stop, there, served;

static void *wait_for_all(void *unused)
{
	pthread_mutex_lock(&mutex);
	there++;
	while (!stop)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	pthread_mutex_lock(&recursive);
	pthread_mutex_unlock(&recursive);
	pthread_rwlock_wrlock(&rwlock);
	pthread_rwlock_unlock(&rwlock);
	sem_wait(&semaphore);
	return unused;
}

static void *want(void *unused)
{
	pthread_mutex_lock(&recursive);
	pthread_mutex_unlock(&recursive);
	return unused;
}

static void *want_writing(void *unused)
{
	pthread_rwlock_wrlock(&reading);
	pthread_rwlock_unlock(&reading);
	return unused;
}

static void *want_permit(void *unused)
{
	sem_wait(&semaphore);
	return unused;
}

static void *hold_foreign(void *unused)
{
	pthread_mutex_lock(&foreign);
	sem_post(&posted);
	sem_wait(&semaphore);
	pthread_mutex_unlock(&foreign);
	return unused;
}

static void *serve(void *unused)
{
	CHECK(!pthread_mutex_lock(&mutex));
	served = 1;
	if (is_ours("cond="))
		CHECK(!pthread_cond_broadcast(&cond));
	CHECK(!pthread_mutex_unlock(&mutex));
	CHECK(!sem_post(&semaphore));
	return unused;
}

/* With one thread to begin with, and none of those that waited. */
static void in_child(int depth)
{
	pthread_t t;
	pid_t child;

	CHECK(pthread_mutex_trylock(&foreign) == EBUSY);
	for (; depth; depth--) {
		child = fork();
		if (child == 0)
			continue;
		await_child(child);
		break;
	}
	if (is_ours("mutex=")) { /* the C library says EPERM to the child */
		CHECK(!pthread_mutex_unlock(&recursive));
		CHECK(!pthread_mutex_unlock(&recursive));
		CHECK(pthread_mutex_unlock(&recursive) == EPERM);
		CHECK(!pthread_mutex_lock(&recursive));
	}
	if (is_ours("rwlock=")) { /* the C library waits for the dead */
		CHECK(!pthread_rwlock_unlock(&rwlock));
		CHECK(!pthread_rwlock_rdlock(&rwlock));
		CHECK(!pthread_rwlock_unlock(&reading));
		CHECK(!pthread_rwlock_wrlock(&reading));
	}
	CHECK(!pthread_spin_unlock(&spin));
	CHECK(!pthread_spin_lock(&spin));
	t = start(serve, NULL);
	while (!served && is_ours("cond="))
		CHECK(!pthread_cond_wait(&cond, &mutex));
	CHECK(!pthread_mutex_unlock(&mutex));
	CHECK(!sem_wait(&semaphore));
	join(t);
	CHECK(sem_trywait(&semaphore) == -1);
	if (is_ours("cond=")) { /* the C library's knows of its users */
		CHECK(!pthread_cond_destroy(&cond));
		CHECK(!pthread_mutex_destroy(&mutex));
	}
	_exit(0);
}

int main(void)
{
	pthread_t t[WAITERS], wanting[3], holder;

	sem_init(&semaphore, 0, 0);
	sem_init(&posted, 0, 0);
	pthread_spin_init(&spin, 0);
	holder = start(hold_foreign, NULL);
	CHECK(!sem_wait(&posted));
	for (int i = 0; i < WAITERS; i++)
		t[i] = start(wait_for_all, NULL);
	for (int all = 0; !all; pthread_mutex_unlock(&mutex)) {
		sleep_ms(1);
		pthread_mutex_lock(&mutex);
		all = there == WAITERS;
	}
	CHECK(!pthread_mutex_lock(&recursive));
	CHECK(!pthread_mutex_lock(&recursive));
	wanting[0] = start(want, NULL);
	CHECK(!pthread_rwlock_wrlock(&rwlock));
	CHECK(!pthread_rwlock_rdlock(&reading));
	wanting[1] = start(want_writing, NULL);
	wanting[2] = start(want_permit, NULL);
	CHECK(!pthread_mutex_lock(&mutex));
	CHECK(!pthread_spin_lock(&spin));
	sleep_ms(3); /* most likely they wait by now */
	for (int i = 0; i < 3; i++) {
		pid_t child = fork();

		if (child == 0)
			in_child(1);
		await_child(child);
	}
	stop = 1;
	pthread_spin_unlock(&spin);
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&mutex);
	pthread_mutex_unlock(&recursive);
	pthread_mutex_unlock(&recursive);
	pthread_rwlock_unlock(&rwlock);
	pthread_rwlock_unlock(&reading);
	for (int i = 0; i < WAITERS + 2; i++)
		sem_post(&semaphore);
	for (int i = 0; i < WAITERS; i++)
		join(t[i]);
	for (int i = 0; i < 3; i++)
		join(wanting[i]);
	join(holder);
	puts("the children got what was theirs");
	return 0;
}
