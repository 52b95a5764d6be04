#!/bin/sh
# SPDX-License-Identifier: MIT
# Errors put into the harness's own arithmetic, one at a time: the known answers
# have to come out wrong. docs/known-answers.md has the table.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"
# shellcheck source=tests/_answers
. tests/_answers

check 'build' make -j"$(nproc)" answers

# A tree of links to this one, and copies of its objects, so that make builds
# anew what differs.
tree=build/native/mutant
rm -rf $tree && mkdir -p $tree/build/native
cp -as "$PWD/Makefile" "$PWD/harness" "$PWD/primitives" "$PWD/scenarios" \
	"$PWD/scripts" "$PWD/tests" $tree
tar -C build/native --exclude=./mutant --exclude='./synclab*' --exclude=./unit-tests -cf - . |
	tar -C $tree/build/native -xf -

# build SOURCE: compile it and link the answers
build() {
	make -s -C $tree -o primitives/section.h -W "$1" CFLAGS=-w answers >"$work/make" 2>&1
}

# caught CAMPAIGN: what is not as it has to be, in the last outcomes; of the
# timed ones only what is contradicted
caught() {
	case $1 in
	timed) grep '^contradicted' "$work/outcomes" ;;
	*) grep -v "^$(outcome_of "$1")|" "$work/outcomes" ;;
	esac | head -n 1
}

# mutant TITLE FILE SED CAMPAIGN FILTER [SOURCE]: with FILE changed by SED, the
# expectations of CAMPAIGN on cells that match FILTER are no longer met. SOURCE:
# what is to be compiled if FILE is a header.
mutant() {
	title=$1 file=$2 sed=$3 campaign=$4 filter=$5 source=${6:-$2}
	object=build/native/${source%.c}.o
	rm -f "$tree/$file"
	sed -E "$sed" "$file" >"$tree/$file"
	if cmp -s "$file" "$tree/$file"; then
		fail "$title: changes nothing in $file"
	elif ! build "$source"; then
		fail "$title: does not compile: $(head -n 3 "$work/make")"
	else
		# shellcheck disable=SC2046 # words
		outcomes $tree/build/native/synclab-answers "$campaign" \
			$(arguments_of "$campaign") --filter="$filter" >"$work/outcomes"
		answer=$(caught "$campaign")
		if [ -n "$answer" ]; then
			ok
			echo "ok    $title: $answer"
		elif [ ! -s "$work/outcomes" ]; then
			fail "$title: no outcome"
		elif [ "$campaign" = timed ] && grep -q '^not resolved' "$work/outcomes"; then
			skip "$title: the machine is too busy to tell"
		else
			fail "$title: nobody notices"
		fi
	fi
	ln -sf "$PWD/$file" "$tree/$file"
	cp -p "$object" "$tree/$object"
}

bench=harness/bench

mutant 'critical and non-critical length swapped' $bench/sections.c \
	's/\.cs_steps = steps\(p->sections\.cs_ns\)/.cs_steps = steps(p->sections.ncs_ns)/
	s/\.ncs_steps = steps\(p->sections\.ncs_ns\)/.ncs_steps = steps(p->sections.cs_ns)/' \
	exact 'cs_ns:1000'
mutant 'realised lengths swapped' $bench/worker.c \
	's/r->inside, without_clock\(inside\)/r->inside, without_clock(outside)/
	s/r->outside, without_clock\(outside\)/r->outside, without_clock(inside)/' \
	exact 'cs_ns:1000'
mutant 'threads pooled with repetitions' $bench/ratio.c \
	's/\*kept = doubles\(n\)/*kept = doubles(3 * n)/
	s/^\t\t\tkept\[null\.contrasts\+\+\] = values\[i\];/\t\t\tfor (int t = 0; t < 3; t++) kept[null.contrasts++] = values[i];/' \
	few moody
mutant 'fairness of one thread alone' $bench/window_child.c \
	's/if \(!c->workers\[i\]\.auxiliary\)/if (i == 0)/' exact '/hog/.*t:2'
mutant 'fairness over threads + 1' $bench/fairness.c \
	's/count = \(double\)n;/count = (double)n + 1;/' exact round_robin
mutant 'Gini without its correction' $bench/fairness.c \
	's/- \(count \+ 1\) \/ count/- 1/' exact '/hog/'
mutant 'variance of a sample of threads' $bench/fairness.c \
	's/variance = squares \/ count/variance = squares \/ (count - 1)/' exact '/hog/'
mutant 'window ended after the join' $bench/window_child.c \
	'/^\tafter->ns = now_ns\(\);/d
	s/^(\t\tpthread_join\(threads\[i\], NULL\);)/\1\n\tafter->ns = now_ns();/' \
	exact 't:128'
mutant 'operations of the ramp counted' $bench/worker.c \
	's/- ops_at\(&w->turn, MEASURE\)/- ops_at(\&w->turn, RAMP)/' exact settles
mutant 'operations counted twice' $bench/window_child.c \
	's/r->ops \+= own;/r->ops += 2 * own;/' exact '/delay/.*t:2'
mutant 'rate by the ramp' $bench/figure.c \
	's/\(double\)r->ops \/ out\[WINDOW_S\]/(double)r->ops \/ out[RAMP_S]/' exact '/delay/.*t:2'
mutant 'verification skipped' $bench/window_child.c \
	's/r->verified = c->scenario->verify\(c\).*/r->verified = true;/' gate null
mutant 'the witness read but once' primitives/section.h \
	's/if \(unlikely\(\*\(volatile uint64_t \*\).*/if (0)/' \
	gate broken_rarely tests/answers/broken_rarely.c
mutant 'a hang without its reason' $bench/window.c \
	's/^\t\twhy\(r, "hang: not done/\t\twhy(r, "not done/' hang hangs
mutant 'CPU time since the process began' $bench/window_child.c \
	's/r->cpu_ns = after->cpu_ns - before->cpu_ns;/r->cpu_ns = after->cpu_ns;/' exact burns
mutant 'CPU time of the calling thread' $bench/window_child.c \
	's/getrusage\(RUSAGE_SELF, &r\)/getrusage(RUSAGE_THREAD, \&r)/' exact burns
mutant 'figures per operation by half their number' $bench/figure.c \
	's/^\tdouble ops = \(double\)r->ops;/\tdouble ops = (double)r->ops \/ 2;/' exact burns
mutant 'percentiles a decade further' $bench/figure.c \
	's/0\.5, 0\.9, 0\.99, 0\.999, 0\.9999/0.5, 0.99, 0.999, 0.9999, 0.99999/' exact sometimes
mutant 'percentiles a decade nearer' $bench/figure.c \
	's/0\.5, 0\.9, 0\.99, 0\.999, 0\.9999/0.5, 0.5, 0.9, 0.99, 0.999/' exact sometimes
mutant 'latency from the wrong reading' $bench/worker.c \
	's/^\trecord\(r, enter\);/\trecord(r, inside);/' exact '/delay/.*latency'
mutant 'latency in microseconds' $bench/worker.c \
	's/^\thistogram_add\(&r->latency, ns\);/\thistogram_add(\&r->latency, ns \/ 1000);/' \
	exact '/delay/.*latency'
mutant 'open: counted from the start, not when due' $bench/worker.c \
	's/^\t\tns \+= r->pacer->late_ns;//' exact '/delay/.*open'
mutant 'bypasses one too many' $bench/order.c \
	's/others = i - w->next\[e->thread\];/others = i + 1 - w->next[e->thread];/' exact 'round_robin|starves'
mutant 'reacquisition one too late' $bench/order.c \
	's/histogram_add\(&w->reacquire, others\)/histogram_add(\&w->reacquire, others + 1)/' exact hog
mutant "the record has each thread's view of the edges" $bench/order_log.c \
	's/^\tif \(atomic_load_explicit\(s->turn\.phase.*/\tif (s->turn.seen !=/' exact starves
mutant 'working set of ten times the time' $bench/order.c \
	's/define SLICE_NS NS_PER_MS/define SLICE_NS (10 * NS_PER_MS)/' exact 'wakes_late/.*t:16'
mutant "Dice's factor by the idler half" $bench/order.c \
	's/return \(x < y\) - \(x > y\);/return (x > y) - (x < y);/' exact hog
mutant 'self-handovers of all phases' $bench/worker.c \
	's/uint64_t from = t->seen >= MEASURE \? t->self_from.*/uint64_t from = 0;/' exact hog
mutant 'the ratio upside down' $bench/ratio.c \
	's/log\(new_\[i\]\) - log\(base\[i\]\)/log(base[i]) - log(new_[i])/' exact hog
mutant 'a fixed number and one more' $bench/pace.c \
	's/if \(t->ops < p->ops\)/if (t->ops <= p->ops)/' exact 'ops:1000'
finish
