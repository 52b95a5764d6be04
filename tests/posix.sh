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

# noticed FAULT TEST: with the fault in the calls (wrong/calls.c) the test fails;
# a race is there not always
noticed() {
	for _ in 1 2 3 4 5; do
		LD_PRELOAD=$PWD/build/native/posix-wrong.so WRONG=$1 "$posix" --limit=2 --filter="$2" >"$work/out" 2>"$work/err"
		if grep -q "^FAIL  $2 " "$work/out"; then
			ok
			return
		fi
	done
	fail "$1 is not noticed by $2"
}

while read -r fault test; do
	noticed "$fault" "$test"
done <<'END'
relock mutex/errorcheck_relock
trylock mutex/normal_trylock_of_owner
trylock mutex/excludes_normal
early timed/mutex_timedlock_times_out
checked_late timed/mutex_timedlock_invalid
far_is_near timed/mutex_timedlock_far_away
errno errno/mutex_lock
one_clock timed/mutex_clocklock_monotonic_times_out
unlock_by_others mutex/errorcheck_unlock
unlock_by_others mutex/recursive_unlock
unlock_late freed/mutex_normal
unlock_late freed/mutex_without_destroy
one_type mutex/recursive_count
one_type mutex_kept/owner_dead
mutex_cancellable cancel_not/mutex_lock_ignores
cond_eats_signal cancel/cond_wait_consumes_nothing
cond_eats_signal cancel/cond_wait_blocked
timeout_unlocked cond/held_after_timeout
signal_lost cond/turns
broadcast cond/broadcast_wakes_all
destroy_at_once freed/cond_after_broadcast
readers_exclude rwlock/readers_share
readers_exclude rwlock/recursive_reader
writers_share rwlock/excludes
rwlock_private rwlock/shared
permit_lost cancel/sem_wait_consumes_nothing
never_eintr signals/sem_wait_interrupted
post_late freed/semaphore
overflow semaphore/overflow
all_serial barrier/rounds
barrier_late freed/barrier
spin_open spin/excludes
once_early once/others_wait
once_early once/cancelled
END

# The tests above say little if the calls did not get to the implementations.
check 'counts' "$lab" run --family=futex --counts="$work/counts" "$posix" --here --filter=rwlock/basics_prefer_reader
expect 'no rwlock was taken over' grep -q rwlock "$work/counts"

finish
