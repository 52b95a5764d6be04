/* SPDX-License-Identifier: MIT */
#include "once.h"

void once_answer(struct calls *table)
{
	(void)table;
}

void once_forget_others(void)
{
}
