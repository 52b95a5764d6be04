#!/bin/sh
# SPDX-License-Identifier: MIT
# Comparisons of campaigns whose ratio is known.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

# rows FOLDER NAME FACTOR ...: 16 windows of each NAME at about 1000 x FACTOR
rows() {
	folder=$work/$1
	shift
	mkdir "$folder"
	echo 'block,mode,scenario,kind,implementation,parameters,threads,ops_per_s,cpu_ns_per_op,extra,verified,state,why_invalid,note' >"$folder/raw.csv"
	while [ $# -gt 0 ]; do
		awk -v name="$1" -v factor="$2" 'BEGIN {
			for (b = 0; b < 16; b++) {
				# 2 % that a block does to all, 0.5 % that is a window of its own
				noise = (b * 7 % 5 - 2) / 100 + (b * length(name) * 3 % 7 - 3) / 600
				printf "%d,throughput,s,mutex,%s,\"a=1, b\",2,%g,%g,\"\",1,valid,\"\",\"\"\n", b, name,
					1000 * factor * (1 + noise), 50 / factor * (1 + noise)
			}
			printf "16,throughput,s,mutex,%s,\"a=1, b\",2,9,9,\"\",1,spoilt,\"other programs\",\"\"\n", name
		}' >>"$folder/raw.csv"
		shift 2
	done
}

# verdict NAME STATUS WORDS ARGUMENT ...
verdict() {
	name=$1 want=$2 words=$3
	shift 3
	"$lab" compare "$@" >"$work/out" 2>"$work/err"
	status=$?
	expect "$name: exit status $status" [ $status = "$want" ]
	expect "$name: no '$words'" grep -q -- "$words" "$work/out"
}

rows one futex 1 futex.base 1.1 pthread 0.9 same 1
rows two futex 1 pthread 0.9
rows other gold 1

verdict 'a regression' 1 '0\.9.* slower  REGRESSION' "$work/one"
verdict 'below the threshold' 0 '0\.9.* slower$' "$work/one" --threshold=20
verdict 'an improvement' 0 '1\.1[01].* faster$' "$work/one:pthread" "$work/one:futex"
verdict 'a regression by name' 1 '0\.[89].* slower  REGRESSION' "$work/one:futex" "$work/one:pthread"
verdict 'the same twice' 0 '2 not resolved' "$work/one" "$work/two"
verdict 'at different times' 0 'measured at different times' "$work/one" "$work/two"
verdict 'CPU time: less is better' 0 '0\.[89].* faster$' "$work/one:pthread" "$work/one:futex" --figure=cpu_ns_per_op

refused 'nothing in common' 'no cell in common' "$lab" compare "$work/one" "$work/other"
refused 'no such implementation' 'no valid window of gold' "$lab" compare "$work/one:gold" "$work/one"
refused 'no such folder' 'name a folder' "$lab" compare "$work/none" "$work/one"
refused 'no such figure' "no figure 'colour'" "$lab" compare "$work/one" "$work/two" --figure=colour
refused 'no threshold' 'give per cent' "$lab" compare "$work/one" "$work/two" --threshold=much
refused 'three' 'too many' "$lab" compare "$work/one" "$work/two" "$work/other"
refused 'none' 'name two' "$lab" compare

# two builds, one of which is none
refused 'no other build' "name another build" "$lab" bench --base=/nowhere
refused 'a folder as a build' "name another build" "$lab" bench --base=/tmp
printf '[campaign]\nrepetitions = 1\nwindow_ms = 5\n[mutex_contended]\nimplementations = futex\n' >"$work/small.ini"
check 'a build beside itself' "$lab" bench "$work/small.ini" --lenient --base="$lab" --out="$work/builds"
expect 'no row of the other build' grep -q 'mutex,futex.base,' "$(find "$work/builds" -name raw.csv)"
refused 'not a build at all' 'is it a synclab' "$lab" bench "$work/small.ini" --lenient --base=/bin/true --out="$work/none"
finish
