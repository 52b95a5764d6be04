/* SPDX-License-Identifier: MIT */
/*
 * The law of a program: it ends, and says that all is well.
 */
#include "program.h"
#include "law.h"

LAW(program, ends_well, "its own assertions hold, again and again")
{
	for (unsigned i = 0; i < law_rounds(200); i++)
		CHECK_EQ(impl->run(), 0);
}
