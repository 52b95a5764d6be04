# SPDX-License-Identifier: MIT
#
# The table of `make explore` from the rows of `synclab explore --format=csv`:
# a line for each implementation, then what did not verify.
BEGIN { FS = "," }
function plain(text) { gsub(/"/, "", text); return text }
NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
{
	name = plain($column["program"])
	verdict = plain($column["verdict"])
	if (!(name in seen)) { seen[name] = 1; names[++n] = name }
	count[name, verdict]++
	total[verdict]++
	executions[name] += $column["executions"]
	duplicates[name] += $column["duplicates"]
	seconds[name] += $column["explored_s"]
	if (verdict != "VERIFIED" && verdict != "SKIP") {
		line = $0
		for (i = 1; i < column["violation"]; i++) sub(/^[^,]*,/, "", line)
		# kind and text of the violation; report, trace and command after them
		sub(/","[^"]*","[^"]*","[^"]*"$/, "", line)
		gsub(/","/, ": ", line)
		gsub(/"/, "", line)
		told[++m] = sprintf("%-11s %s %s: %s", verdict, name, plain($column["client"]), line)
		if (verdict == "BOUNDED")
			told[m] = sprintf("%-11s %s %s: after %d executions", verdict, name,
				plain($column["client"]), $column["executions"])
	}
}
END {
	printf "| implementation | verified | bounded | violation | unsupported | skipped | executions | seconds |\n"
	printf "|---|---|---|---|---|---|---|---|\n"
	for (i = 1; i <= n; i++) {
		x = names[i]
		printf "| %s | %d | %d | %d | %d | %d | %d | %.1f |\n", x, count[x, "VERIFIED"],
			count[x, "BOUNDED"], count[x, "VIOLATION"], count[x, "UNSUPPORTED"],
			count[x, "SKIP"], executions[x], seconds[x]
		if (duplicates[x]) told[++m] = sprintf("%-11s %s: %d", "DUPLICATES", x, duplicates[x])
	}
	print ""
	for (i = 1; i <= m; i++) print told[i]
	printf "%d verified, %d bounded, %d with a violation, %d unsupported, %d skipped\n", total["VERIFIED"],
		total["BOUNDED"], total["VIOLATION"], total["UNSUPPORTED"], total["SKIP"]
	exit total["VIOLATION"] + total["UNSUPPORTED"] > 0
}
