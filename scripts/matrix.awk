# SPDX-License-Identifier: MIT
#
# From the heads of the gallery's files ("PATH: * Bug: ...") and the rows of
# `synclab check --format=csv` for known bugs, repaired twins and real
# implementations, in this order, to the tables of `make detect`. order lists
# the detectors. With only=missed: "DETECTOR KIND/broken_NAME" for each cell that
# is empty though the bug's file says that it is not.

BEGIN { FS = ","; OFS = ""; detectors = split(order, detector, " ") }

FNR == 1 { file++; header = file > 1 }
header { header = 0; next }

# the heads: harness/check/canary/KIND/NAME.c: * Caught by: laws, stress
file == 1 {
	line = $0
	match(line, /\.c:/)
	path = substr(line, 1, RSTART - 1)
	text = substr(line, RSTART + 3)
	n = split(path, part, "/")
	id = part[n - 1] "/broken_" part[n]
	sub(/^ \* /, "", text)
	key = text
	sub(/:.*/, "", key)
	sub(/^[^:]*: */, "", text)
	if (key == "Bug") bug[id] = text
	if (key == "Caught by") must[id] = text
	if (key == "Weak only") weak[id] = text
	if (key == "Explored by" && text !~ /^none/) must_explore[id] = 1
	if (key == "Caught by" && text == "explore") apart[id] = 1
	next
}

{
	id = $1 "/" $2
	caught = $4 != "passed" && $4 != "skipped"
}

file == 2 {
	if (!(id in seen)) { seen[id] = 1; row[++rows] = id }
	if ($4 == "skipped") cell[id, $3] = "n.a."
	else if (!caught) cell[id, $3] = "."
	else {
		cell[id, $3] = sprintf("%d / %.1f", $8, $9)
		if ($3 == "explore") explored[id] = 1
		else by[id]++
		total[$3]++
	}
}

file > 2 {
	checked[file]++
	runs[file] += $8
	if (caught) alarm[++alarms] = sprintf("%s %s: %s (%s)", id, $3, $10, $4)
}

# does the file say that detector d catches it?
function promised(id, d) {
	if (d == "explore") return id in must_explore
	return must[id] == "all" || (", " must[id] ",") ~ (", " d ",")
}

function missed(id, d) { return cell[id, d] == "." && promised(id, d) }

function print_missed(	r, d) {
	for (r = 1; r <= rows; r++)
		for (d = 1; d <= detectors; d++)
			if (missed(row[r], detector[d])) print detector[d], " ", row[r]
}

END {
	if (only == "missed") { print_missed(); exit }
	line = "| bug |"
	rule = "|---|"
	for (d = 1; d <= detectors; d++) {
		line = line " " detector[d] " |"
		rule = rule "---|"
	}
	print "Caught after so many runs / seconds; `.` missed; `**missed**`: its file says that it is caught.\n"
	print line
	print rule
	for (r = 1; r <= rows; r++) {
		id = row[r]
		name = id
		sub(/broken_/, "", name)
		line = "| " name (id in weak ? " (weak memory only)" : "") " |"
		for (d = 1; d <= detectors; d++) {
			c = cell[id, detector[d]]
			if (missed(id, detector[d])) { c = "**missed**"; broken_promises++ }
			line = line " " c " |"
		}
		print line
		published = bug[id] ~ /^pub-/
		explorations += published && explored[id]
		if (id in weak) { weaks += published; continue }
		if (id in apart && explored[id]) continue
		if (by[id]) hits += published
		else { misses++; missing = missing " " name }
		if (published) pubs++
	}
	line = "| caught |"
	for (d = 1; d <= detectors; d++) line = line " " total[detector[d]] + 0 " |"
	print line
	print ""
	print "published bugs: ", pubs + weaks, ": ", hits + 0, " caught, ", weaks + 0, " need weak memory, ", pubs - hits, " missed; the explorer has ", explorations + 0
	if (missing) print "not caught:", missing
	if (checked[3]) print "repaired twins: ", checked[3], " jobs, ", runs[3], " runs; real implementations: ", checked[4], " jobs, ", runs[4], " runs"
	print "false alarms: ", alarms + 0
	for (a = 1; a <= alarms; a++) print "  ", alarm[a]
	if (broken_promises) print "detectors that missed what they should catch: ", broken_promises
	exit misses || alarms || broken_promises
}
