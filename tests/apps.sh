#!/bin/sh
# SPDX-License-Identifier: MIT
# Real programs under the interposer (those that are installed for the build
# anyway): their results are right, and checks of results can fail.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

# counts LINE: adds "apps: N passed, N failed, N skipped" to the counts of this
counts() {
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

scripts/apps --check --quick cxx git perl pigz python3 sort sqlite3 sqlite_threads xz \
	plain pthread futex spin mutex/mcs >"$work/said" 2>&1
grep -vE '^ok|^apps:' "$work/said"
# shellcheck disable=SC2046 # three numbers
counts $(sed -n 's/^apps: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' \
	"$work/said" | grep . || echo 0 1 0)

refused 'no such app' "no app or implementation 'cat'" scripts/apps cat
refused 'a part of apps' "no app or implementation '_app'" scripts/apps _app
refused 'no such implementation' "no such implementation" scripts/apps --check xz mutex/gold
refused 'no number of blocks' '--blocks=few' scripts/apps --blocks=few
refused 'no such option' "unknown option '--fast'" scripts/apps --fast
refused 'no such campaign' '--table=/nowhere' scripts/apps --table=/nowhere
refused 'nothing to resume' 'no campaign' scripts/apps --resume "--out=$work/none" xz plain

# A run that hangs, one that fails, one whose result is wrong, one that verify
# cannot tell from a wrong one.
app=tests/apps/.trial.$$
trap 'rm -rf "$work" "$app" "build/apps/.trial.$$"' EXIT
trial() {
	name=$1 want=$2 words=$3
	cat >"$app" <<-END
		#!/bin/sh
		. tests/apps/_app
		packages=coreutils unit=s limit=1
		prepare() { :; }
		run() { timed true && echo 1 >result; ${4:-:}; }
		verify() { same result "\$(cat result)" ${5:-1}; }
		spoil() { echo ${6:-2} >result; }
		app "\$@"
	END
	chmod +x "$app"
	"$app" doubt >"$work/out" 2>"$work/complaint"
	status=$?
	expect "$name: status $status" [ "$status" = "$want" ]
	[ -z "$words" ] || expect "$name: no '$words'" grep -q "$words" "$work/complaint"
}
trial 'a run' 0 ''
trial 'a run that hangs' 3 'not done within 1 s' 'sleep 300'
trial 'a run that fails' 4 'the program failed' 'false'
trial 'a wrong result' 1 "result: '1' instead of '3'" : 3
trial 'a check that sees nothing' 1 'verify does not see' : 1 1

# A campaign of two blocks, cut off and gone on with. Its rows are whole.
# shellcheck disable=SC2317 # called by check
campaign() {
	timeout 100 scripts/apps --quick "--out=$work/results" "$@" xz plain plain.twin futex
}
check 'a campaign' campaign --blocks=2 --seed=7
folder=$(sed -n 's/^results in //p' "$work/out")
expect 'rows' [ "$(grep -c ',valid,' "$folder/raw.csv")" = 6 ]
expect 'ragged rows' awk -F, 'NR == 1 { n = NF } NF != n { exit 1 }' "$folder/raw.csv"
expect 'a table' grep -q '^| xz | [0-9.]* s | [0-9.]* | [0-9.]* |$' "$folder/table.md"
sed -n '2,6p' "$folder/raw.csv" >"$work/first"
{ head -n 6 "$folder/raw.csv" && printf '1,xz,fut'; } >"$work/cut"
cp "$work/cut" "$folder/raw.csv"
check 'going on' campaign --blocks=2 --resume
expect 'what was whole is kept' sh -c "sed -n 2,6p '$folder/raw.csv' | cmp -s - '$work/first'"
expect 'what was cut is measured again' [ "$(grep -c '^1,xz,.*,valid,' "$folder/raw.csv")" = 6 ]

# Ratios that are known: half the time is twice as good, twice the rate too.
awk 'BEGIN {
	print "app,implementation,block,figure,better,state"
	for (b = 0; b < 8; b++) {
		printf "a,plain,%d,%g,less,valid\na,fast,%d,%g,less,valid\n", b, 2 + b % 3 / 10, b, 1 + b % 3 / 20
		printf "b,plain,%d,%g,more,valid\nb,slow,%d,%g,more,valid\n", b, 10 + b, b, 4 + b * 0.4
		printf "b,late,%d,,more,timed out\n", b
	}
}' >"$work/rows.csv"
check 'ratios' "$lab" ratios "$work/rows.csv"
expect 'half the time' grep -q '^a,fast,plain,8,0,0,0,1.05,2.1,2,2,2,.*,better$' "$work/out"
expect 'four tenths of the rate' grep -q '^b,slow,plain,8,0,0,0,.*,0.4,0.4,0.4,.*,worse$' "$work/out"
expect 'never in time' grep -q '^b,late,plain,0,8,0,0,nan,' "$work/out"
refused 'no file of rows' 'name the file' "$lab" ratios
refused 'no such file of rows' '/nowhere' "$lab" ratios /nowhere
refused 'neither more nor less' '--better=much' "$lab" ratios --better=much "$work/rows.csv"

finish
