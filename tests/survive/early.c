/* SPDX-License-Identifier: MIT */
/*
 * A library whose constructor locks, waits, starts a thread that waits until
 * the end, and registers handlers for fork.
 *
 * Library: early
 * Prints: 4 were early
 */
#include "survive.h"

int early_sum(void);
int early_forks(void);
void early_stop(void);

int main(void)
{
	pid_t child = fork();

	if (child == 0) {
		CHECK(early_sum() == 4);
		CHECK(early_forks() == 1);
		_exit(0);
	}
	await_child(child);
	CHECK(early_forks() == 1);
	early_stop();
	printf("%d were early\n", early_sum());
	return 0;
}
