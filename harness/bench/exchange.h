/* SPDX-License-Identifier: MIT */
/*
 * What a campaign and the process of one window tell each other: an anonymous
 * file that both have mapped. The campaign writes the request before it starts
 * `synclab window FD`, the window writes the result before it ends.
 *
 * Nothing in here is an address. The window may be of another build, as long as
 * that has the same layout of this struct; if not, both find out.
 */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "window.h"

struct window_request {
	char scenario[64];
	char kind[32]; /* of the implementation; "": a variant */
	char name[64]; /* of the implementation or variant */
	uint32_t threads;
	uint64_t values[PARAMS_MAX];
	uint64_t seed;
	struct window_plan plan;
	/* measured once, so that sections are equally long in all windows */
	uint64_t clock_cost_ns;
	double work_step_ns;
};

struct exchange {
	/* These have the same place in every build: a number that says that
	 * it is one, its size by the campaign's build, its size by the
	 * window's, written when that begins. */
	uint64_t magic, size, taken;
	struct window_request request;
	struct window_result result;
	int fd; /* the campaign's */
};

#define EXCHANGE_MAGIC UINT64_C(0x31626c636e7973) /* "synclb1" */

/* A new one, to be passed by its fd; NULL if there is no memory. */
struct exchange *exchange_new(void);

/* That of a result, which must be a part of one. */
struct exchange *exchange_of(struct window_result *result);

/* In the window. NULL with EINVAL if fd is none, with EPROTO if its layout is
 * not ours, which is then left in it as `taken` for the campaign to say so. */
struct exchange *exchange_take(int fd);

#endif
