/* SPDX-License-Identifier: MIT */
/*
 * A crew: processes that do a cell's work in place of its threads, and count on
 * a board in shared memory. The cell's own threads only follow the counts, each
 * those of one seat, so that ramp, window and fairness mean for processes what
 * they mean for threads.
 *
 *	setup     crew_open, then crew_fork or crew_exec
 *	work      crew_follow
 *	stop      crew_stop
 *	verify    crew_verify
 *	teardown  crew_close
 *
 * A member waits for a byte "g" from its descriptor `go`, works until
 * board->stop is set, and leaves. It is a child as in child.h.
 *
 * Errors:       false after cell_fail.
 * Thread-safe:  crew_follow alone; the rest is called by one thread, crew_fork
 *               and crew_exec before there are others.
 */
#ifndef KIT_CREW_H
#define KIT_CREW_H

#include <sys/types.h>

#include "../../scenarios/scenario.h"

/*
 * To a member in another language the board is an array of 64-bit words: word 0
 * is stop, and seat i begins at word CREW_HEAD_WORDS + i * CREW_SEAT_WORDS.
 */
enum {
	CREW_RING = 1 << 12, /* latencies a member can be ahead of its reader */
	CREW_HEAD_WORDS = 16,
	CREW_SEAT_WORDS = CREW_HEAD_WORDS + CREW_RING,
};

struct crew_seat {
	_Atomic uint64_t ops;
	_Atomic uint64_t failures; /* operations with a wrong result */
	/* Whose CPU time is that of this seat; 0: it is another seat's too. */
	_Atomic uint64_t pid;
	uint64_t pad[CREW_HEAD_WORDS - 3];
	/* In ns, of operation n at n % CREW_RING; if the crew is timed. */
	_Atomic uint64_t latency[CREW_RING];
};

struct crew_board {
	_Atomic uint64_t stop;
	uint64_t pad[CREW_HEAD_WORDS - 1];
	struct crew_seat seats[];
};

struct crew {
	struct cell *cell;
	struct crew_board *board;
	int board_fd; /* for a program to map */
	int go[2];
	unsigned seats;
	unsigned waiting; /* members that wait for their byte */
	unsigned n_pids;
	pid_t pids[THREADS_MAX];
	bool timed;
};

/* The work of one forked member: returns soon after crew_over says so. */
typedef void crew_member(const struct crew *crew, unsigned index);

/* As many seats as the cell has threads. timed: members tell latencies. */
bool crew_open(struct crew *crew, struct cell *c, bool timed);

/* A process for each seat. */
bool crew_fork(struct crew *crew, crew_member *member);

/*
 * One program for all seats, found on PATH. Its standard input is `go`, from
 * which `waiting` of its threads or processes read a byte each. Its standard
 * output says "ready" in a line, or else what is wrong. keep: descriptors that
 * it inherits under their numbers, -1 at the end.
 */
bool crew_exec(struct crew *crew, char *const argv[], const int *keep,
	       unsigned waiting);

/* As .work: follows the seat of the worker's index. */
void crew_follow(struct crew *crew, struct worker *w);

void crew_stop(struct crew *crew);
bool crew_verify(struct crew *crew);

/* Does nothing to a zeroed crew. */
void crew_close(struct crew *crew);

/* Is there such a program on PATH? */
bool crew_has_program(const char *name);

/* ---- for forked members ---- */

static inline bool crew_over(const struct crew *crew)
{
	/* relaxed: it orders nothing, its value is all that counts */
	return atomic_load_explicit(&crew->board->stop, memory_order_relaxed);
}

/* One more operation is done; latency_ns is used if the crew is timed. */
static inline void crew_count(const struct crew *crew, unsigned index,
			      uint64_t latency_ns)
{
	struct crew_seat *seat = &crew->board->seats[index];
	/* relaxed: only this member writes it */
	uint64_t n = atomic_load_explicit(&seat->ops, memory_order_relaxed);

	/* relaxed: published by [A] */
	if (crew->timed)
		atomic_store_explicit(&seat->latency[n % CREW_RING], latency_ns,
				      memory_order_relaxed);
	/* [A] pairs with [B] in catch_up: the latency is there */
	atomic_store_explicit(&seat->ops, n + 1, memory_order_release);
}

static inline void crew_count_failure(const struct crew *crew, unsigned index)
{
	/* relaxed: read after the member has been reaped */
	atomic_fetch_add_explicit(&crew->board->seats[index].failures, 1,
				  memory_order_relaxed);
}

#endif
