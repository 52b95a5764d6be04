#!/bin/sh
# SPDX-License-Identifier: MIT
# Results that no order explains: histories that a program tells the explorer,
# and those of the stock clients.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

check 'build' make -j"$(nproc)" all
check 'build the explorer' make -j"$(nproc)" explorer

# ends STATUS NAME ARGUMENT ...: `synclab explore ARGUMENT ...` with that status
ends() {
	wanted=$1 name=$2
	shift 2
	"$lab" explore "$@" >"$work/out" 2>&1 </dev/null
	status=$?
	if [ "$status" = "$wanted" ]; then ok; else fail "$name: exit status $status instead of $wanted"; fi
}

# shows NAME LINE ...: the last output has them, blanks being any number
shows() {
	shown=$1
	shift
	tr -s ' ' <"$work/out" >"$work/squeezed"
	for line; do
		expect "$shown: $line" grep -qF -- "$line" "$work/squeezed"
	done
}

# Puts and gets under a lock: a get gives the oldest, or the newest.
cat >"$work/queue.c" <<'END'
#include <explore.h>
#include <pthread.h>
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int items[4], n;
static void put(void)
{
	int item = explore_invoke("put", 0);
	pthread_mutex_lock(&lock);
	items[n++] = item;
	pthread_mutex_unlock(&lock);
	explore_respond(0, 0);
}
static void get(void)
{
	int item;
	explore_invoke("get", 0);
	pthread_mutex_lock(&lock);
	n--;
	item = items[NEWEST ? n : 0];
	items[0] = items[1];
	pthread_mutex_unlock(&lock);
	explore_respond(0, item);
}
static void *first(void *p)
{
	put();
	put();
	get();
	return p;
}
int main(void)
{
	pthread_t t;
	explore_history(TEXT(KIND), 0, 0);
	pthread_create(&t, NULL, first, NULL);
	pthread_join(t, NULL);
	get();
}
END
ends 0 'the oldest first' --cflags='-DNEWEST=0 -DKIND=queue' "$work/queue.c"
ends 1 'the newest first' --cflags='-DNEWEST=1 -DKIND=queue' --trace="$work/trace" "$work/queue.c"
shows 'the newest first' 'not linearizable: no order explains it: get()=1 (T1), while the queue holds 2 items' \
	'History of the queue; what ends before another begins happens before it:' \
	'T1 |-put(0)=ok-| |-put(1)=ok-| |-get()=1-|' 'main |-get()='
ends 1 'again' --cflags='-DNEWEST=1 -DKIND=queue' --replay="$work/trace" "$work/queue.c"
shows 'again' 'T1 |-put(0)=ok-| |-put(1)=ok-| |-get()=1-|'
ends 2 'no model' --cflags='-DNEWEST=0 -DKIND=pile' "$work/queue.c"
shows 'no model' 'no model of histories is called pile'
ends 2 'no such operation' --cflags='-DNEWEST=0 -DKIND=mutex' "$work/queue.c"
shows 'no such operation' 'the model of this history has no put'

# An add, then news of it; what comes after the news has to count it, if they
# make it happen before.
cat >"$work/news.c" <<'END'
#include <explore.h>
#include <pthread.h>
#include <stdatomic.h>
static atomic_uint total, news;
static void *first(void *p)
{
	unsigned n = 1U << explore_invoke("add", 0);
	atomic_fetch_add_explicit(&total, LATE ? 0 : n, memory_order_relaxed);
	explore_respond(0, 0);
	atomic_store_explicit(&news, 1, ORDER);
	atomic_fetch_add_explicit(&total, LATE ? n : 0, memory_order_relaxed);
	return p;
}
int main(void)
{
	unsigned n;
	pthread_t t;
	explore_history("counter", 0, 0);
	pthread_create(&t, NULL, first, NULL);
	if (atomic_load_explicit(&news, memory_order_acquire)) {
		explore_invoke("read", 0);
		n = atomic_load_explicit(&total, memory_order_relaxed);
		explore_respond(0, n);
	}
	pthread_join(t, NULL);
}
END
ends 0 'news of it' --cflags='-DLATE=0 -DORDER=memory_order_release' "$work/news.c"
ends 0 'news that order nothing' --cflags='-DLATE=1 -DORDER=memory_order_relaxed' "$work/news.c"
ends 1 'news that are early' --cflags='-DLATE=1 -DORDER=memory_order_release' "$work/news.c"
shows 'news that are early' 'read()=0 (main)'

# An add and a read each, of two cells: neither sees the other's add.
cat >"$work/cells.c" <<'END'
#include <explore.h>
#include <pthread.h>
#include <stdatomic.h>
static atomic_ulong cell[2];
static void *add_and_read(void *p)
{
	unsigned long n = 1UL << explore_invoke("add", 0);
	atomic_store_explicit((atomic_ulong *)p, n, memory_order_release);
	explore_respond(0, 0);
	explore_invoke("read", 0);
	n = atomic_load_explicit(&cell[0], memory_order_acquire);
	n += atomic_load_explicit(&cell[1], memory_order_acquire);
	explore_respond(0, n);
	return p;
}
int main(void)
{
	pthread_t t[2];
	explore_history("counter", 0, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, add_and_read, &cell[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
}
END
ends 0 'two cells, interleaved' --model=sc "$work/cells.c"
ends 1 'two cells, x86' --model=tso "$work/cells.c"
ends 1 'two cells' "$work/cells.c"

# Clients that assert nothing. Nothing else than its history betrays this one.
stale=queue/broken_stale_look
ends 1 'a stale look' --client=history_never_empty $stale
shows 'a stale look' 'tryget()=busy (T1), while the queue holds 1 item of 2'
ends 0 'a stale look, interleaved' --model=sc --client=history_never_empty $stale
ends 0 'no stale look' --client=history_never_empty queue/fixed_stale_look
"$lab" explore $stale 2>/dev/null | grep '^VIOLATION' | grep -v ' history_' >"$work/out"
expect 'no assertion sees it' [ ! -s "$work/out" ]

# caught KIND/NAME CLIENT: and its twin is not
caught() {
	ends 1 "$1" --client="$2" "${1%/*}/broken_${1#*/}"
	shows "$1" 'not linearizable'
	ends 0 "fixed $1" --client="$2" "${1%/*}/fixed_${1#*/}"
}
caught barrier/not_reset history_rounds
caught once/cas_first history_calls
caught recursive_mutex/trylock_leaks_count history_twice

while read -r client id; do
	ends 0 "$id $client" --client="$client" "$id"
done <<'END'
history_never_empty queue/pthread
history_full queue/pthread
history_adds_reads counter/sharded
history_bounded semaphore/futex
history_set_wait event/futex
history_writer_then_reader rwlock/phase_fair
history_tries mutex/futex
END
finish
