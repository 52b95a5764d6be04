#!/bin/sh
# SPDX-License-Identifier: MIT
# One file adds an implementation, one file adds a scenario, zero other edits.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

# A copy of the tree, built objects included, so that only the new file is built.
tree=$work/tree
mkdir "$tree"
cp -a Makefile primitives harness scenarios scripts tests "$tree"
mkdir "$tree/build"
cp -a build/native build/pic build/library "$tree/build"
cp "$tree/primitives/mutex/_template.c" "$tree/primitives/mutex/mine.c"
sed 's/"mutex_contended"/"my_workload"/' "$tree/scenarios/mutex_contended.c" >"$tree/scenarios/my_workload.c"
check 'it builds' make -C "$tree" -j2
mine=$tree/build/native/synclab

check 'list implementations' "$mine" list implementations --format=csv
expect 'mine is not in the list' grep -q '^mutex,mine,other,' "$work/out"
check 'list scenarios' "$mine" list scenarios --format=csv
expect 'my_workload is not in the list' grep -q '^my_workload,micro,mutex,' "$work/out"
expect 'mine is not in the library' grep -q 'primitives/mutex/mine' "$tree/build/library/libsynclab.so"
check 'all detectors try it' "$mine" check --seconds=1 mutex/mine
expect 'no laws for mine' grep -q '^ok    mutex/mine laws: [1-9][0-9]* laws, ' "$work/out"
expect 'no verdict for mine' grep -q '^no fault found by [1-9][0-9]* of 10 detectors' "$work/out"
expect 'builds that are not there are told' grep -q 'tsan-gcc *- *not run: build/tsan-gcc is not there' "$work/out"
check 'quick names it too' "$mine" bench --profile=quick --list
expect 'mine is not in the quick campaign' grep -q '^mutex/mine/' "$work/out"

printf '[my_workload]\nthreads = 1, 2\n' >"$work/mine.ini"
check 'it is measured' "$mine" bench "$work/mine.ini" --lenient --window-ms=20 --out="$work/results"
folder=$(sed -n 's/^results in //p' "$work/out")
expect 'no row for mine' grep -q ',my_workload,micro,mutex,mine,other,' "$folder/raw.csv"
if command -v gnuplot >/dev/null; then
	check 'it is plotted' scripts/plot "$folder"
	expect 'mine is in no figure' grep -lq '>mine<\|mine' "$folder"/*.svg
else
	skip 'plots: no gnuplot'
fi

finish
