#!/bin/sh
# SPDX-License-Identifier: MIT
# What Google Benchmark reports is what raw.csv says of the same windows, and
# its own threads are understood.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

# column NAME: of the valid rows of raw.csv, in ns per operation if it is `time`
column() {
	awk -F, -v name="$1" '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	$at["state"] == "valid" {
		if (name == "time") printf "%.9g\n", $at["window_s"] / $at["ops"] * 1e9
		else print $at[name]
	}' "$folder/raw.csv" | sort -g
}

# field NAME: of all benchmarks in the JSON
field() {
	sed -n "s/^ *\"$1\": \\([-+.e0-9]*\\),*\$/\\1/p" "$work/gb.json" | sort -g
}

# shellcheck disable=SC2317 # called by expect, as the next one
# equal A B: two files of as many numbers, the same but for rounding
equal() {
	[ -s "$1" ] && paste "$1" "$2" | awk '
	NF != 2 { exit 1 }
	{ d = $1 - $2; if (d < 0) d = -d; if (d > 1e-8 * $2) exit 1 }'
}

# shellcheck disable=SC2317
none_below() { awk -v least="$1" -F= '$2 < least { exit 1 }' "$2"; }

check 'a campaign with JSON' "$lab" bench --profile=smoke --lenient --repetitions=3 \
	--filter='^(mutex|counter)/[a-z]*/.*t:4$' --out="$work/results" \
	--benchmark_out="$work/gb.json"
folder=$(sed -n 's/^results in //p' "$work/out")
column ops >"$work/ours"
if [ -s "$work/ours" ]; then
	for pair in time:real_time cpu_ns_per_op:cpu_time ops_per_s:ops_per_s jain:jain; do
		column "${pair%:*}" >"$work/ours"
		field "${pair#*:}" >"$work/theirs"
		expect "$pair differs" equal "$work/ours" "$work/theirs"
	done
else
	skip 'the machine is too busy for a valid window'
fi

check 'a campaign with CSV' "$lab" bench --profile=smoke --lenient --out="$work/results" \
	--filter='^mutex/futex/uncontended' --benchmark_out="$work/gb.csv" \
	--benchmark_out_format=csv
folder=$(sed -n 's/^results in //p' "$work/out")
expect 'not a line of CSV for each valid window' [ "$(column ops | grep -c .)" = \
	"$(grep -c '^"mutex/futex/uncontended/t:1' "$work/gb.csv")" ]

refused 'the same windows twice' 'use --repetitions' "$lab" bench --benchmark_repetitions=2
refused 'a flag that is not theirs' 'benchmark_gold' "$lab" bench --benchmark_gold

# A sleep takes as long in one thread as in four: so much for Time, undone. An
# iteration is never shorter than its 5 ms, which a divided Time would be.
printf '[gbench_loop]\nimplementations = sleep\nthreads = 1, 4\n' >"$work/sleep.ini"
check 'Google Benchmark sleeps' "$lab" bench "$work/sleep.ini" --lenient --out="$work/results"
folder=$(sed -n 's/^results in //p' "$work/out")
grep -o 'gbench_corrected_ns=[^ ]*' "$folder/raw.csv" >"$work/corrected"
expect 'not a row for each sleep' [ "$(grep -c . "$work/corrected")" -ge 2 ]
expect 'a sleep that is too short' none_below 5e6 "$work/corrected"

finish
