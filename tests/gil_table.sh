#!/bin/sh
# SPDX-License-Identifier: MIT
# The table of speed-ups, from rows whose answer is known.
# shellcheck source=tests/_lib
. "$(dirname "$0")/_lib"

cat >"$work/raw.csv" <<'CSV'
scenario,parameters,implementation,threads,why_invalid,ops_per_s,state
gil_cpu,"a=1, b",serial,1,"",100,valid
gil_cpu,"a=1, b",threads,1,"",90,valid
gil_cpu,"a=1, b",threads,1,"",110,valid
gil_cpu,"a=1, b",threads,1,"",1000,valid
gil_cpu,"a=1, b",threads,2,"",190,valid
gil_cpu,"a=1, b",threads,2,"no, not this",9,spoilt
gil_cpu,"a=1, b",cpython_serial,1,"",10,valid
gil_cpu,"a=1, b",cpython_threads,2,"",10,valid
gil_convoy,"a=1, b",futex,1,"",7,valid
CSV
cat >"$work/expected" <<'END'
gil_cpu a=1, b: speed-up over serial
workers                     1        2   ops/s at 1
serial                   1.00        -          100
threads                  1.10     1.90          110
cpython_serial           1.00        -           10
cpython_threads             -     1.00            -
END
check 'table' scripts/gil_table "$work/raw.csv"
expect 'the table differs' cmp -s "$work/out" "$work/expected"
check 'other scenario' scripts/gil_table "$work/raw.csv" gil_none
expect 'a table of nothing' [ ! -s "$work/out" ]
refused 'no file' 'cannot read' scripts/gil_table "$work/none.csv"
refused 'no CSV' 'no column scenario' scripts/gil_table /etc/passwd

# the reference by hand, as its head says
if command -v python3 >/dev/null; then
	for how in serial threads processes; do
		check "cpython $how" scripts/gil_reference.py cpu "$how" workers=2 \
			seconds=0.1 ramp=0.05
	done
	check 'cpython convoy' scripts/gil_reference.py convoy threads hogs=1 \
		interval_us=500 seconds=0.1 ramp=0.05
else
	skip 'no python3: apt-get install python3'
fi
finish
