/* SPDX-License-Identifier: MIT */
#include "profile.h"

void profile_answer(struct calls *table)
{
	(void)table;
}

void profile_start(void)
{
}

void profile_end(void)
{
}
