/* SPDX-License-Identifier: MIT */
/*
 * The history that a program tells of an object (../explore.h), and whether it
 * is linearizable.
 *
 * history.c  what happens before what: of the execution graph
 * linear.c   the kind's sequential machine and the judge, those of check
 */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { OPERATIONS_MAX = 48 };

struct operation_told {
	uint8_t thread;
	uint8_t code; /* among the kind's operations */
	bool responded;
	uint16_t from, to; /* events of its thread before and after it */
	int argument, answer;
	uint64_t value;
};

struct graph;

/* The execution that has told a history. */
extern uint32_t history_of;

/* A complete one: raises a violation if no order explains its history. */
void history_judge(const struct graph *g);

/* Of linear.c. False: there is no such model. */
bool linear_begin(const char *kind, int first, int second);
/* -1: it has no such operation. */
int linear_code(const char *operation);
/* The argument of a thread's n-th operation, from 0; -1: of those that have one
 * of their own there cannot be so many. */
int linear_argument(int code, unsigned thread, unsigned n, int argument);
/* before[i]: those that responded before i was invoked. False: the text says
 * what no order explains. */
bool linear_judge(const struct operation_told *told, unsigned n,
		  const uint64_t *before, char *text, size_t size);
/* The history judged last. */
void linear_print(unsigned columns, FILE *f);

/* There are so many threads in a history, main included. */
extern const unsigned linear_threads;

#endif
