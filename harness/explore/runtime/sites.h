/* SPDX-License-Identifier: MIT */
/*
 * The places of the program that ask for atomic accesses and fences: noted for
 * --relax, which then asks for other orders there.
 */
#ifndef SITES_H
#define SITES_H

#include "op.h"
#include "options.h"

/* Note the place of op (its return address), give it the orders that the
 * command wants there. */
void site_visit(struct op *op);

/* No call when nobody asks. */
static inline void site_orders(struct op *op)
{
	if (page->orders || page->record_sites)
		site_visit(op);
}

#endif
