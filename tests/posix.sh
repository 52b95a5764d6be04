#!/bin/sh
# SPDX-License-Identifier: MIT
# What POSIX requires of the interposed calls: on the C library itself, and under
# `synclab run` with one implementation after another.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

posix=build/native/posix

# conform NAME COMMAND ...: runs all tests, shows what is not ok, adds up
conform() {
	name=$1
	shift
	"$@" >"$work/out" 2>"$work/err"
	counts=$(sed -n 's/^posix: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$work/out")
	if [ -z "$counts" ]; then
		fail "$name: no result"
		return
	fi
	grep -A 1 -E '^(FAIL|SKIP)' "$work/out" | grep -v '^--' | sed "s|^\(FAIL\|SKIP\)  |&$name: |"
	# shellcheck disable=SC2086 # three numbers
	set -- $counts
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
	echo "ok    $name: $counts (passed, failed, skipped)"
}

# replaced NAME: where libc's object is not used, its bugs are not excused. What
# is left to it are robust mutexes.
replaced() {
	grep "note: libc's bug" "$work/out" | grep -v ENOTRECOVERABLE >"$work/err"
	if [ -s "$work/err" ]; then fail "$1: a bug of libc's"; else ok; fi
}

refused 'unknown option' "unknown option '--fly'" "$posix" --fly
refused 'no such test' '--filter=cats matches no test' "$posix" --filter=cats
check 'list' "$posix" --list
expect 'a page is named' grep -q '^mutex/errorcheck_relock (pthread_mutex_lock: EDEADLK' "$work/out"

conform libc "$posix"
conform pthread "$lab" run --family=pthread "$posix"
for family in futex spin; do
	conform $family "$lab" run --family=$family "$posix"
	replaced $family
done
for mutex in mcs ticket hemlock park handoff; do
	conform "mutex/$mutex" "$lab" run --mutex=$mutex --fallback "$posix"
done
conform rwlock/phase_fair "$lab" run --family=futex --rwlock=phase_fair --fallback "$posix"

# The tests above say little if the calls did not get to the implementations.
check 'counts' "$lab" run --family=futex --counts="$work/counts" "$posix" --here --filter=rwlock/basics_prefer_reader
expect 'no rwlock was taken over' grep -q rwlock "$work/counts"

finish
