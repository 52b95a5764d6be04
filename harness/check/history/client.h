/* SPDX-License-Identifier: MIT */
/*
 * Clients: small random programs over one object, and smaller ones like them.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "model.h"

/* Random numbers; the same for the same seed. */
struct dice {
	uint64_t seed;
};

uint64_t dice_roll(struct dice *d);

/* 0 .. n - 1 */
unsigned dice_below(struct dice *d, unsigned n);

/* The client of this seed: tiny ones for the first seeds. Only operations that
 * the implementation has. */
void client_draw(struct client *c, const struct model *m,
		 const struct registration *r, uint64_t seed);

/* Has the implementation this operation? */
bool client_has(const struct operation *o, const struct registration *r);

/* The k-th way to make it smaller, 0 and up: without a thread, then without an
 * operation. False if there is none. */
bool client_smaller(const struct client *c, unsigned k, struct client *out);

#endif
