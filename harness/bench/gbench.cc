/* SPDX-License-Identifier: MIT */
#include "gbench.h"

#include <benchmark/benchmark.h>

namespace
{

/* Errors and figures are ours to print. */
class Silent : public benchmark::BenchmarkReporter
{
      public:
	bool ReportContext(const Context &) override
	{
		return true;
	}
	void ReportRuns(const std::vector<Run> &) override
	{
	}
};

void iterate(benchmark::State &state, gbench_window *window, void *context)
{
	gbench_figures f = {};

	for (auto _ : state) {
		const char *why = window(context, &f);

		if (why) {
			state.SkipWithError(why);
			break;
		}
		/* Time is per operation. State::threads() is always 1: since
		 * 1.9.0 Time is no longer divided by it, before it was (F20) */
		state.SetIterationTime(f.ns_per_op * 1e-9);
	}
	state.counters["ops_per_s"] = f.ops_per_s;
	state.counters["cpu_ns_per_op"] = f.cpu_ns_per_op;
	state.counters["jain"] = f.jain;
	state.counters["min_share"] = f.min_share;
}

} // namespace

void gbench_add(const char *path, gbench_window *window, void *context)
{
	benchmark::RegisterBenchmark(path, iterate, window, context)
		->Iterations(1)
		->UseManualTime();
}

bool gbench_run(int argc, char **argv, bool quiet)
{
	Silent silent;

	benchmark::Initialize(&argc, argv);
	if (benchmark::ReportUnrecognizedArguments(argc, argv))
		return false;
	if (quiet)
		benchmark::RunSpecifiedBenchmarks(&silent);
	else
		benchmark::RunSpecifiedBenchmarks();
	benchmark::Shutdown();
	return true;
}
