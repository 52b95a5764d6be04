#!/bin/sh
# SPDX-License-Identifier: MIT
# The loop that is bound to a mutex has no more in it than one written by hand:
# instructions, so that it holds on a busy machine too.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

# shellcheck disable=SC2317 # called by expect
# no_more LOOP THAN COLUMN: at most 5 % more instructions; a call has 13 %
no_more() {
	awk -F'|' -v loop=" $1 " -v than=" $2 " -v column="$3" '
	$2 == loop { a = $column }
	$2 == than { b = $column }
	END { exit !(a > 0 && a <= 1.05 * b) }' "$work/counts"
}

if ! command -v valgrind >/dev/null; then
	skip 'no valgrind: scripts/install-deps overhead'
	finish
fi
check 'counting instructions' scripts/overhead counts
cp "$work/out" "$work/counts"
expect 'futex: bound is dearer than by hand' no_more bound hand 3
expect 'spin: bound is dearer than by hand' no_more bound hand 4
if no_more table hand 4; then fail 'calls through the table are not seen'; else ok; fi

finish
