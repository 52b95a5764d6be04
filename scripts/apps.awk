# SPDX-License-Identifier: MIT
#
# The table of a campaign of applications, in markdown.
#
#	awk -f scripts/apps.awk -v title=TEXT [-v inverse=1] raw.csv ratios.csv
#
# raw.csv gives the units; ratios.csv (synclab ratios) the figures. A ratio is
# bold where its interval excludes 1, and without an interval where there are too
# few blocks for one. inverse: cost over cost, less is better.
BEGIN { FS = "," }

FNR == 1 { file++; delete column; for (i = 1; i <= NF; i++) column[$i] = i; next }

file == 1 && $column["unit"] != "" { unit[$column["app"]] = $column["unit"] }

file == 2 {
	app = $column["app"]
	implementation = $column["implementation"]
	if (!(app in base)) apps[++n_apps] = app
	if (!(implementation in seen)) { seen[implementation] = 1; names[++n_names] = implementation }
	base[app] = $column["base_median"]
	cell[app, implementation] = text()
}

# awk has no order of its own
function sort(list, n,    i, j, kept) {
	for (i = 2; i <= n; i++) {
		kept = list[i]
		for (j = i - 1; j > 0 && rank(list[j]) > rank(kept); j--)
			list[j + 1] = list[j]
		list[j + 1] = kept
	}
}

# twin and families first
function rank(name) {
	if (name == "plain.twin") return "0"
	if (name == "pthread") return "1"
	if (name == "futex") return "2"
	if (name == "spin") return "3"
	return "4" name
}

function digits(x) {
	return x == "inf" || x == "-inf" ? "∞" : x < 0.1 ? sprintf("%.3f", x) : sprintf("%.2f", x)
}

function amount(x) {
	return x >= 1e6 ? sprintf("%.2f M ", x / 1e6) : x >= 1e4 ? sprintf("%.0f k ", x / 1e3) : sprintf("%.3g ", x)
}

function text(    low, high, value, lost, s) {
	value = $column["ratio"]
	low = $column["ratio_low"]
	high = $column["ratio_high"]
	lost = $column["timed_out"] + $column["failed"]
	if ($column["valid"] == 0)
		return $column["timed_out"] ? "out of time" : "failed"
	if (inverse) {
		value = 1 / value
		s = low
		low = high == "inf" ? 0 : 1 / high
		high = s == 0 ? "inf" : 1 / s
	}
	s = digits(value)
	if ($column["verdict"] != "not resolved") s = "**" s "**"
	if (low > 0 || high != "inf") s = s sprintf(" [%s, %s]", digits(low), digits(high))
	if (lost) s = s sprintf(" (%d lost)", lost)
	return s
}

END {
	sort(apps, n_apps)
	sort(names, n_names)
	printf "%s:\n\n| app | plain |", title
	for (i = 1; i <= n_names; i++) printf " %s |", names[i]
	printf "\n|---|---|"
	for (i = 1; i <= n_names; i++) printf "---|"
	print ""
	for (a = 1; a <= n_apps; a++) {
		app = apps[a]
		printf "| %s | %s%s |", app, amount(base[app]), inverse ? "s" : unit[app]
		for (i = 1; i <= n_names; i++) printf " %s |", cell[app, names[i]]
		print ""
	}
	print ""
}
