/* SPDX-License-Identifier: MIT */
/*
 * Included by the Makefile before each file of program/: see ../law/program.h.
 */
#include "../law/program.h"
#include "canary.h"

static int program_main(void);
#define main program_main

static const struct program_impl implementation = {
	.id = { .name = CANARY_NAME,
		.family = OTHER,
		.brief = CANARY_BRIEF(FILE_STEM),
		.source = "its head comment",
		.size = 1 },
	.run = program_main,
};
REGISTRATION("program", NULL);
