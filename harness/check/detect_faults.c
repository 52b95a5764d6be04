/* SPDX-License-Identifier: MIT */
/*
 * Laws over a kernel that uses all that futex(2) and POSIX leave it: waits that
 * return for no reason, wakes that come at the moment of a deadline.
 */
#include "detector.h"
#include "stressors.h"

static void settle(struct settings *s)
{
	static const unsigned mixes[] = {
		STRESS_FUTEX | STRESS_SPURIOUS,
		STRESS_LATE_WAKE,
		STRESS_SLEEPY,
		STRESS_FUTEX | STRESS_LATE_WAKE | STRESS_SPURIOUS |
			STRESS_SLEEPY | STRESS_AGED,
	};

	s->stressors = mixes[s->seed % 4];
	s->effort = 0.02;
}

static void run(const struct registration *r, const struct budget *b,
		struct finding *f)
{
	hunt_laws(r, b, settle, f);
}

DETECTOR(.name = "faults", .build = "native", .rank = 30,
	 .brief = "laws over futexes that wake for no reason, late, or with "
		  "EINTR",
	 .run = run);
