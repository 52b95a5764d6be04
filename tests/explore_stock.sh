#!/bin/sh
# SPDX-License-Identifier: MIT
# Every implementation under its small stock clients, so many executions of each
# at most: none is wrong, and what ends within the bound is verified. `make
# explore` is the whole. BOUND=N: another bound.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

check 'build' make -j"$(nproc)" all canaries
check 'build the explorer' make -j"$(nproc)" explorer

# explored ROWS PATTERN ...: rows of these implementations
explored() {
	rows=$1
	shift
	timeout 300 "$lab" explore --executions="${BOUND:-2000}" --duplicates --format=csv "$@" >"$rows" 2>"$work/err"
}

# judged ROWS: a line for each row that is not as it has to be, then the counts.
# What has been cut is bounded, what has not been cut is verified.
judged() {
	awk -F, '
	{ gsub(/"/, "") }
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["verdict"] == "SKIP" { skipped++; next }
	$at["verdict"] == ($at["bounded"] == "true" ? "BOUNDED" : "VERIFIED") && $at["duplicates"] == 0 && $at["complete"] > 0 {
		passed++
		next
	}
	{ print "FAIL  " $0; failed++ }
	END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

explored "$work/rows" '*'
judged "$work/rows" >"$work/judged"
sed '$d' "$work/judged"
read -r p f s <<END
$(tail -n 1 "$work/judged")
END
passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))

# Nobody is left out.
"$lab" list implementations | awk '{ print $1 "/" $2 }' >"$work/names"
expect 'implementations have names' grep -q '^mutex/futex$' "$work/names"
while read -r name; do
	expect "$name: no client of it has run" grep -qE "^\"$name\",.*,\"(VERIFIED|BOUNDED)\"," "$work/rows"
done <"$work/names"

# The judgement is no when it has to be.
explored "$work/broken" --client=exclusion_2 mutex/broken_missing_release
expect 'a broken lock is one row that fails' [ "$(judged "$work/broken" | tail -n 1)" = '0 1 0' ]
explored "$work/fixed" --client=exclusion_2 mutex/fixed_missing_release
expect 'its repaired twin is one that passes' [ "$(judged "$work/fixed" | tail -n 1)" = '1 0 0' ]

finish
