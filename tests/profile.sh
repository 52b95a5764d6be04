#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The profile of programs whose use of locks is known (tests/profile/): counts,
# names, and the campaign that is fitted. Counts are exact; of lengths only the
# factor of two is asked.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

bin=$work/bin
mkdir "$bin"
for program in known uses; do
	${CC:-gcc} -O1 -g -pthread tests/profile/$program.c -o "$bin/$program" || exit 2
done
${CXX:-g++} -O1 -g -pthread tests/profile/account.cc -o "$bin/account" || exit 2

# profile NAME [OPTION ...] -- PROGRAM ...: into $folder
profile() {
	title=$1 folder=$work/$1
	shift
	check "$title runs" timeout 60 "$lab" run --profile="$folder" "$@"
	cp "$work/err" "$folder/report"
}

# Of the rows of a kind (or of an object): the sum of a column, or how many.
sum() { awk -F, -v what="$1" -v name="$2" '
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) column = i; next }
	$3 == what || $4 == "\"" what "\"" { n += $column }
	END { print n + 0 }' "$folder/profile.csv"; }
rows() { awk -F, -v what="$1" '$3 == what { n++ } END { print n + 0 }' "$folder/profile.csv"; }

# is WHAT GOT EXPECTED
is() {
	if [ "$2" = "$3" ]; then ok; else fail "$title: $1 is '$2' instead of '$3'"; fi
}

# about KEY VALUE: in the first section of the INI, within a factor of two
fitted() { sed -n "s/^$1 = //p" "$folder/fitted.ini" | head -n 1; }
about() {
	if awk -v got="$(fitted "$1")" -v true="$2" 'BEGIN { exit !(got >= true / 2 && got <= true * 2) }'
	then ok; else fail "$title: $1 = $(fitted "$1"), and $2 it was"; fi
}

has() {
	if grep -qE -- "$2" "$folder/$1"; then ok; else fail "$title: $1 does not say '$2'"; fi
}

# ---- mutexes, the C library's and one of ours ----

for mutex in pthread futex; do
	profile "mutexes-$mutex" --mutex=$mutex -- "$bin/known" 3 4 4000 12000 1500
	is 'the sum of sections' "$(cat "$work/out")" 4500
	is 'mutexes' "$(rows mutex)" 4
	is 'acquisitions' "$(sum mutex acquisitions)" 4500
	is 'threads, added up' "$(sum mutex threads)" 12
	is 'waits for the barrier' "$(sum barrier acquisitions)" 3
	has profile.csv '^"[^"]*known",[0-9]+,mutex,"mutexes\+0x28",0x[0-9a-f]+,init,"make_locks \(known.c:[0-9]+\)"'
	has profile.csv 'mutex,.*,"section_of_mutex \(known.c:[0-9]+\): [0-9]+"$'
	has report 'mutexes\+0x[0-9a-f]+, initialised by make_locks \(known.c'
	has report '100 % section_of_mutex \(known.c'
	has report 'synclab bench .*/fitted.ini'
	has fitted.ini '^\[mutex_fitted: 1 make_locks\]$'
	is 'threads fitted' "$(fitted threads)" 3
	is 'locks fitted' "$(fitted locks)" 4
	about hot_permille 250
	about cs_p50_ns 4000
	about ncs_p50_ns 12000
done
check 'the campaign has every mutex' "$lab" bench "$folder/fitted.ini" --list
is 'implementations in it' "$(sed -n 's,^mutex/\([^/]*\)/.*,\1,p' "$work/out" | grep -vc twin)" \
	"$("$lab" list implementations --format=csv | grep -c '^mutex,')"
check 'the campaign runs' timeout 100 "$lab" bench "$folder/fitted.ini" --filter='/(pthread|mcs)/' \
	--repetitions=1 --window-ms=20 --lenient --out="$work/results"

# ---- rwlocks ----

for rwlock in pthread futex; do
	profile "rwlocks-$rwlock" --rwlock=$rwlock -- "$bin/known" 3 2 4000 12000 1000 80
	is 'sections written' "$(cat "$work/out")" 600
	is 'reads' "$(sum rwlock reads)" 2400
	is 'writes' "$(sum rwlock writes)" 600
	has profile.csv 'section_of_reader \(known.c:[0-9]+\): [0-9]+; section_of_writer'
	has fitted.ini '^\[rwlock_fitted: 1 make_locks\]$'
	is 'write_permille' "$(fitted write_permille)" 200
	is 'threads fitted' "$(fitted threads)" 3
	is 'locks fitted' "$(fitted locks)" 2
	about cs_p50_ns 4000
	about ncs_p50_ns 12000
done
check 'the campaign of rwlocks runs' timeout 100 "$lab" bench "$folder/fitted.ini" \
	--filter='/(pthread|futex)/' --repetitions=1 --window-ms=20 --lenient --out="$work/results"

# ---- what else there is to count ----

profile fork -- "$bin/uses" fork
is 'profiles' "$(find "$folder" -name 'raw.*' | grep -c .)" 2
is 'uses' "$(awk -F, '$4 == "\"lock\"" { print $9 }' "$folder/profile.csv" | sort | tr '\n' ' ')" '20 5 '

profile churn -- "$bin/uses" churn
is 'acquisitions' "$(sum lock acquisitions)" 300
is 'threads at a time' "$(sum lock threads)" 1

profile cond -- "$bin/uses" cond
is 'signals' "$(sum changed posts)" 40
is 'the mutex, with each return from a wait' "$(sum lock acquisitions)" \
	$((40 + $(sum changed acquisitions)))
is 'hand-overs are of the mutex' "$(sum changed handovers)" 0

profile recursive -- "$bin/uses" recursive
is 'acquisitions' "$(sum other acquisitions)" 40
is 'holds' "$(sum other hold_samples)" 20
if [ "$(sum other hold_p50_ns)" -ge 4500000 ]
then ok; else fail "an inner unlock ends a hold: of $(sum other hold_p50_ns) ns"; fi

profile again -- "$bin/uses" again
is 'mutexes' "$(rows mutex)" 2
is 'uses' "$(awk -F, '$4 == "\"other\"" { print $9 }' "$folder/profile.csv" | sort | tr '\n' ' ')" '3 7 '

for semaphore in pthread futex; do
	profile semaphore-$semaphore --sem=$semaphore -- "$bin/uses" semaphore
	is 'waits' "$(sum permit acquisitions)" 40
	is 'posts' "$(sum permit posts)" 40
	is 'tries in vain' "$(sum permit failed)" 7
done

profile timed -- "$bin/uses" timed
is 'waits that timed out' "$(sum changed failed)" 2

is 'holds, with two waits in between' "$(sum lock hold_samples)" 3
if [ "$(sum lock hold_p99_ns)" -lt 150000000 ] && [ "$(sum changed wait_p50_ns)" -ge 150000000 ]
then ok; else fail 'a wait for a condition is in a hold of its mutex'; fi

profile many -- "$bin/uses" many
is 'acquisitions of all' "$(sum mutex acquisitions)" 50000
has report 'counted together'

profile c++ -- "$bin/account"
is 'acquisitions' "$(sum mutex acquisitions)" 100
has profile.csv 'mutex,"savings",'
has profile.csv '"Account::deposit \(account.cc:[0-9]+\): [0-9]+"$'

profile none -- true
has report 'used no lock|no profile'

finish
