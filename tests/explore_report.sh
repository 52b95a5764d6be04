#!/bin/sh
# SPDX-License-Identifier: MIT
# What a report of `synclab explore` tells: whom the race is between and which
# edge is missing, what no interleaving explains, which wake-up was lost; the
# same again from the trace.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

check 'build' make -j"$(nproc)" all
check 'build the explorer' make -j"$(nproc)" explorer

# program NAME FIRST SECOND: its threads run first() and second()
program() {
	cat >"$work/$1.c"
	cat >>"$work/$1.c" <<END
int main(void)
{
	pthread_t t[2];
	pthread_create(&t[0], NULL, $2, NULL);
	pthread_create(&t[1], NULL, $3, NULL);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
}
END
}

# tells NAME LINE ...: the report of NAME.c has them, blanks being any number,
# and so has that of its trace
tells() {
	told=$1
	shift
	for option in --trace --replay; do
		timeout 120 "$lab" explore $option="$work/$told.trace" "$work/$told.c" 2>&1 |
			tr -s ' ' >"$work/out"
		for line; do
			expect "$told $option: $line" grep -qF -- "$line" "$work/out"
		done
	done
}

program message first second <<'END'
#include <pthread.h>
#include <stdatomic.h>
static int data;
static atomic_int flag;
static void *first(void *p)
{
	data = 42;
	atomic_store_explicit(&flag, 1, memory_order_relaxed);
	return p;
}
static void *second(void *p)
{
	if (atomic_load_explicit(&flag, memory_order_acquire))
		return data ? p : NULL;
	return p;
}
END
tells message 'data race: data: plain write by T1 first at message.c:7, plain read by T2 second' \
	'3 message.c:7 write data = 42 (plain) <== race, row 6' \
	'5 message.c:13 read flag = 1 (acq) <- row 4' \
	'does not synchronize with it: row 4 is no release.'

program dekker first second <<'END'
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
static struct { atomic_int wants[2]; } gate;
static atomic_int inside;
static void enter(int me)
{
	atomic_store_explicit(&gate.wants[me], 1, memory_order_release);
	if (!atomic_load_explicit(&gate.wants[!me], memory_order_acquire))
		assert(atomic_fetch_add(&inside, 1) == 0);
}
static void *first(void *p) { enter(0); return p; }
static void *second(void *p) { enter(1); return p; }
END
tells dekker 'write gate.wants[0] = 1 (rel)' 'though row 3 is newer' \
	'no interleaving of the threads explains row' 'update inside: 1 -> 2 (sc) <- row'

program lost first second <<'END'
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>
static atomic_int ready;
static void *first(void *p)
{
	if (!atomic_load(&ready))
		syscall(SYS_futex, &ready, FUTEX_WAIT, 1, NULL);
	return p;
}
static void *second(void *p)
{
	atomic_store(&ready, 1);
	syscall(SYS_futex, &ready, FUTEX_WAKE, 1);
	return p;
}
END
tells lost 'deadlock: T1 first blocked in futex wait ready, the wake-up was lost' \
	'futex wake ready wakes nobody' 'lost wake-up: row 5 called before it slept'

sed -i 's/^0 /x /' "$work/lost.trace"
timeout 120 "$lab" explore --replay="$work/lost.trace" "$work/lost.c" >"$work/out" 2>&1
expect 'a damaged trace' grep -qF 'lost.trace:6: expected: THREAD RF CO CHOICE' "$work/out"

finish
