#!/bin/sh
# SPDX-License-Identifier: MIT
# The explorer against what is known: litmus programs and random ones against an
# oracle that shares nothing with it, each outcome as often as there are
# consistent executions, and programs that are known to be wrong, with their
# repaired forms. RANDOM_LITMUS=FIRST-LAST: other seeds.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

x=build/explore here=tests/explore
check 'build' make -j"$(nproc)" all explorer

flags='-std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Werror'
# shellcheck disable=SC2086 # flags are words
{
	check 'the oracle' gcc $flags $here/compare.c $here/oracle.c $here/parse.c $here/random.c -o "$work/compare"
	check 'the program to explore' gcc $flags -Wno-tsan -fsanitize=thread -c $here/runner.c -o "$work/runner.o"
	check 'its reader' gcc $flags -c $here/parse.c -o "$work/parse.o"
	check 'with the explorer' gcc -pthread "$work/runner.o" "$work/parse.o" @$x/wrapped -o "$work/runner" \
		-L$x -lexplore -Wl,-rpath,"$PWD/$x"
}

# litmus WHAT ARGUMENT ...: adds its counts to ours
litmus() {
	what=$1
	shift
	"$work/compare" --quiet --runner="$work/runner" "$@" >"$work/out" 2>"$work/err"
	grep -v '^litmus: ' "$work/out"
	counts=$(sed -n 's/^litmus: \([0-9]*\) passed, \([0-9]*\) failed, .*/\1 \2/p' "$work/out")
	[ -n "$counts" ] || fail "$what: no counts"
	passed=$((passed + ${counts% *})) failed=$((failed + ${counts#* }))
}
litmus 'known litmus programs' $here/litmus/*
litmus 'random litmus programs' --random="${RANDOM_LITMUS:-1-300}"

# The comparison says no when it has to: a claim that is wrong, a runner that
# explores nothing.
says_no() {
	name=$1
	shift
	if "$work/compare" --quiet "$@" >"$work/out" 2>"$work/err"; then fail "$name passes"; else ok; fi
}
printf '%s\n' 'allowed sc: 0:r0=0 1:r0=0' 'x=0 y=0' '{ W.rlx x 1; r0 = R.rlx y }' '{ W.rlx y 1; r0 = R.rlx x }' >"$work/claim"
says_no 'a wrong claim' "$work/claim"
says_no 'a runner without executions' --runner=/bin/true $here/litmus/SB

# found FILE MODEL KINDS FLAG: one of these kinds ("a or b"), or verified
found() {
	timeout 60 "$lab" explore --format=json --model="$2" "--cflags=-D_GNU_SOURCE $4" "$1" >"$work/out" 2>"$work/err"
	status=$?
	kind=$(sed -n 's/.*"violation": "\([^"]*\)".*/\1/p' "$work/out")
	[ $status != 0 ] || kind=verified
	case " or $3 or " in
	*" or ${kind:-nothing} or "*) ok ;;
	*) fail "$1 $4 --model=$2: '$kind' (exit status $status) instead of $3" ;;
	esac
}
for file in "$here"/wrong/*.c; do
	named=0
	for model in rc11 sc tso; do
		kinds=$(sed -n "s/^ \* $model: //p" "$file")
		if [ -n "$kinds" ]; then
			named=1
			found "$file" $model "$kinds" ''
		fi
		found "$file" $model verified -DFIXED
	done
	[ $named = 1 ] || fail "$file does not say what is wrong"
done

finish
