#!/bin/sh
# SPDX-License-Identifier: MIT
# Mutexes whose figures are known (tests/answers/): the harness has to find them.
# What no load changes has to be found on a busy machine too; of the rest, what a
# busy machine cannot resolve is skipped.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"
# shellcheck source=tests/_answers
. tests/_answers

answers=$PWD/build/native/synclab-answers
check 'build' make -j"$(nproc)" answers

# judge CAMPAIGN: each of its expectations is a test
judge() {
	# shellcheck disable=SC2046 # words
	outcomes "$answers" "$1" $(arguments_of "$1") >"$work/outcomes" ||
		fail "$1.ini: no outcome"
	while IFS='|' read -r outcome title figures; do
		if [ "$outcome" = "$(outcome_of "$1")" ]; then
			ok
		elif [ "$1" = timed ] && [ "$outcome" = 'not resolved' ]; then
			skip "$title: $figures"
		else
			fail "$1.ini: $title: $outcome: $figures"
		fi
	done <"$work/outcomes"
}

for campaign in exact few gate hang timed; do
	judge $campaign
done

check 'answers are not among the real ones' sh -c "$lab list >$work/list && ! grep -q 'known answer' $work/list"
finish
