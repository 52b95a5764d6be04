/* SPDX-License-Identifier: MIT */
/*
 *	laws [KIND/IMPLEMENTATION]
 *
 * Each implementation has a process and a time limit of its own: one that hangs
 * or dies is one failure.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "laws.h"

enum { LIMIT_S = 30 };

static const struct kind *const kinds[] = {
	&law_mutex, &law_recursive_mutex, &law_rwlock,	  &law_gil,
	&law_cond,  &law_event,		  &law_semaphore, &law_barrier,
	&law_once,  &law_queue,		  &law_executor,  &law_thread,
	&law_local, &law_counter,	  NULL,
};

static bool failed;

void law_is(long long wanted, long long got, const char *file, int line,
	    const char *call)
{
	if (wanted == got)
		return;
	printf("      %s:%d: %s is %lld, not %lld\n", file, line, call, got,
	       wanted);
	failed = true;
}

struct call {
	pthread_t thread;
	operation *function;
	void *object;
	uint64_t timeout;
	int result;
};

static void *run(void *call)
{
	struct call *c = call;

	c->result = c->function(c->object, c->timeout);
	return NULL;
}

struct call *begin(operation *function, void *object, uint64_t timeout)
{
	struct call *c = malloc(sizeof(*c));

	if (!c)
		abort();
	*c = (struct call){ .function = function,
			    .object = object,
			    .timeout = timeout };
	if (pthread_create(&c->thread, NULL, run, c))
		abort();
	return c;
}

int end(struct call *c)
{
	int result;

	pthread_join(c->thread, NULL);
	result = c->result;
	free(c);
	return result;
}

int elsewhere(operation *function, void *object, uint64_t timeout)
{
	return end(begin(function, object, timeout));
}

struct call *begin_and_wait(operation *function, void *object, uint64_t timeout)
{
	const struct timespec nap = { .tv_nsec = 100 * 1000 };
	unsigned before = waits();
	struct call *c = begin(function, object, timeout);

	while (waits() == before)
		nanosleep(&nap, NULL);
	return c;
}

/* What every kind owes to those who call it wrongly. */
static void common(const struct kind *k, const char *name)
{
	void *object = NULL;

	IS(SL_UNKNOWN, k->create("no such thing", &object));
	IS(SL_UNKNOWN, k->create("", &object));
	IS(SL_INVALID, k->create(name, NULL));
	no_memory = true;
	IS(SL_NO_MEMORY, k->create(name, &object));
	no_memory = false;
	HOLDS(object == NULL);
	IS(0, k->destroy(NULL));
	IS(0, k->create(NULL, &object));
	IS(0, k->destroy(object));
	HOLDS(sl_brief(k->name, name) && *sl_brief(k->name, name));
	HOLDS(sl_family(k->name, name));
}

static int child(const struct kind *k, const char *name)
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(LIMIT_S);
		common(k, name);
		k->law(name);
		exit(failed);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		printf("      ended by signal %d\n", WTERMSIG(status));
	return 1;
}

static const struct kind *find(const char *kind)
{
	for (const struct kind *const *k = kinds; *k; k++)
		if (strcmp((*k)->name, kind) == 0)
			return *k;
	return NULL;
}

static void check_codes(void)
{
	const int codes[] = { SL_OK,	      SL_BUSY,	    SL_TIMEOUT,
			      SL_NOT_OWNER,   SL_DEADLOCK,  SL_OVERFLOW,
			      SL_INVALID,     SL_CLOSED,    SL_BROKEN,
			      SL_CANCELED,    SL_NO_MEMORY, SL_NO_THREAD,
			      SL_UNSUPPORTED, SL_UNKNOWN,   -1 };
	const size_t n = sizeof(codes) / sizeof(codes[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++) {
			HOLDS(codes[i] != codes[j]);
			HOLDS(strcmp(sl_strerror(codes[i]),
				     sl_strerror(codes[j])) != 0);
		}
	IS(SL_VERSION, sl_version());
	IS(0, strcmp(SL_VERSION_STRING, sl_version_string()));
	HOLDS(!sl_implementation("no such kind", 0));
	HOLDS(!sl_implementation(NULL, 0));
	HOLDS(!sl_brief("mutex", "no such thing"));
	HOLDS(!sl_unsupported("mutex", "futex"));
	HOLDS(sl_unsupported("mutex", "mcs"));
}

int main(int argc, char **argv)
{
	unsigned ok = 0, bad = 0, known = 0;
	char path[128];

	check_codes();
	bad += failed;
	for (size_t i = 0; sl_kind(i); i++) {
		const struct kind *k = find(sl_kind(i));
		const char *name;

		known++;
		for (size_t j = 0; k && (name = sl_implementation(k->name, j));
		     j++) {
			snprintf(path, sizeof(path), "%s/%s", k->name, name);
			if (argc > 1 && strcmp(argv[1], path) != 0)
				continue;
			if (child(k, name))
				printf("FAIL  %s\n", path), bad++;
			else
				printf("ok    %s\n", path), ok++;
		}
	}
	if (known != sizeof(kinds) / sizeof(kinds[0]) - 1)
		printf("FAIL  %u kinds are listed\n", known), bad++;
	printf("laws: %u passed, %u failed, 0 skipped\n", ok, bad);
	return bad != 0;
}
