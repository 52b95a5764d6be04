/* SPDX-License-Identifier: MIT */
/*
 * Uses of locks whose counts are known:
 *
 *	uses fork       10 each in two threads of the parent, 5 in its child
 *	uses churn      10 each in 30 threads, one after the other
 *	uses cond       one waiter, 20 rounds
 *	uses recursive  20 times twice, for 5 ms
 *	uses again      3 of a mutex, then 7 of another one in its place
 *	uses semaphore  40 taken and given back, 7 tries in vain
 *	uses timed      2 waits of 250 ms that time out
 *	uses many       50000 mutexes, once each
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static sem_t permit, begun_anew;
static unsigned turn;

static void use(pthread_mutex_t *m, int times)
{
	while (times--) {
		pthread_mutex_lock(m);
		pthread_mutex_unlock(m);
	}
}

static void in_thread(void *(*run)(void *), void *argument)
{
	pthread_t t;

	pthread_create(&t, NULL, run, argument);
	pthread_join(t, NULL);
}

static void *use_ten(void *unused)
{
	use(&lock, 10);
	return unused;
}

static void uses_fork(void)
{
	pid_t child;

	in_thread(use_ten, NULL);
	use(&lock, 10);
	child = fork();
	if (child == 0) {
		use(&lock, 5);
		exit(0);
	}
	waitpid(child, NULL, 0);
}

static void uses_churn(void)
{
	for (int i = 0; i < 30; i++)
		in_thread(use_ten, NULL);
}

static void take_turns(unsigned mine)
{
	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&lock);
		while (turn % 2 != mine)
			pthread_cond_wait(&changed, &lock);
		turn++;
		pthread_cond_signal(&changed);
		pthread_mutex_unlock(&lock);
	}
}

static void *second(void *unused)
{
	take_turns(1);
	return unused;
}

static void uses_cond(void)
{
	pthread_t t;

	pthread_create(&t, NULL, second, NULL);
	take_turns(0);
	pthread_join(t, NULL);
}

static void uses_recursive(void)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&other, &a);
	for (int i = 0; i < 20; i++) {
		pthread_mutex_lock(&other);
		use(&other, 1);
		usleep(5000);
		pthread_mutex_unlock(&other);
	}
}

static void *use_both(void *unused)
{
	use(&other, 1);
	sem_post(&permit);
	sem_wait(&begun_anew);
	use(&other, 3);
	return unused;
}

/* A thread that has seen the first one sees the second. */
static void uses_again(void)
{
	pthread_t t;

	sem_init(&permit, 0, 0);
	sem_init(&begun_anew, 0, 0);
	pthread_mutex_init(&other, NULL);
	use(&other, 2);
	pthread_create(&t, NULL, use_both, NULL);
	sem_wait(&permit);
	pthread_mutex_destroy(&other);
	pthread_mutex_init(&other, NULL);
	use(&other, 4);
	sem_post(&begun_anew);
	pthread_join(t, NULL);
}

static void uses_semaphore(void)
{
	sem_init(&permit, 0, 1);
	for (int i = 0; i < 40; i++) {
		sem_wait(&permit);
		if (i < 7 && sem_trywait(&permit) == 0)
			abort();
		sem_post(&permit);
	}
}

static void uses_timed(void)
{
	struct timespec until;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < 2; i++) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += 250000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&changed, &lock, &until);
	}
	pthread_mutex_unlock(&lock);
}

static void uses_many(void)
{
	enum { MANY = 50000 };
	pthread_mutex_t *all = calloc(MANY, sizeof(*all));

	for (int i = 0; all && i < MANY; i++)
		use(&all[i], 1);
	free(all);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} all[] = {
		{ "fork", uses_fork },	 { "churn", uses_churn },
		{ "cond", uses_cond },	 { "recursive", uses_recursive },
		{ "again", uses_again }, { "semaphore", uses_semaphore },
		{ "timed", uses_timed }, { "many", uses_many },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(argv[1], all[i].name) == 0) {
			all[i].run();
			return 0;
		}
	return 2;
}
