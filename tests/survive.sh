#!/bin/sh
# SPDX-License-Identifier: MIT
# Small nasty programs (tests/survive/), plain and under the interposer with
# several implementations. What each has to print stands in its head comment, as
# does what it needs:
#
#	Prints: TEXT       all that it prints
#	Build: OPTION ...  for the compiler
#	Library: NAME      linked to it, of libraries/
#	Plugin: NAME       its argument: the path of a library of libraries/
#	With: NAME         a library that is preloaded too, before ours and after
#	Not under: WORD    of the settings; the comment says why
#
# survive.sh NAME ...: only these programs.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

programs=tests/survive
preload=$PWD/build/preload/libpreload.so
built=$work/built
mkdir -p "$built"
wanted=${*:-$(cd $programs && printf '%s\n' *.c *.cc | sed 's,\.[a-z]*$,,')}

# said WORD SOURCE: what stands behind it in the head comment
said() {
	sed -n "s/^ \* $1: //p; /^ \*\//q" "$2"
}

source_of() {
	ls $programs/"$1".c $programs/"$1".cc 2>/dev/null
}

# compile SOURCE OUTPUT OPTION ...
compile() {
	from=$1 to=$2
	shift 2
	case $from in
	*.cc) set -- g++ -std=gnu++17 "$@" ;;
	*) set -- gcc -std=gnu11 "$@" ;;
	esac
	"$@" -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -pthread "$from" -o "$to" \
		-Wl,--no-as-needed ${libraries:+"$libraries"} 2>"$work/err" || fail "$from does not compile"
}

build() {
	source=$(source_of "$1") libraries=
	for library in $(said Library "$source") $(said Plugin "$source") $(said With "$source"); do
		compile $programs/libraries/"$library".c "$built/lib$library.so" -fPIC -shared
	done
	library=$(said Library "$source")
	libraries=${library:+"$built/lib$library.so"}
	# shellcheck disable=SC2046 # options
	compile "$source" "$built/$1" $(said Build "$source")
}

# once NAME HOW VARIABLE=VALUE ...: it prints what it has to
once() {
	name=$1 how=$2
	shift 2
	source=$(source_of "$name")
	plugin=$(said Plugin "$source")
	out=$work/$name.out err=$work/$name.err
	env "$@" timeout -k 1 20 "$built/$name" ${plugin:+"$built/lib$plugin.so"} \
		>"$out" 2>"$err" </dev/null
	status=$?
	if [ "$status" = 0 ] && [ "$(cat "$out")" = "$(said Prints "$source")" ]; then
		ok
	else
		{
			echo "status $status"
			cat "$err" "$out"
		} >"$work/err"
		fail "$name $how"
	fi
}

# preloaded NAME SETTINGS ROUNDS: in company, before and after
preloaded() {
	with=$(said With "$(source_of "$1")")
	for list in $preload ${with:+"$preload $built/lib$with.so" "$built/lib$with.so $preload"}; do
		once "$1" "with $2" LD_PRELOAD="$list" SYNCLAB_PRELOAD="$2 fallback" \
			SURVIVE_ROUNDS="$3"
	done
}

# under NAME MUTEX [COND]
under() {
	case $2 in
	futex | spin) others="rwlock=$2 semaphore=$2 barrier=$2 spin=$2 once=$2" ;;
	pthread) others= ;;
	*) others="rwlock=phase_fair semaphore=futex barrier=futex spin=$2 once=futex" ;;
	esac
	settings="mutex=$2 ${3:+cond=$3} $others"
	not=$(said 'Not under' "$(source_of "$1")")
	case " $settings " in
	*" ${not:-nothing} "*) return ;;
	esac
	case $2 in # in line, and spinning
	mcs | ticket | hemlock) preloaded "$1" "$settings" 40 ;;
	*) preloaded "$1" "$settings" 400 ;;
	esac
}

for program in $wanted; do
	build "$program"
	once "$program" plain SURVIVE_ROUNDS=400
	for mutex in futex mcs ticket handoff hemlock park; do
		under "$program" $mutex futex
	done
	under "$program" spin spin
	under "$program" mcs spin
	under "$program" pthread futex
	under "$program" pthread
done
finish
