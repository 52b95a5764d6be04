/* SPDX-License-Identifier: MIT */
/*
 * A raw profile as a process has left it (harness/preload/profile/write.h),
 * read into memory. Not thread-safe.
 */
#ifndef PROFILE_RAW_H
#define PROFILE_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "../bench/histogram.h"

enum raw_kind {
	RAW_MUTEX,
	RAW_RWLOCK,
	RAW_COND,
	RAW_SEMAPHORE,
	RAW_BARRIER,
	RAW_SPIN,
	RAW_KINDS
};

extern const char *const raw_kinds[RAW_KINDS];

struct raw_module {
	uint64_t bias, start, end;
	char *path;
};

struct raw_origin {
	unsigned index;
	enum raw_kind kind;
	bool by_use;
	uint64_t site;
	struct histogram *gap; /* NULL: none; as all below */
	double gap_burnt_ns, gap_burnt_of_ns;
};

struct raw_site {
	uint64_t address;
	unsigned samples;
};

enum { RAW_SITES = 4, RAW_THREAD_WORDS = 8 };

struct raw_object {
	uint64_t address; /* 0: of several objects */
	const struct raw_origin *origin;
	uint64_t inits, writes, others, contended, failed, handovers;
	double waited_ns, burnt_ns;
	uint64_t threads[RAW_THREAD_WORDS];
	struct raw_site sites[RAW_SITES]; /* most samples first */
	unsigned n_sites;
	struct histogram *wait, *hold, *rest;
};

struct raw {
	unsigned long long pid, merged;
	double elapsed_ns;
	char *program;
	struct raw_module *modules;
	struct raw_origin *origins;
	struct raw_object *objects;
	unsigned n_modules, n_origins, n_objects;
	bool complete; /* to its last line */
};

/* NULL if it cannot be opened or is none; ends the program without memory. */
struct raw *raw_read(const char *path);
void raw_free(struct raw *r);

/* Acquisitions, of readers as well; waits of conditions and barriers. */
uint64_t raw_acquired(const struct raw_object *o);

/* Does a thread release it that has acquired it? A semaphore may be used so or
 * so: it is a lock if those who have waited for it post it themselves. */
bool raw_is_lock(const struct raw_object *o);

unsigned raw_samples(const struct raw_object *o); /* of acquisitions */
unsigned raw_threads(const uint64_t threads[RAW_THREAD_WORDS]);

/* NAN where there is no sample. */
double raw_quantile(const struct histogram *h, double q);

#endif
