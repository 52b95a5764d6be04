/* SPDX-License-Identifier: MIT */
/*
 * What the watchdog says of a process that hangs. A copy of the process (fork)
 * says it: as another process it may look at the stacks (ptrace), and if it
 * gets stuck itself it can be given up.
 */
#include "report.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "../../../primitives/sync.h"
#include "../../kit/child.h"
#include "stacks.h"
#include "stillness.h"
#include "threads_proc.h"
#include "watchdog.h"

/* A ring: the oldest object makes room. */
enum { OBJECTS = 64, NAME = 48, WORDS = 32, OTHERS = 8, PATIENCE_MS = 10000 };

static struct object {
	_Atomic uintptr_t at; /* 0: none; written last, erased first */
	size_t size;
	char name[NAME];
} objects[OBJECTS];

static _Atomic uint32_t registered;

void watchdog_object(const char *name, const void *object, size_t size)
{
	struct object *o;

	/* the same memory again was freed meanwhile */
	watchdog_forget(object);
	/* relaxed: threads of a law must get no edge from one another here */
	o = &objects[atomic_fetch_add_explicit(&registered, 1,
					       memory_order_relaxed) %
		     OBJECTS];
	atomic_store_explicit(&o->at, 0, memory_order_relaxed);
	o->size = size;
	snprintf(o->name, sizeof(o->name), "%s", name);
	/* [A] pairs with [B] in report: the name is complete */
	atomic_store_explicit(&o->at, (uintptr_t)object, memory_order_release);
}

void watchdog_forget(const void *object)
{
	for (size_t i = 0; i < OBJECTS; i++)
		if (atomic_load_explicit(&objects[i].at,
					 memory_order_relaxed) ==
		    (uintptr_t)object)
			atomic_store_explicit(&objects[i].at, 0,
					      memory_order_relaxed);
}

/* The object that the address lies in, or NULL. */
static const struct object *object_at(uintptr_t address)
{
	for (size_t i = 0; i < OBJECTS; i++) {
		/* [B] pairs with [A] in watchdog_object */
		uintptr_t at = atomic_load_explicit(&objects[i].at,
						    memory_order_acquire);

		if (at && address - at < objects[i].size)
			return &objects[i];
	}
	return NULL;
}

/* From memory that may be gone. The copy's own: as it was when all hung. */
static bool word_of(uintptr_t address, uint32_t *word)
{
	struct iovec to = { word, sizeof(*word) };
	struct iovec from = { (void *)address, sizeof(*word) };

	return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == sizeof(*word);
}

/* pthread_join waits, not privately, for the kernel to clear the thread's id.
 */
static bool is_join(pid_t pid, const struct thread_look *look)
{
	int expected = (int)look->arguments[2];
	struct thread_look other;

	return !(look->arguments[1] & FUTEX_PRIVATE_FLAG) &&
	       !object_at(look->arguments[0]) && expected > 0 &&
	       thread_look(pid, expected, &other);
}

/* "mutex/futex + 0" */
static void describe_word(uintptr_t address, char *text, size_t size)
{
	const struct object *o = object_at(address);

	if (o)
		snprintf(text, size, "%s + %zu", o->name,
			 (size_t)(address - o->at));
	else
		snprintf(text, size, "a word of no object");
}

static void describe_futex(pid_t pid, const struct thread_look *look,
			   char *text, size_t size)
{
	uint32_t expected = (uint32_t)look->arguments[2], now;
	int op = thread_futex(look);
	char word[80];

	if (is_join(pid, look)) {
		snprintf(text, size, "the end of thread %u", expected);
		return;
	}
	describe_word(look->arguments[0], word, sizeof(word));
	if (!word_of(look->arguments[0], &now))
		snprintf(text, size, "%s at %#lx, which is gone", word,
			 look->arguments[0]);
	else if (op == FUTEX_WAIT || op == FUTEX_WAIT_BITSET)
		snprintf(text, size, "%s at %#lx, expected %#x, now %#x", word,
			 look->arguments[0], expected, now);
	else
		snprintf(text, size, "%s at %#lx (PI), now %#x", word,
			 look->arguments[0], now);
}

static void describe(pid_t pid, const struct thread_look *look, char *text,
		     size_t size)
{
	bool ever = thread_sleeps_for_ever(pid, look);
	char futex[160];

	if (thread_futex(look) >= 0) {
		describe_futex(pid, look, futex, sizeof(futex));
		snprintf(text, size, "waits %sfor %s", ever ? "" : "a while ",
			 futex);
	} else if (ever)
		snprintf(text, size, "sleeps for ever (pause)");
	else if (look->call == SYS_clock_nanosleep ||
		 look->call == SYS_nanosleep)
		snprintf(text, size, "sleeps for a while");
	else if (look->call >= 0)
		snprintf(text, size, "is in system call %ld", look->call);
	else if (look->state == 'R')
		snprintf(text, size, "runs");
	else
		snprintf(text, size, "is in state %c", look->state);
}

static void report_object(const struct object *o)
{
	uintptr_t at = atomic_load_explicit(&o->at, memory_order_acquire);
	uint32_t word;

	if (!at)
		return;
	fprintf(stderr, "object %s at %#lx:", o->name, at);
	for (size_t i = 0; i < o->size / sizeof(word); i++) {
		if (i == WORDS) {
			fprintf(stderr, " ... (%zu bytes)", o->size);
			break;
		}
		if (word_of(at + i * sizeof(word), &word))
			fprintf(stderr, " %08x", word);
		else
			fprintf(stderr, " gone");
	}
	fputc('\n', stderr);
}

/* The newest first: what a law has made last is what it is about. */
static void report_objects(void)
{
	uint32_t n = atomic_load_explicit(&registered, memory_order_relaxed);

	for (uint32_t i = 0; i < n && i < OBJECTS; i++)
		report_object(&objects[(n - 1 - i) % OBJECTS]);
	if (n > OBJECTS)
		fprintf(stderr, "(%u older objects are left out)\n",
			n - OBJECTS);
}

/* In a few words, the same for threads that wait for the same. */
static void summarize(pid_t tid, char *text, size_t size)
{
	struct thread_look look;

	if (thread_polls(tid))
		snprintf(text, size, "a turn of polling");
	else if (!thread_look(getpid(), tid, &look))
		snprintf(text, size, "nothing, it has ended");
	else if (thread_futex(&look) < 0)
		snprintf(text, size, "a signal");
	else if (is_join(getpid(), &look))
		snprintf(text, size, "the end of a thread");
	else
		describe_word(look.arguments[0], text, size);
}

void report_summary(char *text, size_t size)
{
	enum { GROUPS = 8 };
	struct {
		char what[80];
		unsigned n;
	} groups[GROUPS] = { 0 };
	pid_t tids[SIGHT_THREADS];
	int n = threads_of(getpid(), tids, SIGHT_THREADS);
	size_t used = 0;
	char what[80];

	for (int i = n - 1; i >= 0; i--) { /* main: last */
		unsigned g = 0;

		if (thread_is_exempt(tids[i]))
			continue;
		summarize(tids[i], what, sizeof(what));
		while (g < GROUPS - 1 && groups[g].n &&
		       strcmp(groups[g].what, what) != 0)
			g++;
		snprintf(groups[g].what, sizeof(groups[g].what), "%s", what);
		groups[g].n++;
	}
	text[0] = '\0';
	for (unsigned g = 0; g < GROUPS && groups[g].n && used < size; g++)
		used += (size_t)snprintf(text + used, size - used, "%s%u %s %s",
					 g ? ", " : "", groups[g].n,
					 g ? "for" : "wait for",
					 groups[g].what);
}

/* All is looked at before a thread is stopped for its stack: then it wakes, and
 * a futex call looks at its word again. */
static void report(pid_t pid, bool with_stacks)
{
	static char texts[SIGHT_THREADS][200];
	pid_t tids[SIGHT_THREADS];
	int all = threads_of(pid, tids, SIGHT_THREADS), n = 0;
	struct stacks *stacks = NULL;
	struct thread_look look;

	if (all < 0)
		fprintf(stderr, "threads come and go, or are too many\n");
	for (int i = 0; i < all; i++)
		if (!thread_is_exempt(tids[i]) &&
		    thread_look(pid, tids[i], &look)) {
			describe(pid, &look, texts[n], sizeof(texts[n]));
			tids[n++] = tids[i];
		}
	if (with_stacks)
		stacks = stacks_open(pid, tids, n);
	for (int i = 0; i < n; i++) {
		fprintf(stderr, "thread %d %s%s\n", tids[i],
			thread_polls(tids[i]) ? "polls; now it " : "",
			texts[i]);
		if (with_stacks)
			stacks_print(stacks, tids[i], stderr);
	}
	report_objects();
}

void watchdog_report(void)
{
	pid_t self = getpid(), copy;

	/* it is our child that will look, not our parent */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	copy = fork();
	if (copy == 0) {
		report(self, true);
		fflush(stderr);
		_exit(0);
	}
	if (copy > 0 && child_wait(copy, PATIENCE_MS) == 0)
		return;
	fprintf(stderr, "no stacks: whoever looked at them got stuck\n");
	report(self, false);
}
