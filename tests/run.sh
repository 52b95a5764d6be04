#!/bin/sh
# SPDX-License-Identifier: MIT
# `synclab run`: what it refuses and in which words, how it ends, what it passes
# on, whom it follows, and what it counts.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

chmod 755 "$work" # for tests as another user
prog=$work/prog
cat >"$prog.c" <<'EOF'
/* A program that does one thing with locks, named by its first argument. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

static void *lock(void *unused)
{
	pthread_mutex_lock(&m);
	pthread_mutex_unlock(&m);
	return unused;
}

static int threads(void)
{
	pthread_t t[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, lock, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	return 0;
}

static int shared(void)
{
	pthread_mutexattr_t a;
	pthread_mutex_t x;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&x, &a);
	pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_PRIVATE);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&x, &a);
	return pthread_mutex_lock(&x);
}

static int forks(void)
{
	int status = 0;

	lock(NULL);
	if (fork() == 0)
		exit(threads());
	wait(&status);
	return status;
}

static volatile sig_atomic_t got;

static void note(int signal)
{
	got = signal;
}

/* What is sent to the parent comes back. */
static int signals(void)
{
	static const int all[] = { SIGHUP,  SIGINT,  SIGQUIT,
				   SIGTERM, SIGUSR1, SIGUSR2 };
	sigset_t before, set;

	alarm(20);
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		signal(all[i], note);
		sigemptyset(&set);
		sigaddset(&set, all[i]);
		sigprocmask(SIG_BLOCK, &set, &before);
		kill(getppid(), all[i]);
		while (got != all[i])
			sigsuspend(&before);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *more = argc > 2 ? argv[2] : "";

	if (strcmp(what, "threads") == 0)
		return threads();
	if (strcmp(what, "shared") == 0)
		return shared();
	if (strcmp(what, "fork") == 0)
		return forks();
	if (strcmp(what, "signals") == 0)
		return signals();
	if (strcmp(what, "raise") == 0)
		return raise(atoi(more));
	if (strcmp(what, "exit") == 0)
		return atoi(more);
	if (strcmp(what, "system") == 0)
		return lock(NULL) || system(more) != 0;
	if (strcmp(what, "exec") == 0)
		return execvp(argv[2], argv + 2);
	if (strcmp(what, "nobody") == 0)
		return setgid(65534) || setuid(65534) || lock(NULL) != NULL;
	if (strcmp(what, "says") == 0)
		return !getenv(more) || puts(getenv(more)) < 0;
	return 99;
}
EOF
gcc -O1 -pthread -o "$prog" "$prog.c" || exit 2
cat >"$work/timed.c" <<'EOF'
#include <pthread.h>

int main(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	static const struct timespec past;

	return pthread_mutex_timedlock(&m, &past) ||
	       !pthread_mutex_timedlock(&m, &past);
}
EOF
gcc -O1 -pthread -o "$work/timed" "$work/timed.c" || exit 2
mkdir "$work/tmp"
export TMPDIR="$work/tmp"

# ---- wrong names and options ----

# shellcheck disable=SC2317 # called by check and refused
run() {
	timeout 60 "$lab" run "$@"
}

refused 'nothing' 'name a program' "$lab" run
refused 'no program' 'name a program' run --mutex=mcs
refused 'nothing to answer' 'name what answers: --mutex=NAME' run true
refused 'only counts' 'name what answers' run --counts true
refused 'unknown mutex' 'no such implementation: did you mean mcs\? there are futex, spin,' run --mutex=mxs true
refused 'unknown rwlock' '--rwlock=gold: no such implementation: there are futex' run --rwlock=gold true
refused 'another kind' "--mutex=rwlock/futex: 'rwlock' is not what answers this: name a mutex" run --mutex=rwlock/futex true
refused 'unknown family' '--family=gold: futex, spin or pthread' run --family=gold true
refused 'an rwlock as a spinlock' "--spin=phase_fair: no such implementation" run --spin=phase_fair true
refused "the C library's condition" "cannot let go of mutex/mcs" run --mutex=mcs --cond=pthread true
refused 'in libc for ever' 'waits in the C library' run --rwlock=pthread_writer true
refused 'counts in a folder that is not there' '--counts=/nowhere/x: No such file' run --mutex=mcs --counts=/nowhere/x true
refused 'counts in a folder' 'Is a directory' run --mutex=mcs --counts=/tmp true
refused 'counts in a device' 'not a file' run --mutex=mcs --counts=/dev/null true
refused 'counts in a place with a blank' "'.*a b/x' has a blank" sh -c "mkdir -p '$work/a b' && exec $lab run --mutex=mcs '--counts=$work/a b/x' true"
refused 'temporary files in a place with a blank' 'set TMPDIR' env "TMPDIR=$work/a b" "$lab" run --mutex=mcs --counts true
refused 'profile in a file' '--profile=/dev/null: Not a directory' run --profile=/dev/null true
mkdir "$work/profile"
: >"$work/profile/raw.1"
refused 'profile over another' 'an earlier profile is there' run "--profile=$work/profile" true

# ---- programs that cannot be answered ----

# ends NAME STATUS WORDS COMMAND ...: exit status, and WORDS on stderr
ends() {
	name=$1 wanted=$2 words=$3
	shift 3
	"$@" >"$work/out" 2>"$work/err"
	status=$?
	if [ "$status" != "$wanted" ]; then
		fail "$name: exit status $status instead of $wanted"
	elif ! grep -qE -- "$words" "$work/err"; then
		[ -z "$words" ] && { ok; return; }
		fail "$name: stderr does not match '$words'"
	else
		ok
	fi
}

# script NAME INTERPRETER: an executable file that begins so
script() {
	printf '#!%s\n%s\n' "$2" "${3-}" >"$work/$1"
	chmod +x "$work/$1"
}

ends 'not there' 127 'nonesuch: No such file' run --mutex=mcs nonesuch
ends 'not there, with a path' 127 './nonesuch: No such file' run --mutex=mcs ./nonesuch
ends 'empty' 127 ': No such file' run --mutex=mcs ''
ends 'not executable' 126 'Makefile: Permission denied' run --mutex=mcs ./Makefile
ends 'a folder' 126 '/tmp: Is a directory' run --mutex=mcs /tmp
ends 'not there, to be counted' 127 'nonesuch: No such file' run --mutex=mcs --counts nonesuch
script lost /nowhere/sh
ends 'a script without interpreter' 127 'lost is to be run by /nowhere/sh: No such file' run --mutex=mcs "$work/lost"
script loop "$work/loop"
ends 'a script of itself' 126 'Too many levels' run --mutex=mcs "$work/loop"

# nothing in it: exit is a system call of its own
printf 'void _start(void) { for (;;) ; }\n' >"$work/static.c"
gcc -static -nostdlib -o "$work/static" "$work/static.c"
refused 'static' 'static is statically linked: .*link it dynamically' run --mutex=mcs "$work/static"
gcc -static-pie -nostdlib -fPIE -o "$work/static" "$work/static.c"
refused 'static and position-independent' 'static is statically linked' run --mutex=mcs "$work/static"
script in_static "$work/static"
refused 'a script of a static one' 'in_static is run by .*/static, which is statically' run --mutex=mcs "$work/in_static"
script twice "$work/in_static"
refused 'a script of that' 'twice is run by .*/static, which is statically' run --mutex=mcs "$work/twice"
gcc -pthread -Wl,-dynamic-linker,/lib/ld-musl-x86_64.so.1 -o "$work/musl" "$prog.c"
refused 'of another C library' 'linked with musl' run --mutex=mcs "$work/musl"

gcc -pthread -fsanitize=thread -o "$work/tsan" "$work/timed.c"
refused 'under ThreadSanitizer' 'tsan is built with ThreadSanitizer' run --mutex=futex "$work/tsan"

# e_machine: RISC-V's
cp "$prog" "$work/foreign"
printf '\363\000' | dd of="$work/foreign" bs=1 seek=18 conv=notrunc 2>/dev/null
refused 'of another machine' 'another architecture \(ELF machine 243, 64 bits\)' run --mutex=mcs "$work/foreign"

cp "$prog" "$work/own"
chmod u+s,g+s "$work/own"
check "set-uid to who runs it" run --mutex=mcs "$work/own" threads
if [ "$(id -u)" = 0 ]; then
	cp "$prog" "$work/setuid"
	chown 65534 "$work/setuid"
	chmod u+s "$work/setuid"
	refused 'set-uid' 'is set-uid: the loader would ignore LD_PRELOAD' run --mutex=mcs "$work/setuid" threads
	cp "$prog" "$work/setgid"
	chgrp 65534 "$work/setgid"
	chmod g+s "$work/setgid"
	refused 'set-gid' 'is set-gid: the loader' run --mutex=mcs "$work/setgid" threads
	script in_setuid "$work/setuid"
	refused 'a script of a set-uid one' 'run by .*/setuid, which is set-uid' run --mutex=mcs "$work/in_setuid"
	check 'one that becomes another user' run --mutex=mcs --counts "$prog" nobody
	cp "$work/err" "$work/table"
	expect 'its counts are lost' grep -q '1  threads that took' "$work/table"
else
	skip 'set-uid, set-gid, another user: only root can make such'
fi
cp "$prog" "$work/capable"
if [ "$(id -u)" = 0 ] && setcap cap_net_raw+ep "$work/capable" 2>/dev/null &&
	setpriv --reuid=65534 --clear-groups "$lab" list kinds >/dev/null 2>&1; then
	check 'file capabilities that give root nothing' run --mutex=mcs "$work/capable" threads
	refused 'file capabilities' 'has file capabilities' setpriv --reuid=65534 --clear-groups \
		"$lab" run --mutex=mcs "$work/capable" threads
else
	skip 'file capabilities: needs root, setcap and setpriv'
fi

refused 'a timed lock that there is not' 'the program calls pthread_mutex_timedlock, which mutex/mcs lacks .*--fallback' run --mutex=mcs "$work/timed"
check 'with --fallback' run --mutex=mcs --fallback --counts "$work/timed"
cp "$work/err" "$work/table"
expect 'which is counted' grep -qx ' *1  timed locks done by trying again and again' "$work/table"
check 'with one that has it' run --mutex=futex "$work/timed"

# ---- where the library lies ----

for folder in 'with a blank' 'with:colon'; do
	mkdir -p "$work/$folder/native" "$work/$folder/preload"
	cp "$lab" "$work/$folder/native"
	cp build/preload/libpreload.so "$work/$folder/preload"
	refused "a library in a folder $folder" 'LD_PRELOAD cannot hold a path with a blank or a colon' \
		"$work/$folder/native/synclab" run --mutex=mcs true
done
# one that has forgotten the tree that it was built from
mkdir -p "$work/lone/native"
LC_ALL=C sed "s,$PWD/build/%,$PWD/BUILD/%,g" "$lab" >"$work/lone/native/synclab"
chmod +x "$work/lone/native/synclab"
refused 'no library' 'libpreload.so is nowhere .*build it with .make' "$work/lone/native/synclab" run --mutex=mcs true
if [ -e build/explore/clients ]; then
	check 'make install' make install DESTDIR="$work/root" PREFIX=/usr
	cp "$work/lone/native/synclab" "$work/root/usr/bin/synclab"
	check 'installed' "$work/root/usr/bin/synclab" run --family=futex "--counts=$work/counts" "$prog" threads
	expect 'installed, it answers' grep -q 'threads.3$' "$work/counts"
	check 'installed, which library' "$work/root/usr/bin/synclab" run --mutex=mcs "$prog" says LD_PRELOAD
	expect 'not the installed one' grep -qx "$work/root/usr/lib/synclab/libpreload.so" "$work/out"
else
	skip 'the installed layout: needs make explorer'
fi

# ---- how it ends ----

for more in '' --counts; do
	# shellcheck disable=SC2086 # perhaps nothing
	{
		ends "exit 0 $more" 0 '' run --mutex=mcs $more "$prog" exit 0
		ends "exit 7 $more" 7 '' run --mutex=mcs $more "$prog" exit 7
		ends "SIGTERM $more" 143 '' "$lab" run --mutex=mcs $more "$prog" raise 15
		ends "SIGKILL $more" 137 '' "$lab" run --mutex=mcs $more "$prog" raise 9
		ends "SIGSEGV $more" 139 '' "$lab" run --mutex=mcs $more "$prog" raise 11
	}
done
check 'signals arrive' "$lab" run --mutex=mcs --counts "$prog" signals
check 'what is ignored stays so' sh -c "trap '' HUP; exec $lab run --mutex=mcs --counts sh -c 'kill -HUP \$PPID; exit 0'"

# ---- what is passed on ----

check 'one kind' run --mutex=ticket "$prog" says SYNCLAB_PRELOAD
expect 'mutex brings cond along' grep -qx 'mutex=ticket cond=futex ' "$work/out"
check 'KIND/NAME' run --mutex=mutex/mcs --sem=sem/spin --rwlock=rwlock/futex "$prog" says SYNCLAB_PRELOAD
expect 'kinds are named' grep -qx 'mutex=mcs cond=futex rwlock=futex semaphore=spin ' "$work/out"
check 'a family' run --family=spin "$prog" says SYNCLAB_PRELOAD
expect 'every kind' grep -qx 'mutex=spin cond=spin rwlock=spin semaphore=spin barrier=spin spin=spin once=spin ' "$work/out"
check 'a family but one' run --once=pthread --spin=tas --family=futex --fallback "$prog" says SYNCLAB_PRELOAD
expect 'which one' grep -qx 'mutex=futex cond=futex rwlock=futex semaphore=futex barrier=futex spin=tas once=pthread fallback ' "$work/out"
check "the C library's but one" run --family=pthread --mutex=mcs "$prog" says SYNCLAB_PRELOAD
expect 'its condition too' grep -q '^mutex=mcs cond=futex rwlock=pthread ' "$work/out"
check 'options after the program' run --mutex=mcs printf '%s ' --cond=gold --counts -- --fallback
expect 'are the program'\''s' grep -qx -- '--cond=gold --counts -- --fallback ' "$work/out"
check 'after --' run --mutex=mcs -- printf '%s ' -- -x
expect '-- ends options' grep -qx -- '-- -x ' "$work/out"

# ---- whom it follows ----

printf 'echo "$%s"\n' LD_PRELOAD >"$work/preload"
chmod +x "$work/preload"

lib=$(run --mutex=mcs "$prog" says LD_PRELOAD)
other=$(gcc -print-file-name=libm.so.6)
check 'with a library of the user' env LD_PRELOAD="$other" "$lab" run --mutex=mcs "$work/preload"
expect 'ours first, then that' grep -qx "$lib:$other" "$work/out"

check 'a program is followed' run --mutex=mcs "--counts=$work/counts" "$prog" system "$prog threads"
expect 'both took locks' [ "$(grep -c 'threads' "$work/counts")" = 2 ]
check 'through env and a shell' run --mutex=mcs "--counts=$work/counts" env X=1 sh -c "exec $prog threads"
expect 'to the end' grep -q "prog.threads.3$" "$work/counts"
script third "$prog" # exits with 99: its first argument is the script
script second /bin/sh "$prog threads"
script first "$work/second"
check 'through scripts' run --mutex=mcs "--counts=$work/counts" "$work/first"
expect 'to the program in them' grep -q "prog.threads.3$" "$work/counts"
ends 'a program as an interpreter' 99 '' run --mutex=mcs "$work/third"

check 'nobody is followed' run --no-follow --mutex=mcs "--counts=$work/counts" "$prog" system "$prog threads"
expect 'only the first took a lock of ours' [ "$(grep -c 'threads' "$work/counts")" = 1 ]
expect 'which took one' grep -q 'threads.1$' "$work/counts"
check 'nor after exec' run --no-follow --mutex=mcs "--counts=$work/counts" "$prog" exec "$prog" threads
expect 'no locks of ours' [ ! -s "$work/counts" ]
check 'forks are' run --no-follow --mutex=mcs "--counts=$work/counts" "$prog" fork
expect 'they took locks of ours' [ "$(grep -c 'threads' "$work/counts")" = 2 ]
ends 'the request is taken back' 1 '' run --no-follow --mutex=mcs "$prog" says SYNCLAB_PRELOAD
ends 'and the library' 1 '' run --no-follow --mutex=mcs "$prog" says LD_PRELOAD
for list in "$other" "$other $work/xlibpreload.so" "$work/libpreload.so.1:$other"; do
	check 'but not those of others' env LD_PRELOAD="$list" "$lab" run --no-follow --mutex=mcs "$work/preload"
	expect "what is left of $list" grep -qxF "$list" "$work/out"
done
check 'nor one that comes first' run --mutex=mcs env LD_PRELOAD="$other:$lib" \
	SYNCLAB_PRELOAD='mutex=mcs alone' "$work/preload"
expect 'what is left then' grep -qxE "$other:?" "$work/out"

# ---- counts ----

check 'counts on standard error' run --mutex=mcs --counts "$prog" threads
cp "$work/err" "$work/table"
expect 'the program' grep -qx 'synclab run: prog' "$work/table"
expect 'threads' grep -qx ' *3  threads that took a lock of ours' "$work/table"
expect 'processes' grep -qx ' *1  processes that have called exit' "$work/table"
check 'what is left to libc' run --mutex=mcs --counts "$prog" shared
cp "$work/err" "$work/table"
expect 'shared' grep -qx ' *1  mutexes left to libc: shared by processes' "$work/table"
expect 'robust' grep -qx ' *1  mutexes left to libc: robust' "$work/table"
check 'two processes' run --mutex=mcs --counts "$prog" fork
cp "$work/err" "$work/table"
expect 'both' grep -qx ' *2  processes that have called exit' "$work/table"
expect 'each thread once' grep -qx ' *4  threads that took a lock of ours' "$work/table"
check "the C library's own" run --mutex=pthread --counts "$prog" threads
cp "$work/err" "$work/table"
expect 'none of ours' grep -q 'none of the kinds that were named was seen in use' "$work/table"
check 'a relative file, another folder' sh -c "cd $work && exec $lab run --mutex=mcs --counts=here sh -c 'cd / && $prog threads; :'"
expect 'lies where it was named' grep -q 'threads.3$' "$work/here"
ends 'died' 137 'no process has left counts' "$lab" run --mutex=mcs --counts "$prog" raise 9
expect 'temporary files are left' rmdir "$work/tmp"

finish
