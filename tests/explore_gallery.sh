#!/bin/sh
# SPDX-License-Identifier: MIT
# The gallery under the explorer: the client that a file names shows its bug, as
# the violation that it names, and nothing wrong with the repaired twin. Both are
# decided by the search alone: the bound is a number of executions.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

lab=build/native/synclab
check 'build' make -j"$(nproc)" all canaries explorer

# explore KIND/NAME CLIENT HOW: a row, or an exit status that is no verdict
explore() {
	# shellcheck disable=SC2086 # words
	timeout 120 $lab explore --large --jobs=1 $3 --format=csv --client="$2" "$1" 2>"$work/err" | sed 1d
}

for file in harness/check/canary/*/[!_]*.c; do
	kind=$(basename "$(dirname "$file")") name=$(basename "$file" .c)
	by=$(sed -n 's/^ \* Explored by: *//p' "$file")
	how=--executions=20000
	case $by in *', walks') how='--mode=pct --walks=20000 --seed=1' ;; esac
	by=${by%, walks}
	client=${by%% *} violation=${by#* (}
	case $by in
	none:*)
		skip "$kind/$name: ${by#none: }"
		continue
		;;
	*' ('*')') ;;
	*) fail "$file: no line 'Explored by: CLIENT (VIOLATION)'" ;;
	esac
	row=$(explore "$kind/broken_$name" "$client" "$how")
	case $row in
	*'"VIOLATION"'*"\"${violation%)}\""*) ok ;;
	*) fail "$kind/broken_$name is not caught by $by: $row" ;;
	esac
	row=$(explore "$kind/fixed_$name" "$client" "$how")
	case $row in
	*'"VERIFIED"'* | *'"BOUNDED"'*) ok ;;
	*) fail "$kind/fixed_$name under $client: $row" ;;
	esac
done
finish
