#!/bin/sh
# SPDX-License-Identifier: MIT
# The gallery in short: each known bug has to be caught by the first of the
# detectors that its file names, no repaired twin by any of them. `make detect`
# is the whole matrix.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

canaries=$PWD/build/native/synclab-canaries
for flavour in native tsan-gcc perturb; do
	check "build $flavour" make -j"$(nproc)" FLAVOUR="$flavour" all canaries
done

# What a user sees of a fault: the screen, the report, and the way to do it again.
"$canaries" check --detectors=laws,stress --seconds=1 recursive_mutex/broken_trylock_leaks_count >"$work/out" 2>"$work/err"
expect 'a fault is exit status 1' [ $? = 1 ]
expect 'the verdict' grep -q '^BROKEN: caught by 2 of 2 detectors' "$work/out"
expect 'what they cannot see' grep -q '^  not covered what only weaker memory' "$work/out"
expect 'a report with its law' grep -q '^recursive_mutex/broken_trylock_leaks_count, laws, [a-z_]*: ' \
	"$(sed -n 's/^BROKEN: .*first look at //p' "$work/out")"
again=$(sed -n 's/^again: //p' "$work/out")
# shellcheck disable=SC2086 # a command
$again >"$work/out" 2>"$work/err"
expect 'and once more' [ $? = 1 ]
expect 'of the same law' grep -q "^FAIL  recursive_mutex/broken_trylock_leaks_count laws: 1 laws, 1 runs, 1 fail" "$work/out"

# The matrix says no when it has to: CELL FIXED, verdicts of a bug and its twin
printf '%s\n' 'harness/check/canary/mutex/x.c: * Bug:       pub-x' 'harness/check/canary/mutex/x.c: * Caught by: laws' >"$work/heads"
matrix() {
	echo kind >"$work/real.csv"
	printf 'kind\nmutex,broken_x,laws,%s,1,0,0,1,0.1,,1\n' "$1" >"$work/broken.csv"
	printf 'kind\nmutex,fixed_x,laws,%s,1,0,0,1,0.1,,1\n' "$2" >"$work/fixed.csv"
	awk -v order=laws -f scripts/matrix.awk - "$work/broken.csv" "$work/fixed.csv" "$work/real.csv" <"$work/heads"
}
check 'caught, and no false alarm' matrix hung passed
expect 'counted' grep -q '^published bugs: 1: 1 caught, 0 need weak memory, 0 missed; the explorer has 0$' "$work/out"
if matrix passed passed >"$work/out"; then fail 'a miss passes'; else ok; fi
expect 'a miss is told' grep -q '^not caught: mutex/x$' "$work/out"
if matrix hung failed >"$work/out"; then fail 'a false alarm passes'; else ok; fi
expect 'an alarm is told' grep -q '^  mutex/fixed_x laws' "$work/out"

# explored LAWS EXPLORE ONLY: what is the explorer's counts apart, and is missed
# if that misses it
printf '%s\n' 'harness/check/canary/mutex/x.c: * Bug:       pub-x' 'harness/check/canary/mutex/x.c: * Weak only: so it is' \
	'harness/check/canary/mutex/x.c: * Explored by: try_2 (deadlock)' >"$work/heads"
explored() {
	printf 'kind\nmutex,broken_x,laws,%s,1,0,0,1,0.1,,1\nmutex,broken_x,explore,%s,1,0,0,1,0.1,,1\n' "$1" "$2" >"$work/broken.csv"
	awk -v order='laws explore' -v only="$3" -f scripts/matrix.awk - "$work/broken.csv" "$work/fixed.csv" "$work/real.csv" <"$work/heads"
}
matrix hung passed >/dev/null
check 'what the explorer finds' explored passed failed all
expect 'is none of the runs' grep -q '^published bugs: 1: 0 caught, 1 need weak memory, 0 missed; the explorer has 1$' "$work/out"
if explored passed passed all >"$work/out"; then fail 'what the explorer misses passes'; else ok; fi
expect 'it was to find it' grep -q '^detectors that missed what they should catch: 1$' "$work/out"
check 'what is missed' explored passed passed missed
expect 'and by whom' [ "$(cat "$work/out")" = 'explore mutex/broken_x' ]
check 'nothing is missed' explored passed failed missed
expect 'is no line' [ ! -s "$work/out" ]

# DETECTOR KIND/NAME, one line a canary: of the detectors that its file names
# one of these builds that goes on until it has caught it, or else the laws. What
# takes luck (a line 'Rare:') is left to the matrix: a test must not depend on it.
for file in harness/check/canary/*/[!_]*.c; do
	kind=$(basename "$(dirname "$file")") name=$(basename "$file" .c)
	named=$(sed -n 's/^ \* Caught by: *//p' "$file")
	[ "$named" != all ] || named='preempt'
	if grep -q '^ \* Rare: ' "$file"; then
		skip "$kind/$name is rare: make detect looks for it"
		continue
	fi
	by=$(echo "$named" | tr -d ' ' | tr ',' '\n' | grep -vE '^(tsan-clang|asan|laws)$' | head -n 1)
	if [ -n "$by" ]; then
		echo "$by $kind/broken_$name" >>"$work/plan"
	elif [ -n "$named" ]; then
		echo "laws $kind/broken_$name" >>"$work/plan"
	elif ! grep -q '^ \* Weak only:' "$file"; then
		fail "$file: no line 'Caught by:' or 'Weak only:'"
	fi
done

# detect OPTION ... : rows
detect() { "$canaries" check --format=csv --jobs=$(($(nproc) * 2)) --limit-s=60 "$@"; }

cut -d' ' -f1 "$work/plan" | sort -u >"$work/detectors"
while read -r detector; do
	sed -n "s/^$detector //p" "$work/plan" >"$work/ids"
	# shellcheck disable=SC2046 # words
	detect --detectors="$detector" --seconds=60 $(cat "$work/ids") >"$work/rows.csv" 2>"$work/err"
	while read -r id; do
		row=$(grep "^$(echo "$id" | tr / ,)," "$work/rows.csv")
		case $row in
		*,failed,* | *,hung,* | *,crashed,*) ok ;;
		*) fail "$detector misses $id: $row" ;;
		esac
	done <"$work/ids"
done <"$work/detectors"

detect --detectors=laws,histories,perturb,preempt --seconds=0 --seed=2 'fixed_*' >"$work/rows.csv" 2>"$work/err"
expect 'twins were tried' [ "$(wc -l <"$work/rows.csv")" -gt 200 ]
if grep -E ',(failed|hung|crashed),' "$work/rows.csv" >"$work/alarms"; then
	while read -r row; do fail "false alarm: $row"; done <"$work/alarms"
else
	ok
fi
finish
