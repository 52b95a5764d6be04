#!/bin/sh
# SPDX-License-Identifier: MIT
# `synclab explore` as a command: exit statuses, formats, what is refused, and
# that one file adds a client, one file an implementation.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

check 'build' make -j"$(nproc)" all canaries
check 'build the explorer' make -j"$(nproc)" explorer

# ends NAME STATUS COMMAND ...: with that exit status, and at all
ends() {
	name=$1 wanted=$2
	shift 2
	timeout 120 "$@" >"$work/out" 2>&1 </dev/null
	status=$?
	if [ "$status" = "$wanted" ]; then ok; else fail "$name: exit status $status instead of $wanted"; fi
}

says() {
	expect "$1" grep -qE -- "$2" "$work/out"
}

bench=tests/explore/bench
two=--cflags=-DTHREADS=2

cat >"$work/race.c" <<'END'
#include <pthread.h>
static int x;
static void *add(void *p) { x++; return p; }
int main(void)
{
	pthread_t t;
	pthread_create(&t, NULL, add, NULL);
	x++;
	pthread_join(t, NULL);
	return 0;
}
END
cat >"$work/arguments.c" <<'END'
#include <assert.h>
#include <string.h>
int main(int argc, char **argv)
{
	assert(argc == 3 && strcmp(argv[1], "a b") == 0 && strcmp(argv[2], "--model=x") == 0);
	return 0;
}
END
cat >"$work/queues.c" <<'END'
#include <mqueue.h>
int main(void) { return mq_send(0, "", 0, 0); }
END
cat >"$work/wrong.c" <<'END'
int main(void) { return nothing; }
END

refused 'nothing to explore' 'name a FILE.c or a KIND/NAME' "$lab" explore
refused 'no such file' 'nowhere.c: No such file' "$lab" explore nowhere.c
refused 'no such implementation' "no implementation matches 'mutex/gold'" "$lab" explore mutex/gold
refused 'no such canary' "no implementation matches 'mutex/broken_gold'" "$lab" explore mutex/broken_gold
refused 'no such client' "no client 'tea'" "$lab" explore --client=tea mutex/ticket
refused 'files and implementations' 'not both' "$lab" explore $bench/ticket.c mutex/ticket
refused 'no such model' '--model=arm: give one of rc11, sc, tso' "$lab" explore --model=arm $bench/ticket.c
refused 'no such mode' '--mode=luck' "$lab" explore --mode=luck $bench/ticket.c
refused 'no events' '--bound=0' "$lab" explore --bound=0 $bench/ticket.c
refused 'a seed of nothing' 'add --mode=random' "$lab" explore --seed=3 $bench/ticket.c
refused 'a depth of no constraints' 'add --mode=pct' "$lab" explore --mode=random --depth=3 $bench/ticket.c
refused 'flags of an implementation' 'are for a FILE.c' "$lab" explore --cflags=-O3 mutex/ticket
refused 'arguments of an implementation' 'give a FILE.c' "$lab" explore mutex/ticket -- 3
refused 'flags that are none' 'not the words of a shell' "$lab" explore "--cflags='" $bench/ticket.c
refused 'no such compiler' 'no such compiler' env CC=nocc "$lab" explore $bench/ticket.c
refused 'no such trace' '--replay=/nowhere: No such file' "$lab" explore --replay=/nowhere $bench/ticket.c
refused 'a trace of many' 'a trace is of one program' "$lab" explore --replay=/nowhere mutex/ticket
refused 'one trace for many' '--trace is one file' "$lab" explore --trace="$work/t" mutex/ticket
refused 'gdb without a trace' 'add --replay' "$lab" explore --gdb $bench/ticket.c
refused 'orders of a file' '--relax is for implementations' "$lab" explore --relax $bench/ticket.c
refused 'what it cannot answer' 'queues.c: calls mq_send' "$lab" explore "$work/queues.c"
ends 'what does not compile' 2 "$lab" explore "$work/wrong.c"
says 'the compiler is heard' 'error: .*nothing.* undeclared'

ends 'a ticket lock' 0 "$lab" explore $two --duplicates $bench/ticket.c
says 'verified' '^VERIFIED +tests/explore/bench/ticket.c: 2 complete, [0-9]+ blocked, .*0 duplicates'
ends 'arguments of a program' 0 "$lab" explore "$work/arguments.c" -- 'a b' --model=x
ends 'other arguments' 1 "$lab" explore "$work/arguments.c" -- nothing
says 'an assertion' '^VIOLATION .*arguments.c: assertion'
for mode in random pct; do
	ends "mode $mode" 3 "$lab" explore --mode=$mode --walks=50 $two $bench/ticket.c
	says 'how much it has seen' 'coverage about [0-9]+ % of what such walks see, [0-9]+ distinct'
done
ends 'walks without end' 3 "$lab" explore --mode=random --walks=2000 --format=json $two $bench/ticket.c
says 'have seen all that there is' '"distinct": [0-9]+, "coverage": 1.0'
ends 'a bound' 3 "$lab" explore --executions=5 --cflags=-DTHREADS=3 $bench/mcs.c
says 'bounded' '^BOUNDED'

ends 'a race' 1 "$lab" explore --trace="$work/race.trace" "$work/race.c"
says 'a data race' '^VIOLATION .*race.c: data race'
says 'how to have it again' '^again: .* --replay=.*/race.trace .*race.c$'
says 'the line of the race' 'race.c:3'
ends 'a replay' 1 "$lab" explore --replay="$work/race.trace" "$work/race.c"
says 'the same race' '^VIOLATION .*race.c: data race'

ends 'JSON' 1 "$lab" explore --format=json "$work/race.c"
for field in '"verdict": "VIOLATION"' '"violation": "data race"' '"complete": [0-9]' \
	'"duplicates": 0' '"executions_per_s": [0-9]' '"again": "'; do
	says "JSON has $field" "$field"
done
expect 'an object a line' [ "$(wc -l <"$work/out")" = 1 ]
ends 'CSV' 0 "$lab" explore --format=csv $two $bench/mcs.c
says 'columns' '^program,client,model,mode,verdict,executions,complete,blocked'
says 'a row' '^"tests/explore/bench/mcs.c","","rc11","all","VERIFIED",'

# executions OPTION ... FILE: how many were complete
executions() {
	timeout 120 "$lab" explore --format=csv "$@" | sed 1d | cut -d, -f7
}
# long enough for a second job to be made
four=--cflags=-DTHREADS=4
expect 'two jobs find what one finds' [ "$(executions --jobs=1 $four $bench/ttas.c)" = \
	"$(executions --jobs=2 $four $bench/ttas.c)" ]

cat >"$work/equals.c" <<'END'
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
static atomic_int x;
static void *add(void *p) { atomic_fetch_add(&x, 1); return p; }
int main(void)
{
	pthread_t t[3];
	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, add, DIFFERENT ? &t[i] : NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}
END
# a loop over a weak compare-exchange that also looks at something else
cat >"$work/weakly.c" <<'END'
#include <assert.h>
#include <stdatomic.h>
static _Atomic int top, next[2] = { 1, 0 };
int main(void)
{
	int old = atomic_load(&top), turns = 0, new;
	do {
		new = atomic_load(&next[old]);
		turns++;
	} while (!atomic_compare_exchange_weak(&top, &old, new));
	assert(turns <= TURNS);
	return 0;
}
END
ends 'a weak compare-exchange succeeds' 0 "$lab" explore --cflags=-DTURNS=1 "$work/weakly.c"
ends 'or fails for no reason' 1 "$lab" explore --weak-fails --cflags=-DTURNS=1 "$work/weakly.c"
says 'that is what is wrong' '^VIOLATION .*weakly.c: assertion'
ends 'but not for ever' 0 "$lab" explore --weak-fails --cflags=-DTURNS=2 "$work/weakly.c"
says 'in two executions' '^VERIFIED .*weakly.c: 2 complete'

alike=--cflags=-DDIFFERENT=0 different=--cflags=-DDIFFERENT=1
expect 'six orders of three threads' [ "$(executions $alike "$work/equals.c")" = 6 ]
expect 'one, if they are alike' [ "$(executions --symmetry $alike "$work/equals.c")" = 1 ]
expect 'six, if they are not' [ "$(executions --symmetry $different "$work/equals.c")" = 6 ]

ends 'an implementation' 0 "$lab" explore mutex/ticket
says 'its clients' '^VERIFIED +mutex/ticket exclusion_2: '
says 'what it cannot do' '^SKIP +mutex/ticket '
ends 'a known bug' 1 "$lab" explore --client=exclusion_2 mutex/broken_missing_release
ends 'its repaired twin' 0 "$lab" explore --client=exclusion_2 mutex/fixed_missing_release
ends 'list of clients' 0 "$lab" explore --list mutex/ticket
says 'a client' '^mutex/ticket +exclusion_2 +2 threads: '
ends 'orders' 0 "$lab" explore --relax --client=exclusion_2 mutex/ticket
says 'an order that is needed' 'ticket.c:[0-9]+ +store +release +release +release +relaxed: exclusion_2: data race'

# One file each, and no other edit. The copy has all objects already.
tree=$work/tree
mkdir -p "$tree/build"
cp -a Makefile primitives harness scenarios scripts tests "$tree"
for build in native tsan-gcc explore pic library; do
	cp -a build/$build "$tree/build/$build"
done
cp "$tree/primitives/mutex/_template.c" "$tree/primitives/mutex/mine.c"
sed 's/CLIENT(mutex, /CLIENT(mutex, my_/' "$tree/harness/explore/client/mutex.c" >"$tree/harness/explore/client/mine.c"
check 'the copy builds' make -C "$tree" -j"$(nproc)" all
check 'the explorer of the copy builds' make -C "$tree" -j"$(nproc)" explorer
ends 'the copy explores' 0 "$tree/build/native/synclab" explore --client=my_exclusion_2 mutex/mine
says 'a new client on a new implementation' '^VERIFIED +mutex/mine my_exclusion_2: '

finish
