/* SPDX-License-Identifier: MIT */
/*
 * What laws are made of: objects, crews of threads, skips.
 */
#include "laws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { SLOWDOWN = 10 };
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
enum { SLOWDOWN = 10 };
#else
enum { SLOWDOWN = 1 };
#endif
#else
enum { SLOWDOWN = 1 };
#endif

unsigned law_effort = 1;

unsigned law_rounds(unsigned n)
{
	n = n / SLOWDOWN * law_effort;
	return n ? n : 1;
}

void *law_object(const struct implementation *id)
{
	size_t size = (id->size + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
	void *object = aligned_alloc(CACHE_LINE, size ? size : CACHE_LINE);

	CHECK(object != NULL);
	return memset(object, 0, size ? size : CACHE_LINE);
}

void *law_node(const struct implementation *id)
{
	struct implementation node = { .size = id->node_size };

	return id->node_size ? law_object(&node) : NULL;
}

struct crew {
	unsigned n;
	law_body *body;
	void *shared;
	struct crew_member {
		struct crew *crew;
		unsigned index;
		pthread_t thread;
	} members[];
};

static void *crew_main(void *argument)
{
	struct crew_member *m = argument;

	m->crew->body(m->crew->shared, m->index);
	return NULL;
}

struct crew *crew_start(unsigned n, law_body *body, void *shared)
{
	struct crew *c = malloc(sizeof(*c) + n * sizeof(c->members[0]));

	CHECK(c != NULL);
	*c = (struct crew){ .n = n, .body = body, .shared = shared };
	for (unsigned i = 0; i < n; i++) {
		c->members[i].crew = c;
		c->members[i].index = i;
		CHECK_EQ(pthread_create(&c->members[i].thread, NULL, crew_main,
					&c->members[i]),
			 0);
	}
	return c;
}

void crew_join(struct crew *c)
{
	for (unsigned i = 0; i < c->n; i++)
		pthread_join(c->members[i].thread, NULL);
	free(c);
}

void law_crew(unsigned n, law_body *body, void *shared)
{
	crew_join(crew_start(n, body, shared));
}

void law_pause(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

/* Is the thread with this kernel id asleep in the kernel (state S)? */
static bool asleep_in_kernel(int tid)
{
	char path[64], line[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);

	/* "tid (name) S ...": the name may hold anything but ends last */
	const char *end = strrchr(line, ')');

	return end && end[1] == ' ' && end[2] == 'S';
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	/* the thread has ended: it waits no more, and that is news as well */
	if (clock_gettime(clock, &t))
		return UINT64_MAX;
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

void law_about_to_wait(struct law_waiter *w)
{
	w->thread = pthread_self();
	w->cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	atomic_store(&w->tid, gettid());
}

void law_until_waiting(struct law_waiter *w)
{
	clockid_t clock;
	int tid, asleep = 0;

	EVENTUALLY((tid = atomic_load(&w->tid)) != 0);
	if (pthread_getcpuclockid(w->thread, &clock))
		return;
	/* two looks: a sanitizer's own lock may make it sleep for a moment */
	while (asleep < 2 && clock_ns(clock) - w->cpu_ns < 2 * NS_PER_MS) {
		law_pause();
		asleep = asleep_in_kernel(tid) ? asleep + 1 : 0;
	}
	atomic_store(&w->tid, 0);
}
