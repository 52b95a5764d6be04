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

# DETECTOR KIND/NAME, one line a canary: of the detectors that its file names
# one of these builds that goes on until it has caught it, or else the laws
for file in harness/check/canary/*/[!_]*.c; do
	kind=$(basename "$(dirname "$file")") name=$(basename "$file" .c)
	named=$(sed -n 's/^ \* Caught by: *//p' "$file")
	[ "$named" != all ] || named='preempt'
	by=$(echo "$named" | tr -d ' ' | tr ',' '\n' | grep -vE '^(tsan-clang|asan|laws)$' | head -n 1)
	if [ -n "$by" ]; then
		echo "$by $kind/broken_$name"
	elif [ -n "$named" ]; then
		echo "laws $kind/broken_$name"
	elif ! grep -q '^ \* Weak only:' "$file"; then
		fail "$file: no line 'Caught by:' or 'Weak only:'"
	fi
done >"$work/plan"

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

detect --detectors=laws,stress,faults,histories,perturb,preempt --seconds=0 --seed=2 'fixed_*' >"$work/rows.csv" 2>"$work/err"
expect 'twins were tried' [ "$(wc -l <"$work/rows.csv")" -gt 200 ]
if grep -E ',(failed|hung|crashed),' "$work/rows.csv" >"$work/alarms"; then
	while read -r row; do fail "false alarm: $row"; done <"$work/alarms"
else
	ok
fi
finish
