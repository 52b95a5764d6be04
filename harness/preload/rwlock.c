/* SPDX-License-Identifier: MIT */
#include "rwlock.h"

void rwlock_answer(struct calls *table)
{
	(void)table;
}
