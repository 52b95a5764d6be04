#!/bin/sh
# SPDX-License-Identifier: MIT
# The runtime that perturbs schedules: its own tests, which only its build has,
# and a lost wake-up that it has to find, where its repaired twin is clean.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

check 'build native' make -j"$(nproc)" canaries
check 'build perturb' make -j"$(nproc)" FLAVOUR=perturb canaries build/perturb/unit-tests
check 'its unit tests' env CK_RUN_SUITE=perturb build/perturb/unit-tests

hunt() {
	build/native/synclab-canaries check --detectors="$1" --seconds=5 --limit-s=60 "$2"
}
for detector in perturb preempt; do
	check "$detector on a repaired mutex" hunt "$detector" mutex/fixed_woken_forgets_waiters
	if hunt "$detector" mutex/broken_woken_forgets_waiters >"$work/out" 2>&1; then
		fail "$detector misses a lost wake-up"
	else
		ok
	fi
done
finish
