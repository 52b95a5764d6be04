#!/bin/sh
# SPDX-License-Identifier: MIT
# The ledger: each finding says what it is and what it expects of which cells.
# Nothing is measured.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

# inih cuts a section's name at 49 characters, and a line at 199: two titles
# that are alike up to there would be one expectation.
# shellcheck disable=SC2317 # called by expect, as the next one
uncut() {
	! awk 'length > 199 || /^\[/ && length > 51 { print FILENAME ":" FNR; bad = 1 }
		/^\[expect:/ && seen[$0]++ { print FILENAME ":" FNR; bad = 1 }
		END { exit !bad }' "$1" >&2
}

# shellcheck disable=SC2317
says() {
	awk -v key="$2" '/^\[/ { on = $0 == "[finding]" }
		on && $1 == key && $2 == "=" && NF > 2 { found = 1 }
		END { exit !found }' "$1"
}

for file in scenarios/findings/*.ini; do
	id=$(basename "$file" .ini)
	if [ "$(nproc)" -gt 1 ]; then
		check "$id: a campaign" "$lab" bench --list "$file"
	else
		skip "$id: one CPU, so that 1 and P threads are the same cell"
	fi
	expect "$id: id = $id" grep -qx "id = $id" "$file"
	for key in claim source shape cpus; do
		expect "$id: no $key" says "$file" $key
	done
	expect "$id: expects nothing" grep -q '^\[expect: ..*\]$' "$file"
	expect "$id: a title or a line that is cut" uncut "$file"
	expect "$id: not in docs/findings.md" grep -q "^| $id |" docs/findings.md
done

refused 'a finding that is not there' "no finding 'F99'" scripts/findings F99
refused 'a finding that is there and one that is not' "no finding 'f01'" scripts/findings F01 f01

finish
