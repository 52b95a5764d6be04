/* SPDX-License-Identifier: MIT */
#include "barrier.h"

void barrier_answer(struct calls *table)
{
	(void)table;
}
