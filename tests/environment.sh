#!/bin/sh
# SPDX-License-Identifier: MIT
# What the machine refuses: a full disk, no more threads, no gnuplot, no apt,
# a kill in the middle. Nothing half-written may look whole.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

# Every line of every CSV below a folder is whole.
# shellcheck disable=SC2317 # called by expect
whole() {
	find "$1" -name '*.csv' | while read -r file; do
		[ -z "$(tail -c 1 "$file")" ] || echo "$file ends within a line"
		awk -F, -v f="$file" 'NR == 1 { n = NF } NF < n { print f ": line " NR " is short" }' "$file"
	done >"$work/ragged"
	cat "$work/ragged" >&2
	[ ! -s "$work/ragged" ]
}

# A full disk: a file system of 64 KiB, where we may make one.
mkdir "$work/small"
if mount -t tmpfs -o size=64k tmpfs "$work/small" 2>/dev/null; then
	refused 'a full disk' 'free some space|choose another place' \
		"$lab" bench --profile=smoke --filter=mutex_contended --repetitions=60 \
		--window-ms=1 --out="$work/small"
expect "full disk: every line is whole" 	whole "$work/small"
	expect 'full disk: a summary of half a campaign' [ -z "$(find "$work/small" -name summary.csv)" ]
	umount "$work/small"
else
	skip 'a full disk: not allowed to mount a file system'
fi

# Thread creation fails with EAGAIN when there is no room for another stack.
refused 'no more threads' 'cannot start thread .* of 256.*ulimit' \
	sh -c "ulimit -v 500000; $lab bench --profile=smoke --filter=mutex/futex/mutex_contended/t:256$ \
		--threads=256 --out=$work/threads"
expect "no more threads: every line is whole" whole "$work/threads"

# A port that somebody else has.
if command -v python3 >/dev/null; then
	python3 -c 'import socket, sys, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(60)' >"$work/port" &
	holder=$!
	while [ ! -s "$work/port" ] && kill -0 $holder; do sleep 0.1; done
	printf '[http_fetch]\nimplementations = futex\nport = %s\n' "$(cat "$work/port")" >"$work/port.ini"
	refused 'a port that is taken' "port $(cat "$work/port"): Address already in use: choose another" \
		"$lab" bench "$work/port.ini" --out="$work/taken"
	kill $holder
else
	skip 'a port that is taken: no python3 to take one'
fi

# No gnuplot: a path with all commands but that one.
mkdir "$work/bin"
for tool in sh dirname cat sed awk sort ls test printf mkdir rm basename head tail grep env find; do
	path=$(command -v "$tool") && [ -x "$path" ] && ln -sf "$path" "$work/bin/$tool"
done
mkdir "$work/empty"
refused 'no gnuplot' 'gnuplot.*install' env PATH="$work/bin" scripts/plot "$work/empty"
refused 'nothing to plot' 'no summary.csv' scripts/plot "$work/empty"

# Not allowed to install: a user without rights, and a package that is missing.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	mkdir "$work/dpkg"
	printf '#!/bin/sh\nexit 1\n' >"$work/dpkg/dpkg-query"
	printf '#!/bin/sh\nexit 1\n' >"$work/dpkg/sudo"
	chmod -R a+rx "$work" "$work/dpkg"
	cp scripts/install-deps "$work/install-deps"
	refused 'no permission for apt' 'not allowed to install packages.*apt-get install' \
		setpriv --reuid=65534 --regid=65534 --clear-groups \
		env PATH="$work/dpkg:$PATH" "$work/install-deps" build
else
	skip 'no permission for apt: cannot become another user'
fi

# kill -9 and Ctrl-C at some moment: every line is whole.
rows() {
	find "$work/killed" -name raw.csv -exec cat {} + 2>/dev/null | grep -c '^[0-9]'
}
for signal in KILL KILL KILL INT; do
	before=$(rows)
	"$lab" bench --profile=smoke --filter=mutex_contended --repetitions=200 --window-ms=2 \
		--out="$work/killed" >"$work/out" 2>&1 &
	pid=$!
	while [ "$(rows)" -lt $((before + 3)) ] && kill -0 "$pid" 2>/dev/null; do
		sleep 0.05
	done
	sleep "0.0$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')"
	kill -"$signal" "$pid"
	wait "$pid" 2>/dev/null
expect "SIG$signal: every line is whole" 	whole "$work/killed"
done
expect 'the killed campaigns left no rows' [ "$(rows)" -ge 12 ]
expect 'one summary, of the campaign that could say goodbye' [ "$(find "$work/killed" -name summary.csv | wc -l)" = 1 ]

finish
