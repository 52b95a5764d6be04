/* SPDX-License-Identifier: MIT */
#include "op.h"

#include "kept.h"

unsigned op_choose(unsigned n, const char *what, const void *pc)
{
	struct op op = {
		.kind = OP_CHOICE, .operand = n, .what = what, .pc = pc
	};

	return n > 1 ? (unsigned)op_do(&op) : 0;
}
