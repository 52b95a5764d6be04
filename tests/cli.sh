#!/bin/sh
# SPDX-License-Identifier: MIT
# What a user types wrong: one line that names the thing and the remedy, and
# exit status 2.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

# shellcheck disable=SC2317 # called by check and refused
smoke() {
	"$lab" bench --profile=smoke --lenient --out="$work/results" "$@"
}

refused 'no command' 'name a command' "$lab"
refused 'unknown command' "unknown command 'fly'" "$lab" fly
refused 'unknown topic' "nothing called 'cats'" "$lab" list cats
refused 'unknown format' 'text or csv' "$lab" list --format=xml
refused 'unknown detector' "no detector 'luck'" "$lab" check --detectors=luck
refused 'unknown law' "no law 'murphy'" "$lab" check --law=murphy mutex
refused 'no seconds' '--seconds=soon' "$lab" check --seconds=soon mutex
refused 'no format' '--format=xml' "$lab" check --format=xml mutex
refused 'unknown implementation' "no implementation matches 'mutex/gold'" "$lab" check mutex/gold
refused 'a window by hand' 'only a campaign' "$lab" window
refused 'a window of a file that is none' 'only a campaign' "$lab" window 0
refused 'a window of words' 'only a campaign' "$lab" window 3x
refused 'a window of a number too many' 'only a campaign' "$lab" window 99999999999
refused 'explain nothing' "no implementation 'mutex/gold'" "$lab" explain mutex/gold
refused 'explain without argument' 'name one KIND' "$lab" explain
refused 'filter without match' 'matches none' smoke --filter=gold
refused 'malformed filter' '--filter=\(' smoke '--filter=('
refused 'no threads' 'threads = 0' smoke --threads=0
refused 'a million threads' 'from 1 to 256' smoke --threads=1000000
refused 'no such campaign' 'nowhere.ini' "$lab" bench nowhere.ini
refused 'unknown profile' 'smoke, quick or full' "$lab" bench --profile=huge
refused 'no repetitions' 'repetitions=0' smoke --repetitions=0
refused 'out is a file' 'cannot make the folder' "$lab" bench --profile=smoke --out=/dev/null/x
refused 'unwritable out' 'choose another place' "$lab" bench --profile=smoke --out=/proc/results
refused 'unknown group of packages' "no group 'moon'" scripts/install-deps moon
refused 'malformed INI' 'bad.ini:1' sh -c "echo '[mutex' >$work/bad.ini; $lab bench $work/bad.ini"

one='--filter=mutex/futex/mutex_contended.*t:1$'

check 'list every kind' "$lab" list kinds
expect 'there are 14 kinds' [ "$(grep -c . "$work/out")" = 14 ]
"$lab" list implementations --format=csv >"$work/csv"
for kind in mutex recursive_mutex rwlock cond event semaphore barrier once queue \
	executor thread local counter gil; do
	for family in futex spin pthread; do
		expect "$kind has no family $family" grep -q "^$kind,$family,$family," "$work/csv"
	done
done
check 'explain' "$lab" explain mutex/futex
expect 'explain prints the head comment' grep -q 'Drepper' "$work/out"

for profile in smoke quick full; do
	check "profile $profile" "$lab" bench --profile=$profile --list
done
check 'a short campaign' smoke "$one" --seed=7
folder=$(sed -n 's/^results in //p' "$work/out")
for file in env.json raw.csv summary.csv histograms; do
	expect "no $file in the results" [ -e "$folder/$file" ]
done
expect 'ragged rows' awk -F, 'NR == 1 { n = NF } NF != n { exit 1 }' "$folder/raw.csv"
check 'the order repeats with its seed' smoke --filter=mutex_contended --seed=7
cp "$work/out" "$work/first"
check 'the order repeats with its seed' smoke --filter=mutex_contended --seed=7
# what the machine spoils is run again at once: once is enough here
sed -n 's/^\[[^]]*\] \([^ ]*\).*/\1/p' "$work/first" | uniq >"$work/a"
sed -n 's/^\[[^]]*\] \([^ ]*\).*/\1/p' "$work/out" | uniq >"$work/b"
expect 'an order was printed' [ -s "$work/a" ]
expect 'one seed, two orders' cmp -s "$work/a" "$work/b"
check 'JSON of Google Benchmark' smoke "$one" --benchmark_out="$work/gb.json" \
	--benchmark_out_format=json
expect 'no benchmark in the JSON' grep -q '"name": "mutex/futex/mutex_contended/t:1' "$work/gb.json"
expect 'no counters in the JSON' grep -q '"ops_per_s"' "$work/gb.json"

finish
