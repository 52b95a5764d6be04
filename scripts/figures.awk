# SPDX-License-Identifier: MIT
#
# Reads summary.csv and writes gnuplot commands: one figure a scenario, a column
# a combination of parameters, a row a figure of merit, a line an implementation.
#
#   awk -v folder=DIR -v style=scripts/style.gp -f scripts/figures.awk summary.csv summary.csv
#
# The file is read twice: first to see where there is a crowd, more implementations
# than colours with one number of threads. A crowd gets bars of its own.
#
# The x axis is the number of threads; where a scenario was run with one number
# only and one parameter varies, it is that parameter.
BEGIN {
	FS = ","
	# what each row of panels shows: column, title, whether it starts at 0,
	# and the mode of the cells (empty: any that has the value)
	n_rows = 0
	add_row("ops_per_s", "operations/s", "throughput")
	add_row("cpu_ns_per_op", "CPU time/operation", "throughput")
	add_row("min_share", "least share of a thread (1: fair)", "throughput")
	add_row("p50_ns", "latency: p50 —, p99 - -", "")
	# the three families look the same everywhere
	line["futex"] = 1; line["spin"] = 2; line["pthread"] = 3
	n_lines = 3
}

function add_row(column, title, mode) {
	row_column[n_rows] = column
	row_title[n_rows] = title
	row_mode[n_rows++] = mode
}

FNR == 1 {
	for (i = 1; i <= NF; i++)
		at[$i] = i
	next
}

function get(name) { return $(at[name]) }

# what A/A twins and other builds are for is in the comparisons, and what a loop
# of Google Benchmark's is for in its expectations
get("n") == 0 || get("scenario") == "gbench_loop" || get("implementation") ~ /\.(twin|base)$/ { next }

get("mode") == "throughput" {
	p = get("scenario") SUBSEP get("parameters")
}

NR == FNR && get("mode") == "throughput" {
	members[p]++
	if (!((p, get("threads")) in counted)) {
		counted[p, get("threads")] = 1
		numbers[p]++
	}
}

NR == FNR { next }

get("mode") == "throughput" && numbers[p] == 1 && members[p] > 10 {
	if (!(p in crowd_size))
		crowds[n_crowds++] = p
	i = crowd_size[p]++
	crowd[p, i] = get("ops_per_s") + 0
	crowd_line[p, i] = sprintf("\"%s\" %s %s %s", get("implementation"),
		get("ops_per_s"), get("ops_per_s_min"), get("ops_per_s_max"))
	crowd_title[p] = get("scenario") " (" get("parameters") "), " get("threads") " threads"
	next
}

# Keep a cell; everything is looked up by these keys later.
{
	s = get("scenario"); impl = get("implementation"); mode = get("mode")
	if (!(s in seen_scenario)) {
		seen_scenario[s] = 1
		scenarios[n_scenarios++] = s
		bound[s] = get("bound"); kind[s] = get("kind")
	}
	if (!((s, impl) in seen_impl)) {
		seen_impl[s, impl] = 1
		impls[s, n_impls[s]++] = impl
	}
	if (!(impl in any_impl)) {
		any_impl[impl] = 1
		all_impls[n_all++] = impl
	}
	p = get("parameters")
	if (!((s, p) in seen_params)) {
		seen_params[s, p] = 1
		params[s, n_params[s]++] = p
	}
	t = get("threads")
	if (!((s, t) in seen_threads)) {
		seen_threads[s, t] = 1
		threads[s, n_threads[s]++] = t + 0
	}
	if (get("kind") != kind[s])
		kind[s] = "*"
	if (get("cpus") > cpus)
		cpus = get("cpus")
	if (get("n") > windows[s])
		windows[s] = get("n")
	if (min_windows[s] == "" || get("n") < min_windows[s])
		min_windows[s] = get("n")
	k = get("kind")
	for (i in at)
		value[s, impl, mode, p, t, i] = $(at[i])
	if (s == "uncontended") {
		if (!(k in seen_kind)) {
			seen_kind[k] = 1
			unc_kinds[n_unc++] = k
		}
		unc[k, impl] = 1e9 / get("ops_per_s")
	}
}

function sort_numbers(s, n,   i, j, x) {
	for (i = 1; i < n; i++)
		for (j = i; j > 0 && threads[s, j - 1] > threads[s, j]; j--) {
			x = threads[s, j]
			threads[s, j] = threads[s, j - 1]
			threads[s, j - 1] = x
		}
}

# A line style for each implementation, in alphabetical order of all of them.
function number_lines(   i, j, x) {
	for (i = 1; i < n_all; i++)
		for (j = i; j > 0 && all_impls[j - 1] > all_impls[j]; j--) {
			x = all_impls[j]
			all_impls[j] = all_impls[j - 1]
			all_impls[j - 1] = x
		}
	for (i = 0; i < n_all; i++)
		if (!(all_impls[i] in line))
			line[all_impls[i]] = n_lines < 16 ? ++n_lines : 16
}

# The value of "name" in "a=1 b=2", or "".
function parameter(text, name,   parts, n, i) {
	n = split(text, parts, " ")
	for (i = 1; i <= n; i++)
		if (index(parts[i], name "=") == 1)
			return substr(parts[i], length(name) + 2)
	return ""
}

# Which parameters vary in this scenario: names in vary[0 .. n-1].
function find_varying(s,   parts, n, i, j, name) {
	n_vary = 0
	n = split(params[s, 0], parts, " ")
	for (i = 1; i <= n; i++) {
		name = substr(parts[i], 1, index(parts[i], "=") - 1)
		for (j = 1; j < n_params[s]; j++)
			if (parameter(params[s, j], name) != parameter(params[s, 0], name)) {
				vary[n_vary++] = name
				break
			}
	}
}

# The panel that a cell belongs to: its varying parameters without the x axis.
function panel_of(p,   i, text) {
	text = ""
	for (i = 0; i < n_vary; i++)
		if (vary[i] != x_name)
			text = text (text == "" ? "" : " ") vary[i] "=" parameter(p, vary[i])
	return text
}

# Print a data block for one line of one panel; returns how many points.
function print_block(id, s, impl, panel, column, mode,   i, j, m, p, t, x, n, y, lo, hi, found) {
	n = 0
	found = ""
	for (i = 0; i < n_params[s]; i++) {
		p = params[s, i]
		if (panel_of(p) != panel)
			continue
		for (j = 0; j < n_threads[s]; j++) {
			t = threads[s, j]
			m = mode
			if (m == "")
				m = value[s, impl, "latency", p, t, column] != "" ? "latency" : "throughput"
			y = value[s, impl, m, p, t, column]
			if (y == "")
				continue
			if (column ~ /_ns/)
				y *= 1e-9
			x = x_name == "threads" ? t : parameter(p, x_name)
			lo = hi = y
			if (column == "ops_per_s") {
				lo = value[s, impl, m, p, t, "ops_per_s_min"]
				hi = value[s, impl, m, p, t, "ops_per_s_max"]
			}
			found = found sprintf("%s %s %s %s\n", x, y, lo, hi)
			n++
			if (low == "" || lo + 0 < low) low = lo + 0
			if (hi + 0 > high) high = hi + 0
			if (left == "" || x + 0 < left) left = x + 0
			if (x + 0 > right) right = x + 0
			if (!(x in seen_x)) {
				seen_x[x] = 1
				ticks = ticks (ticks == "" ? "" : ", ") x
			}
		}
	}
	if (n)
		printf "$%s << EOD\n%sEOD\n", id, found
	return n
}

# One figure: collects the blocks of all panels first, for a common y range.
function figure(s,   r, c, i, id, n, cols, rows, n_rows_here, any, cmd, key, lo, width, height, logscale) {
	sort_numbers(s, n_threads[s])
	find_varying(s)
	x_name = "threads"
	if (n_threads[s] == 1) {
		if (n_vary == 0) {
			points[n_points++] = s
			return
		}
		x_name = vary[n_vary - 1]
		for (i = 0; i < n_vary; i++)
			if (vary[i] ~ /interval|size|delay|work/)
				x_name = vary[i]
	}
	delete panels; delete seen_panel; n_panels = 0
	for (i = 0; i < n_params[s]; i++) {
		key = panel_of(params[s, i])
		if (!(key in seen_panel)) {
			seen_panel[key] = 1
			panels[n_panels++] = key
		}
	}
	printf "reset\nload '%s'\n", style
	n_rows_here = 0
	delete has; delete seen_x; left = right = ticks = ""
	for (r = 0; r < n_rows; r++) {
		low = high = ""; any = 0
		if (row_column[r] == "min_share" && n_threads[s] == 1 && threads[s, 0] == 1)
			continue
		for (c = 0; c < n_panels; c++)
			for (i = 0; i < n_impls[s]; i++) {
				id = sprintf("d%d_%d_%d", r, c, i)
				n = print_block(id, s, impls[s, i], panels[c], row_column[r], row_mode[r])
				has[r, c, i] = n
				any += n
				if (row_column[r] == "p50_ns")
					has["p99", c, i] = print_block(id "_p99", s, impls[s, i], panels[c], "p99_ns", row_mode[r])
			}
		if (any) {
			range_low[n_rows_here] = low; range_high[n_rows_here] = high
			rows_here[n_rows_here++] = r
		}
	}
	if (n_rows_here == 0)
		return
	cols = n_panels
	key_rows = int((n_impls[s] + 2) / 3)
	foot = 62 + 17 * key_rows
	width = 115 + 330 * cols; if (width < 640) width = 640
	height = 75 + foot + 235 * n_rows_here
	for (fmt = 0; fmt < 2; fmt++) {
		if (fmt == 0)
			printf "set terminal svg size %d,%d dynamic font 'DejaVu Sans,12' background rgb 'white'\nset output '%s/%s.svg'\n", width, height, folder, s
		else
			printf "set terminal pngcairo size %d,%d font 'DejaVu Sans,10'\nset output '%s/%s.png'\n", width, height, folder, s
		caption = "median of " (min_windows[s] == windows[s] ? windows[s] : min_windows[s] " to " windows[s]) " windows, bars from least to most; dashed: number of CPUs (" cpus ")"
		printf "set multiplot layout %d,%d margins %f,%f,%f,%f spacing %f,%f title \"%s (%s, %s)\\n{/*0.8 %s}\"\n", \
			n_rows_here, cols, 100 / width, 1 - 15 / width, foot / height, 1 - 75 / height, \
			(cols > 1 ? 25 / width : 0), 45 / height, plain(s), plain(kind[s]), bound[s], caption
		for (r = 0; r < n_rows_here; r++)
			for (c = 0; c < cols; c++)
				panel(s, rows_here[r], r, c, r == n_rows_here - 1)
		print "unset multiplot"
	}
}

# The power of ten below or above, so that a logarithmic axis has its labels.
function decade(x, up,   e) {
	e = log(x) / log(10)
	e = e < 0 ? -int(-e) - (e != int(e)) : int(e)
	return exp(log(10) * (e + up))
}

# Of x in engineering notation: from 1 to 1000.
function mantissa(x) {
	while (x >= 1000) x /= 1000
	while (x > 0 && x < 1) x *= 1000
	return x
}

# From least to most; the line's own marker is drawn over the dot.
function bars(id, ls, before) {
	return sprintf("%s%s using 1:2:3:4 with yerrorbars ls %d pt 7 ps 0.1 lw 1 notitle", before == "" ? "" : ", ", id, ls)
}

# An underscore would start a subscript.
function plain(text) { gsub(/_/, " ", text); return text }

function panel(s, r, place, c, last,   i, cmd, log_y, lo, hi, x_min, x_max, unit) {
	lo = range_low[place]; hi = range_high[place]
	printf "set title \"%s\"\n", place == 0 ? panels[c] : ""
	printf "set ylabel \"%s\"\n", c == 0 ? row_title[r] : ""
	printf "set xlabel \"%s\" noenhanced\n", last ? x_name : ""
	print "unset logscale\nset format x '%g'"
	x_min = left / 1.3; x_max = right * 1.3
	if (x_name == "threads")
		print "set logscale x 2"
	else if (left > 0)
		print "set logscale x 10"
	else {
		x_min = left - (right - left) / 10; x_max = right + (right - left) / 10
	}
	printf "set xtics (%s)\n", ticks
	printf "set xrange [%g:%g]\n", x_min, x_max
	log_y = row_column[r] != "min_share" && lo > 0 && hi / lo > 20
	unit = row_column[r] ~ /_ns/ ? "s" : ""
	if (row_column[r] == "min_share")
		print "set yrange [0:1.05]\nset format y '%.1f'"
	else if (log_y)
		printf "set logscale y\nset yrange [%g:%g]\nset format y '%%.0s %%c%s'\n", decade(lo, 0), decade(hi, 1), unit
	else
		printf "set yrange [0:%g]\nset format y '%%.%ds %%c%s'\n", hi * 1.1, mantissa(hi) < 8, unit
	if (c > 0)
		print "set format y ''"
	if (last && c == 0)
		printf "set key at screen 0.5, screen 0.005 center bottom horizontal maxrows %d samplen 2 noautotitle\n", key_rows
	else
		print "set key off"
	print "unset arrow"
	if (x_name == "threads" && cpus > x_min && cpus < x_max)
		printf "set arrow from %d, graph 0 to %d, graph 1 nohead ls 20\n", cpus, cpus
	cmd = ""
	for (i = 0; i < n_impls[s]; i++) {
		id = sprintf("$d%d_%d_%d", r, c, i)
		# the legend names every line, also one that is missing here
		if (last && c == 0)
			cmd = cmd sprintf("%s1/0 with linespoints ls %d title \"%s\"", cmd == "" ? "" : ", ", line[impls[s, i]], impls[s, i])
		if (has[r, c, i]) {
			if (row_column[r] == "ops_per_s")
				cmd = cmd bars(id, line[impls[s, i]], cmd)
			cmd = cmd sprintf("%s%s using 1:2 with linespoints ls %d notitle", cmd == "" ? "" : ", ", id, line[impls[s, i]])
		}
		if (row_column[r] == "p50_ns" && has["p99", c, i])
			cmd = cmd sprintf("%s%s_p99 using 1:2 with linespoints ls %d dt 2 lw 1 notitle", cmd == "" ? "" : ", ", id, line[impls[s, i]])
	}
	printf "plot %s\n", cmd == "" ? "1/0 notitle" : cmd
}

# Speed-up over the serial rows: what a GIL does to I/O and to computing.
function speedup(   names, n, i, j, f, s, base, t, any, k, impl, cmd, title) {
	names[0] = "gil_io"; names[1] = "gil_cpu"
	if (!("gil_io" in seen_scenario) || !("gil_cpu" in seen_scenario))
		return
	printf "reset\nload '%s'\n", style
	low = high = left = right = ""
	for (k = 0; k < 2; k++) {
		s = names[k]
		sort_numbers(s, n_threads[s])
		base = value[s, "serial", "throughput", params[s, 0], 1, "ops_per_s"]
		cbase = value[s, "cpython_serial", "throughput", params[s, 0], 1, "ops_per_s"]
		if (base == "")
			return
		for (i = 0; i < n_impls[s]; i++) {
			impl = impls[s, i]
			if (impl ~ /serial$/)
				continue
			any = ""
			for (j = 0; j < n_threads[s]; j++) {
				t = threads[s, j]
				if (value[s, impl, "throughput", params[s, 0], t, "ops_per_s"] == "")
					continue
				b = impl ~ /^cpython/ ? cbase : base
				if (b + 0 == 0)
					continue
				any = any sprintf("%s %g %g %g\n", t, \
					value[s, impl, "throughput", params[s, 0], t, "ops_per_s"] / b, \
					value[s, impl, "throughput", params[s, 0], t, "ops_per_s_min"] / b, \
					value[s, impl, "throughput", params[s, 0], t, "ops_per_s_max"] / b)
			}
			if (any != "")
				printf "$s%d_%d << EOD\n%sEOD\n", k, i, any
			has["s", k, i] = any != ""
		}
	}
	for (fmt = 0; fmt < 2; fmt++) {
		if (fmt == 0)
			printf "set terminal svg size 900,480 dynamic font 'DejaVu Sans,12' background rgb 'white'\nset output '%s/speedup.svg'\n", folder
		else
			printf "set terminal pngcairo size 900,480 font 'DejaVu Sans,10'\nset output '%s/speedup.png'\n", folder
		printf "set multiplot layout 1,2 margins 0.08,0.98,0.27,0.83 spacing 0.07,0 title \"Speed-up over one worker\\n{/*0.8 median of %s windows, bars from least to most; dashed: number of CPUs (%s); CPython over its own one worker}\"\n", windows["gil_io"], cpus
		for (k = 0; k < 2; k++) {
			s = names[k]
			printf "set title '%s'\nset xlabel 'workers'\nset ylabel '%s'\n", k ? "CPU-bound: SHA-256" : "I/O-bound: HTTP", k ? "" : "speed-up"
			print "set logscale x 2\nset logscale y 2\nset xrange [0.8:10]\nset yrange [0.4:12]\nset xtics 2\nset ytics 2\nset format x '%g'\nset format y '%g'\nunset arrow"
			printf "set arrow from %s, graph 0 to %s, graph 1 nohead ls 20\n", cpus, cpus
			print k ? "set key off" : "set key at screen 0.5, screen 0.01 center bottom vertical maxrows 3 samplen 2 noautotitle"
			cmd = ""
			for (i = 0; i < n_impls[s]; i++) {
				impl = impls[s, i]
				if (!has["s", k, i])
					continue
				title = impl ~ /^(futex|spin|pthread)$/ ? "threads under a GIL (" impl ")" : impl
				gsub("_", " ", title)
				id = "$s" k "_" i
				cmd = cmd bars(id, line[impl], cmd)
				cmd = cmd sprintf(", %s using 1:2 with linespoints ls %d title '%s'", id, line[impl], title)
			}
			printf "plot %s\n", cmd
		}
		print "unset multiplot"
	}
}

# Bars: one uncontended operation of each kind.
function uncontended(   i, j, n, impl, k, cmd) {
	if (!n_unc)
		return
	printf "reset\nload '%s'\n", style
	for (i = 0; i < n_impls["uncontended"]; i++) {
		impl = impls["uncontended", i]
		printf "$u%d << EOD\n", i
		for (j = 0; j < n_unc; j++)
			printf "\"%s\" %s\n", unc_kinds[j], (unc_kinds[j], impl) in unc ? unc[unc_kinds[j], impl] : "nan"
		print "EOD"
	}
	for (fmt = 0; fmt < 2; fmt++) {
		if (fmt == 0)
			printf "set terminal svg size 900,420 dynamic font 'DejaVu Sans,12' background rgb 'white'\nset output '%s/uncontended.svg'\n", folder
		else
			printf "set terminal pngcairo size 900,420 font 'DejaVu Sans,10'\nset output '%s/uncontended.png'\n", folder
		printf "set title \"One uncontended way in and out, 1 thread (median of %s windows)\"\n", windows["uncontended"]
		print "set style data histograms\nset style histogram clustered gap 2\nset style fill solid 0.9\nset ylabel 'ns'\nset yrange [0:*]\nset format y '%g'\nset xtics noenhanced rotate by -20\nset key top right horizontal noautotitle"
		cmd = ""
		for (i = 0; i < n_impls["uncontended"]; i++)
			cmd = cmd sprintf("%s$u%d using 2:xtic(1) ls %d title '%s'", i ? ", " : "", i, line[impls["uncontended", i]], impls["uncontended", i])
		printf "plot %s\n", cmd
	}
}

# Bars: scenarios with a single number of threads, relative to pthread.
function single_points(   i, j, s, t, impl, base, y, cmd) {
	if (!n_points)
		return
	printf "reset\nload '%s'\n", style
	for (i = 0; i < n_all; i++) {
		impl = all_impls[i]
		any_point[i] = 0
		printf "$p%d << EOD\n", i
		for (j = 0; j < n_points; j++) {
			s = points[j]
			t = threads[s, 0]
			base = value[s, "pthread", "throughput", params[s, 0], t, "ops_per_s"]
			y = value[s, impl, "throughput", params[s, 0], t, "ops_per_s"]
			if (base == "" || y == "")
				y = "nan"
			else {
				y /= base
				any_point[i] = 1
			}
			printf "\"%s, %s\" %s\n", s, t, y
		}
		print "EOD"
	}
	for (fmt = 0; fmt < 2; fmt++) {
		if (fmt == 0)
			printf "set terminal svg size 900,470 dynamic font 'DejaVu Sans,12' background rgb 'white'\nset output '%s/points.svg'\n", folder
		else
			printf "set terminal pngcairo size 900,470 font 'DejaVu Sans,10'\nset output '%s/points.png'\n", folder
		print "set title 'Throughput relative to pthread (scenario, threads; medians)'"
		print "set style data histograms\nset style histogram clustered gap 2\nset style fill solid 0.9\nset logscale y 10\nset format y '%g'\nset ylabel 'times pthread'\nset xtics noenhanced rotate by -25\nset key top right horizontal noautotitle\nset bmargin 7\nset rmargin 15"
		cmd = ""
		for (i = 0; i < n_all; i++)
			if (any_point[i])
				cmd = cmd sprintf("%s$p%d using 2:xtic(1) ls %d title '%s'", cmd == "" ? "" : ", ", i, line[all_impls[i]], all_impls[i])
		if (cmd != "")
			printf "plot %s\n", cmd
	}
}

# Bars, from most to least, of one cell that many implementations have.
function ranking(p,   n, i, j, x, name, fmt) {
	n = crowd_size[p]
	for (i = 1; i < n; i++)
		for (j = i; j > 0 && crowd[p, j - 1] < crowd[p, j]; j--) {
			x = crowd[p, j]; crowd[p, j] = crowd[p, j - 1]; crowd[p, j - 1] = x
			x = crowd_line[p, j]; crowd_line[p, j] = crowd_line[p, j - 1]; crowd_line[p, j - 1] = x
		}
	name = substr(p, 1, index(p, SUBSEP) - 1) "_all"
	if (used[name]++)
		name = name "_" used[name]
	printf "reset\nload '%s'\n$crowd << EOD\n", style
	for (i = 0; i < n; i++)
		print crowd_line[p, i]
	print "EOD"
	for (fmt = 0; fmt < 2; fmt++) {
		if (fmt == 0)
			printf "set terminal svg size 900,470 dynamic font 'DejaVu Sans,12' background rgb 'white'\nset output '%s/%s.svg'\n", folder, name
		else
			printf "set terminal pngcairo size 900,470 font 'DejaVu Sans,10'\nset output '%s/%s.png'\n", folder, name
		printf "set title '%s; medians, from least to most'\n", crowd_title[p]
		print "set logscale y 10\nset ylabel 'operations/s'\nset xtics noenhanced rotate by -40\nset bmargin 6\nset boxwidth 0.7\nset style fill solid 0.9"
		print "set xrange [-0.7:" n - 0.3 "]\nplot $crowd using ($0):2:3:4:(0.7):xtic(1) with boxerrorbars ls 1 notitle"
	}
}

END {
	number_lines()
	for (i_s = 0; i_s < n_crowds; i_s++)
		ranking(crowds[i_s])
	for (i_s = 0; i_s < n_scenarios; i_s++)
		if (scenarios[i_s] != "uncontended")
			figure(scenarios[i_s])
	uncontended()
	single_points()
	speedup()
}
