#!/bin/sh
# shellcheck disable=SC2317 # functions are called by check
# SPDX-License-Identifier: MIT
# The C library as users get it: installed, found by pkg-config, called from C,
# C++ and Python. Its laws for every implementation are tests/library/*.c.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

lib=$work/root/usr/lib
check 'make install-library' make install-library DESTDIR="$work/root" PREFIX=/usr
[ "$failed" = 0 ] || { echo "library.sh: 0 passed, 1 failed, 0 skipped"; exit 1; }

export PKG_CONFIG_PATH="$lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$work/root" LD_LIBRARY_PATH="$lib"
cflags=$(pkg-config --cflags synclab)
shared=$(pkg-config --libs synclab)
static=$(pkg-config --libs --static synclab | sed 's/-lsynclab/-l:libsynclab.a/')
strict='-O2 -Wall -Wextra -Wshadow -Werror'

# ---- what is installed ----

expect 'pkg-config finds it' pkg-config --exists 'synclab >= 1.0'
for file in libsynclab.a libsynclab.so libsynclab.so.1 libsynclab.so.1.0.0 pkgconfig/synclab.pc ../include/synclab.h; do
	expect "$file is not installed" test -s "$lib/$file"
done
# shellcheck disable=SC2016 # a variable of pkg-config's
expect 'synclab.pc names the prefix' grep -qx 'prefix=/usr' "$lib/pkgconfig/synclab.pc"
expect 'the soname has the major version' sh -c "objdump -p '$lib/libsynclab.so' | grep -q 'SONAME *libsynclab.so.1\$'"
check 'DESTDIR with another PREFIX' make install-library DESTDIR="$work/other" PREFIX=/opt/lab
expect 'it lies there' grep -qx 'prefix=/opt/lab' "$work/other/opt/lab/lib/pkgconfig/synclab.pc"

# ---- ABI ----

# functions FILE: what a header declares
functions() {
	grep -v '^#' "$1" | tr '\n' ' ' | grep -oE 'SL_API [^;{]*' | grep -oE 'sl_[a-z_]+\(' | tr -d '(' | sort
}
functions "$work/root/usr/include/synclab.h" >"$work/header"
nm -D --defined-only "$lib/libsynclab.so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/exported"
nm -g --defined-only "$lib/libsynclab.a" | awk 'NF == 3 { print $3 }' | sort >"$work/archived"
grep -v '^#' tests/library/abi >"$work/promised"
check 'only what the header declares is exported, and all of it' diff -u "$work/header" "$work/exported"
check 'the archive shows the same' diff -u "$work/header" "$work/archived"
check 'nothing was removed from, or forgotten in, tests/library/abi' diff -u "$work/promised" "$work/exported"

# ---- users' programs ----

# shellcheck disable=SC2016 # fences, no commands
sed -n '/^```c$/,/^```$/p' docs/library.md | sed '/^```/d' >"$work/example.c"

# example LIBRARIES COMPILER FLAG ...: the program of docs/library.md, compiled
# as every user would
example() {
	libraries=$1
	shift
	# shellcheck disable=SC2086 # flags are words
	"$@" $strict $cflags "$work/example.c" -o "$work/example" $libraries || return 1
	for name in '' futex spin pthread; do
		# shellcheck disable=SC2086 # no name is no argument
		[ "$(timeout 20 "$work/example" $name)" = '499500, closed' ] || return 1
	done
}

# user LIBRARIES: a C++ program that counts under every mutex there is
user() {
	# shellcheck disable=SC2086 # flags are words
	g++ -std=c++11 -pedantic $strict $cflags tests/library/user.cc -o "$work/user" $1 -pthread &&
		timeout 60 "$work/user" >"$work/counts" && ! grep -v ' 3000$' "$work/counts" &&
		[ "$(printf '%s\n' primitives/mutex/[!_]*.c | wc -l)" = "$(wc -l <"$work/counts")" ]
}

for cc in gcc clang; do
	if command -v $cc >/dev/null; then
		check "$cc, shared" example "$shared" $cc -std=c11 -pedantic
		check "$cc, static" example "$static" $cc -std=c11 -pedantic
	else
		skip "$cc: not there"
	fi
done
check 'gcc, wholly static' example "$static" gcc -static -Wl,--gc-sections
check 'g++, shared' user "$shared"
check 'g++, static' user "$static"
refused_name() { ! timeout 20 "$work/example" nothing 2>"$work/said" && grep -q 'queue/nothing: no implementation has this name' "$work/said"; }
check 'an unknown name is told' refused_name

# ---- laws ----

laws() {
	# shellcheck disable=SC2086 # flags are words
	gcc -std=gnu11 -D_GNU_SOURCE -g $strict $cflags tests/library/*.c -o "$work/laws" -Wl,-E "$@" -pthread -ldl
}

# counted COMMAND ...: adds its "ok" and "FAIL" lines to ours
counted() {
	timeout 150 "$@" >"$work/out" 2>&1
	status=$?
	grep -v '^ok' "$work/out"
	passed=$((passed + $(grep -c '^ok' "$work/out")))
	failed=$((failed + $(grep -c '^FAIL' "$work/out")))
	[ "$status" = 0 ] || grep -q '^FAIL' "$work/out" || fail "$*: status $status"
}

# shellcheck disable=SC2086 # flags are words
{
	check 'the laws, with the shared library' laws $shared
	counted "$work/laws"
	check 'the laws, with the archive' laws $static
	counted "$work/laws"
}

# ---- Python ----

if command -v python3 >/dev/null; then
	counted python3 -X faulthandler tests/library/bindings.py "$lib/libsynclab.so"
else
	skip 'bindings: no python3'
fi

# ---- another machine ----

# Every object of the library, without linking: it needs no library but libc's.
cross() {
	for file in harness/library/*.c; do
		aarch64-linux-gnu-gcc -std=gnu11 -D_GNU_SOURCE -DFILE_STEM='""' -O2 -fPIC -Wall -Wextra -Wshadow -Wvla \
			-Werror -fsyntax-only "$file" || return 1
	done
}
if command -v aarch64-linux-gnu-gcc >/dev/null; then
	check 'aarch64 accepts it' cross
else
	skip 'aarch64: no aarch64-linux-gnu-gcc'
fi

finish
