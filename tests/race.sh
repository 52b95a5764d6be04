#!/bin/sh
# SPDX-License-Identifier: MIT
# The laws under ThreadSanitizer of gcc, and faults that have to be found: one
# of them only by ThreadSanitizer, one only as a hang.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

export TSAN_OPTIONS="halt_on_error=1:suppressions=$PWD/scripts/tsan.supp"
for flavour in native tsan-gcc; do
	check "build $flavour" make -j"$(nproc)" FLAVOUR="$flavour" all canaries
done

# found FLAVOUR IMPLEMENTATION LAW: the laws must fail, this one among them
found() {
	if setarch -R "build/$1/synclab-canaries" check --limit-s=20 "$2" >"$work/out" 2>&1; then
		fail "$1 misses the planted fault $2"
	elif ! grep -q "^FAIL  $2 $3:" "$work/out"; then
		fail "$1 finds $2, but not by the law $3"
	else
		ok
	fi
}

found native mutex/canary_lost_wakeup no_lost_wakeup
found native counter/canary_unlocked loses_nothing
found tsan-gcc mutex/canary_missing_release publishes
found tsan-gcc counter/canary_unlocked loses_nothing

# In a campaign they are rows with a reason, and the others are measured.
printf '[campaign]\nwindow_ms = 50\n[mutex_contended]\nimplementations = canary*, futex\nthreads = 4\n[counter_add]\nimplementations = canary*\nthreads = 4\n' >"$work/planted.ini"
build/native/synclab-canaries bench "$work/planted.ini" --lenient --patience-s=3 --out="$work/results" >"$work/out" 2>"$work/err"
expect 'planted faults fail a campaign' [ $? = 1 ]
raw=$(find "$work/results" -name raw.csv)
expect 'a hang is a row' grep -q ',canary_hangs,.*,0,failed,"hang: ' "$raw"
expect 'a crash is a row' grep -q ',canary_crashes,.*,0,failed,"crash: signal 6 ' "$raw"
expect 'a lost update is not verified' grep -q ',canary_unlocked,.*,0,failed,"not verified: ' "$raw"
expect 'the campaign goes on' grep -q ',mutex,futex,.*,1,valid,""' "$raw"

# What is not planted has to be clean.
for kind in $("$lab" list kinds --format=csv | sed 1d | cut -d, -f1); do
	check "$kind under ThreadSanitizer" setarch -R build/tsan-gcc/synclab check "$kind"
done
finish
