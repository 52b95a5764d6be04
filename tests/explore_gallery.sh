#!/bin/sh
# SPDX-License-Identifier: MIT
# The gallery under the explorer: the client that a file names shows its bug, as
# the violation that it names, and nothing wrong with the repaired twin. Both are
# decided by the search alone: the bound is a number of executions. What the
# search must also try stands after "with".
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

lab=build/native/synclab
check 'build' make -j"$(nproc)" all canaries explorer

# explore KIND/NAME CLIENT [OPTION...]: a row, or an exit status that is no
# verdict
explore() {
	subject=$1 client=$2
	shift 2
	timeout 120 $lab explore --large --jobs=1 --executions=20000 --format=csv --client="$client" "$@" "$subject" 2>"$work/err" | sed 1d
}

for file in harness/check/canary/*/[!_]*.c; do
	kind=$(basename "$(dirname "$file")") name=$(basename "$file" .c)
	by=$(sed -n 's/^ \* Explored by: *//p' "$file")
	options=${by#*) with }
	[ "$options" != "$by" ] || options=
	by=${by%"${options:+ with $options}"}
	client=${by%% *} violation=${by#* (}
	case $by in
	none:*)
		skip "$kind/$name: ${by#none: }"
		continue
		;;
	*' ('*')') ;;
	*) fail "$file: no line 'Explored by: CLIENT (VIOLATION)'" ;;
	esac
	# shellcheck disable=SC2086 # one word each
	row=$(explore "$kind/broken_$name" "$client" $options)
	case $row in
	*'"VIOLATION"'*"\"${violation%)}\""*) ok ;;
	*) fail "$kind/broken_$name is not caught by $by: $row" ;;
	esac
	# shellcheck disable=SC2086
	row=$(explore "$kind/fixed_$name" "$client" $options)
	case $row in
	*'"VERIFIED"'* | *'"BOUNDED"'*) ok ;;
	*) fail "$kind/fixed_$name under $client: $row" ;;
	esac
done
finish
