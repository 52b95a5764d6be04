/* SPDX-License-Identifier: MIT */
/*
 * What `synclab explore` asks of the runtime, and what it gets back.
 *
 * Both are in one page shared with the command and with all jobs: file
 * descriptor EXPLORE_FD of the explored program. The layout is private to one
 * build of synclab.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define EXPLORE_FD 200

enum explore_mode {
	EXPLORE_ALL,	/* exhaustive */
	EXPLORE_RANDOM, /* random walks over consistent graphs */
	EXPLORE_PCT,
};

enum explore_model { EXPLORE_RC11, EXPLORE_SC, EXPLORE_TSO };

enum { EXPLORE_ORDERS_MAX = 256, EXPLORE_SITES_MAX = 1024 };

/* An atomic access of the program, by its return address in the executable
 * (less its load address), with its orders as written: what --relax is about.
 */
struct explore_site {
	uintptr_t pc;
	uint8_t kind; /* enum op_kind */
	int8_t order, failed;
};

/* --relax: at this place another order. */
struct explore_order {
	uintptr_t pc;
	int8_t order, failed;
};

struct explore_page {
	/* from the command */
	uint32_t magic, bytes;
	enum explore_mode mode;
	enum explore_model model;
	uint64_t executions_max; /* 0: no bound */
	uint64_t ms_max;
	uint64_t seed, walks, depth; /* random modes */
	unsigned events_max;	     /* of one execution */
	unsigned jobs;
	bool spurious;	 /* waits may return for no reason */
	bool timeouts;	 /* deadlines may pass at any moment */
	bool weak_fails; /* weak compare-exchanges may fail */
	bool wake_any;	 /* a wake picks any of the sleepers, not the first */
	bool leaks;
	bool symmetry; /* threads that do the same are interchangeable */
	bool check_duplicates; /* keep a hash of each execution */
	bool keep_going;   /* count violations instead of ending at the first */
	bool only_replay;  /* follow `trace`, report, end */
	bool record_sites; /* note each atomic access in `site` */
	bool show;	   /* print each complete execution (litmus tests) */
	char trace[4096]; /* file to write a violation's trace to, or to read */
	char report[4096]; /* file to write its report to; empty: stderr */
	unsigned orders;
	struct explore_order order[EXPLORE_ORDERS_MAX];

	/* from the runtime */
	_Atomic uint64_t complete, blocked, dropped, duplicates, violations;
	_Atomic uint64_t once;	  /* random modes: executions met once only */
	_Atomic uint64_t events;  /* added, over all executions */
	_Atomic uint64_t deepest; /* events of the longest execution */
	_Atomic uint64_t nanoseconds; /* of exploring, without start-up */
	_Atomic uint32_t bounded;     /* something was cut by a bound */
	_Atomic uint32_t jobs_running;
	_Atomic uint32_t stop;	 /* a job has found a violation */
	uint32_t violation_kind; /* of the first, enum violation_kind */
	char violation_text[512];
	char unsupported[256]; /* what the runtime could not do; "" */
	_Atomic uint32_t sites;
	struct explore_site site[EXPLORE_SITES_MAX];
};

enum { EXPLORE_MAGIC = 0x78706c31 };

/* How the explored program exits. */
enum {
	EXPLORE_VERIFIED,
	EXPLORE_VIOLATION,
	EXPLORE_UNSUPPORTED,
	EXPLORE_BOUNDED
};

extern struct explore_page *page; /* never NULL once the runtime has started */

#endif
