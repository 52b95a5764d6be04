#!/bin/sh
# SPDX-License-Identifier: MIT
# Races and planted faults: the laws under ThreadSanitizer of gcc hold for all
# that is not planted, and a campaign survives what is.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

for flavour in native tsan-gcc; do
	check "build $flavour" make -j"$(nproc)" FLAVOUR="$flavour" all canaries
done

# In a campaign they are rows with a reason, and the others are measured.
printf '[campaign]\nwindow_ms = 50\n[mutex_contended]\nimplementations = broken_hangs, broken_crashes, futex\nthreads = 4\n[counter_add]\nimplementations = broken_unlocked\nthreads = 4\n' >"$work/planted.ini"
build/native/synclab-canaries bench "$work/planted.ini" --lenient --patience-s=3 --out="$work/results" >"$work/out" 2>"$work/err"
expect 'planted faults fail a campaign' [ $? = 1 ]
raw=$(find "$work/results" -name raw.csv)
expect 'a hang is a row' grep -q ',broken_hangs,.*,0,failed,"hang: ' "$raw"
expect 'a crash is a row' grep -q ',broken_crashes,.*,0,failed,"crash: signal 6 ' "$raw"
expect 'a lost update is not verified' grep -q ',broken_unlocked,.*,0,failed,"not verified: ' "$raw"
expect 'the campaign goes on' grep -q ',mutex,futex,.*,1,valid,""' "$raw"

# Options of the user's own are added to what trials need.
check 'TSAN_OPTIONS' env TSAN_OPTIONS=halt_on_error=1 \
	"$lab" check --detectors=tsan-gcc --seconds=0 --law=exit_waits thread/futex

# What is not planted has to be clean.
for kind in $("$lab" list kinds --format=csv | sed 1d | cut -d, -f1); do
	check "$kind under ThreadSanitizer" "$lab" check --detectors=tsan-gcc --seconds=0 "$kind"
done
finish
