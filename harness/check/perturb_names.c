/* SPDX-License-Identifier: MIT */
#include "../perturb/perturb.h"

const char *const perturb_names[PERTURB_STRATEGIES] = { "none", "random", "pct",
							"stall" };
