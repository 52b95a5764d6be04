/* SPDX-License-Identifier: MIT */
#include "gbench.h"

#include <benchmark/benchmark.h>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace
{

using benchmark::BenchmarkReporter;

/* What the flags ask for; an empty file: none. */
std::string out_file, out_format = "json";

class Silent : public BenchmarkReporter
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

/* Hands runs on with the CPU time of the window instead of the replay's. */
class WithCpu : public BenchmarkReporter
{
      public:
	explicit WithCpu(BenchmarkReporter *reporter) : reporter_(reporter)
	{
	}
	bool ReportContext(const Context &context) override
	{
		reporter_->SetOutputStream(&GetOutputStream());
		reporter_->SetErrorStream(&GetErrorStream());
		return reporter_->ReportContext(context);
	}
	void ReportRuns(const std::vector<Run> &runs) override
	{
		std::vector<Run> copy = runs;

		for (Run &run : copy) {
			auto cpu = run.counters.find("cpu_ns_per_op");

			if (cpu != run.counters.end())
				run.cpu_accumulated_time =
					cpu->second.value * 1e-9 *
					static_cast<double>(run.iterations);
		}
		reporter_->ReportRuns(copy);
	}
	void Finalize() override
	{
		reporter_->Finalize();
	}

      private:
	std::unique_ptr<BenchmarkReporter> reporter_;
};

/* The reporter of --benchmark_out_format. */
BenchmarkReporter *file_reporter()
{
	if (out_format == "console")
		return new benchmark::ConsoleReporter(
			benchmark::ConsoleReporter::OO_None);
	if (out_format == "csv") {
/* since 2018, and still the only CSV that there is */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
		return new benchmark::CSVReporter;
#pragma GCC diagnostic pop
	}
	return new benchmark::JSONReporter;
}

void replay(benchmark::State &state, const gbench_figures &f)
{
	auto counter = [&state](const char *name, double value) {
		if (!std::isnan(value))
			state.counters[name] = value;
	};

	for (auto _ : state)
		state.SetIterationTime(f.window_s / f.ops);
	counter("ops_per_s", f.ops_per_s);
	counter("cpu_ns_per_op", f.cpu_ns_per_op);
	counter("jain", f.jain);
	counter("min_share", f.min_share);
	counter("p99_ns", f.p99_ns);
}

/* The value of --benchmark_NAME=VALUE, or NULL. */
const char *value_of(const char *argument, const char *name)
{
	size_t n = strlen(name);

	return strncmp(argument, name, n) == 0 && argument[n] == '='
		       ? argument + n + 1
		       : nullptr;
}

} // namespace

void gbench_add(const char *path, const struct gbench_figures *figures)
{
	benchmark::RegisterBenchmark(path, replay, *figures)
		->Iterations(1)
		->UseManualTime();
}

bool gbench_flags(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (const char *file = value_of(argv[i], "--benchmark_out"))
			out_file = file;
		if (const char *format =
			    value_of(argv[i], "--benchmark_out_format"))
			out_format = format;
		if (value_of(argv[i], "--benchmark_repetitions")) {
			fprintf(stderr,
				"synclab: %s would report the same "
				"windows again: use --repetitions=N\n",
				argv[i]);
			return false;
		}
	}
	benchmark::Initialize(&argc, argv);
	return !benchmark::ReportUnrecognizedArguments(argc, argv);
}

void gbench_run(bool quiet)
{
	std::unique_ptr<BenchmarkReporter> console, file;

	if (quiet)
		console.reset(new Silent);
	else
		console.reset(
			new WithCpu(benchmark::CreateDefaultDisplayReporter()));
	if (!out_file.empty())
		file.reset(new WithCpu(file_reporter()));
	benchmark::RunSpecifiedBenchmarks(console.get(), file.get());
	benchmark::Shutdown();
}
