/* SPDX-License-Identifier: MIT */
#include "../../scenarios/_gbench.h"

#include <benchmark/benchmark.h>
#include <chrono>
#include <thread>
#include <vector>

namespace
{

using clock = std::chrono::steady_clock;
using nanoseconds = std::chrono::duration<double, std::nano>;

/* Keeps the Time that would be printed. */
class Capture : public benchmark::BenchmarkReporter
{
      public:
	double time_ns = 0;

	bool ReportContext(const Context &) override
	{
		return true;
	}
	void ReportRuns(const std::vector<Run> &runs) override
	{
		for (const Run &run : runs)
			time_ns = run.GetAdjustedRealTime();
	}
};

void body(benchmark::State &state, const gbench_loop *loop, double *wall_ns)
{
	const auto thread = static_cast<unsigned>(state.thread_index());
	clock::time_point start;
	bool started = false;

	for (auto _ : state) {
		if (!started) { /* all threads are there */
			start = clock::now();
			started = true;
		}
		loop->turn(loop->context, thread);
	}
	/* the loop ends for all at once, after the last one's last turn */
	if (thread == 0)
		*wall_ns = nanoseconds(clock::now() - start).count() /
			   static_cast<double>(loop->iterations);
}

/* What was asked of a campaign (BENCHMARK_OUT in the environment) is no
 * business of this run. */
void forget_flags()
{
	char name[] = "", out[] = "--benchmark_out=",
	     list[] = "--benchmark_list_tests=false";
	char *argv[] = { name, out, list, nullptr };
	int argc = 3;

	benchmark::Initialize(&argc, argv);
}

constexpr auto NAP = std::chrono::milliseconds(10);

void nap(void *, unsigned)
{
	std::this_thread::sleep_for(NAP);
}

} // namespace

struct gbench_times gbench_time(const struct gbench_loop *loop)
{
	gbench_times times = {};
	Capture capture;

	forget_flags();
	benchmark::ClearRegisteredBenchmarks();
	benchmark::RegisterBenchmark("loop", body, loop, &times.wall_ns)
		->Threads(static_cast<int>(loop->threads))
		->Iterations(static_cast<benchmark::IterationCount>(
			loop->iterations))
		->Unit(benchmark::kNanosecond)
		->UseRealTime();
	benchmark::RunSpecifiedBenchmarks(&capture, "all");
	times.reported_ns = capture.time_ns;
	return times;
}

bool gbench_divides(void)
{
	const gbench_loop two_sleep = { 2, 1, nap, nullptr };

	/* A sleep may take longer, as a divided one that reads like a whole
	 * one, but never less. */
	for (int i = 0; i < 5; i++)
		if (gbench_time(&two_sleep).reported_ns <
		    nanoseconds(NAP).count())
			return true;
	return false;
}
