/* SPDX-License-Identifier: MIT */
/*
 * Every way to start another program, from a program with threads; the program
 * execs itself, with its environment, without, and through a child that shares
 * its memory.
 *
 * Prints: they all ran
 */
#include "survive.h"

#include <spawn.h>
#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static _Atomic int stop;
static int count;

static void *hammer(void *unused)
{
	while (!atomic_load(&stop)) {
		pthread_mutex_lock(&mutex);
		count++;
		pthread_cond_signal(&cond);
		pthread_mutex_unlock(&mutex);
		sched_yield();
	}
	return unused;
}

static void vforked(char **arguments)
{
	pid_t child = vfork();

	if (child == 0) {
		execv(arguments[0], arguments);
		_exit(9);
	}
	await_child(child);
}

static void spawned(char **arguments, char **environment)
{
	pid_t child;

	CHECK(!posix_spawn(&child, arguments[0], NULL, NULL, arguments,
			   environment));
	await_child(child);
}

static void by_shell(const char *name)
{
	char command[4096];
	FILE *f;

	snprintf(command, sizeof(command), "'%s' again", name);
	CHECK(system(command) == 0);
	f = popen(command, "r");
	CHECK(f != NULL);
	pthread_mutex_lock(&mutex);
	pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	CHECK(pclose(f) == 0);
}

int main(int argc, char **argv)
{
	char *again[] = { argv[0], (char[]){ "again" }, NULL };
	char *last[] = { argv[0], (char[]){ "last" }, NULL };
	char *nothing[] = { NULL };
	pthread_t t = start(hammer, NULL);

	if (argc == 1) {
		vforked(again);
		spawned(again, environ);
		spawned(again, nothing);
		by_shell(argv[0]);
		CHECK(!pthread_mutex_lock(&mutex));
		execv(argv[0], last);
		return 1;
	}
	pthread_mutex_lock(&mutex);
	pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	atomic_store(&stop, 1);
	join(t);
	if (strcmp(argv[1], "last") == 0)
		puts("they all ran");
	return 0;
}
