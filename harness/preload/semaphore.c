/* SPDX-License-Identifier: MIT */
#include "semaphore.h"

void semaphore_answer(struct calls *table)
{
	(void)table;
}
