#!/bin/sh
# SPDX-License-Identifier: MIT
# A campaign that is killed again and again is complete in the end, with each
# window there once and nothing measured twice.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

cat >"$work/small.ini" <<'END'
[campaign]
window_ms = 5
ramp_ms = 2
repetitions = 12
[mutex_contended]
implementations = futex, spin, pthread
threads = 1, 2
modes = throughput, latency
END
windows=$(($("$lab" bench "$work/small.ini" --list | wc -l) * 12))

# A kill at a random moment: each time a few windows further, on any machine.
kills=0
while [ $kills -lt 20 ]; do
	"$lab" bench "$work/small.ini" --lenient --out="$work/r" --resume >"$work/out" 2>"$work/err" &
	pid=$!
	sleep "0.$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	kills=$((kills + 1))
done

check 'the last run completes it' "$lab" bench "$work/small.ini" --lenient --out="$work/r" --resume
expect 'one folder' [ "$(find "$work/r" -name raw.csv | wc -l)" = 1 ]
raw=$(find "$work/r" -name raw.csv)
folder=$(dirname "$raw")

# block, mode, implementation, parameters, threads of windows that count
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
	{ split($0, part, "\""); n = split(part[3], tail, ","); state = tail[3] }
	state == "valid" { print $at["block"], $at["mode"], $at["implementation"], $at["parameters"], $at["threads"] }
' "$raw" | sort >"$work/counted"
expect 'no window twice' [ -z "$(uniq -d "$work/counted")" ]
# what is not valid three times stays a gap
gaps=$(sed -n 's/.*; \([0-9]*\) gaps left.*/\1/p' "$work/out")
expect "all windows: $(wc -l <"$work/counted") + $gaps of $windows" \
	[ $(($(wc -l <"$work/counted") + gaps)) = "$windows" ]
expect 'whole lines' [ -z "$(tail -c 1 "$raw")" ]
expect 'a summary' [ -s "$folder/summary.csv" ]

# once more: nothing is left to be measured
before=$(cksum <"$raw")
check 'nothing left' "$lab" bench "$work/small.ini" --lenient --out="$work/r" --resume
expect 'nothing is measured twice' [ "$(cksum <"$raw")" = "$before" ]

# half a line, as after a power cut, and the rest of its file is still of use
head -c $(($(wc -c <"$raw") - 20)) "$raw" >"$work/torn" && cp "$work/torn" "$raw"
check 'a torn line' "$lab" bench "$work/small.ini" --lenient --out="$work/r" --resume
expect 'the torn window is measured again' [ "$(wc -l <"$raw")" -ge "$windows" ]

refused 'other cells' 'not the same cells' \
	"$lab" bench "$work/small.ini" --lenient --out="$work/r" --resume="$folder" --window-ms=6
refused 'no campaign there' 'no campaign there' \
	"$lab" bench "$work/small.ini" --resume="$work"
finish
