/* SPDX-License-Identifier: MIT */
/*
 * Clients of the gallery's programs: harness/check/law/program.h. A program is
 * its own client; what it leaves to luck natively it does once or twice here.
 */
#include "kit.h"

#include "../../check/law/program.h"

unsigned canary_rounds;

static void run(const struct program_impl *p, unsigned rounds)
{
	canary_rounds = rounds;
	assert(p->run() == 0);
}

CLIENT(program, one_round, .threads = 2, .about = "its scenario once")
{
	run(impl, 1);
}

CLIENT(program, two_rounds, .threads = 2, .size = CLIENT_LARGE,
       .about = "its scenario twice")
{
	run(impl, 2);
}
