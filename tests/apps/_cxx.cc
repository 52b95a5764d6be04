// SPDX-License-Identifier: MIT
//
//	program N
//
// Prints what came out; tests/apps/cxx knows what ought to.
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <future>
#include <iostream>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace
{

using namespace std::chrono_literals;

int n;

void together(int count, const std::function<void(int)> &work)
{
	std::vector<std::thread> threads;

	for (int i = 0; i < count; i++)
		threads.emplace_back(work, i);
	for (std::thread &t : threads)
		t.join();
}

// Four threads add to what the mutex protects.
template <typename Mutex> long add(int turns)
{
	Mutex mutex;
	long total = 0;

	together(4, [&](int) {
		for (int i = 0; i < turns; i++) {
			std::lock_guard<Mutex> hold(mutex);
			total++;
		}
	});
	return total;
}

long add_nested()
{
	std::recursive_mutex mutex;
	long total = 0;

	together(4, [&](int) {
		for (int i = 0; i < n; i++) {
			std::scoped_lock outer(mutex);
			std::scoped_lock inner(mutex);
			total++;
		}
	});
	return total;
}

// 1: somebody else's lock was waited for as long as asked, and in vain.
template <typename Mutex> int time_out()
{
	Mutex mutex;
	int result = 0;
	std::lock_guard<Mutex> hold(mutex);

	together(1, [&](int) {
		auto start = std::chrono::steady_clock::now();
		bool mine = mutex.try_lock_for(20ms);

		if (mine)
			mutex.unlock();
		result = !mine &&
			 std::chrono::steady_clock::now() - start >= 20ms;
	});
	return result;
}

// Two threads take turns.
template <typename Condition> long turns(int count)
{
	std::mutex mutex;
	Condition changed;
	long done = 0;

	together(2, [&](int me) {
		for (int i = 0; i < count / 2; i++) {
			std::unique_lock<std::mutex> hold(mutex);

			changed.wait(hold, [&] { return done % 2 == me; });
			done++;
			changed.notify_one();
		}
	});
	return done;
}

int condition_time_out()
{
	std::mutex mutex;
	std::condition_variable_any nothing;
	std::unique_lock<std::mutex> hold(mutex);
	auto start = std::chrono::steady_clock::now();

	return !nothing.wait_for(hold, 20ms, [] { return false; }) &&
	       hold.owns_lock() &&
	       std::chrono::steady_clock::now() - start >= 20ms;
}

// Each flag is tried by four threads; the first attempt throws.
void once()
{
	std::vector<std::once_flag> flags((size_t)n / 100);
	std::vector<int> tries(flags.size()), calls(flags.size());
	std::mutex mutex;
	long called = 0, thrown = 0;

	together(4, [&](int) {
		for (size_t i = 0; i < flags.size();) {
			try {
				std::call_once(flags[i], [&] {
					if (tries[i]++ == 0)
						throw std::runtime_error("");
					calls[i]++;
				});
				i++;
			} catch (const std::runtime_error &) {
				std::lock_guard<std::mutex> hold(mutex);
				thrown++;
			}
		}
	});
	for (int c : calls)
		called += c;
	std::cout << "call_once " << called << " after " << thrown
		  << " exceptions\n";
}

// Two write, two read a pair that is always equal between writes.
template <typename Mutex> long read_and_write(int count, long &torn)
{
	Mutex mutex;
	long a = 0, b = 0;
	std::mutex sum;

	torn = 0;
	together(4, [&](int me) {
		long seen_torn = 0;

		for (int i = 0; i < count / 2; i++) {
			if (me % 2) {
				std::unique_lock<Mutex> hold(mutex);
				a++;
				b++;
			} else {
				std::shared_lock<Mutex> hold(mutex);
				seen_torn += a != b;
			}
		}
		std::lock_guard<std::mutex> hold(sum);
		torn += seen_torn;
	});
	return a;
}

long futures()
{
	std::vector<std::future<long>> all;
	long sum = 0;

	for (long i = 0; i < n / 100; i++)
		all.push_back(std::async(i % 8 ? std::launch::deferred
					       : std::launch::async,
					 [i] { return i; }));
	for (std::future<long> &f : all)
		sum += f.get();
	return sum;
}

} // namespace

int main(int argc, char **argv)
{
	long torn;

	n = argc == 2 ? atoi(argv[1]) : 0;
	if (n < 100)
		return 2;
	std::cout << "mutex " << add<std::mutex>(n) << "\n";
	std::cout << "recursive_mutex " << add_nested() << "\n";
	std::cout << "timed_mutex " << add<std::timed_mutex>(n / 10) << ", "
		  << time_out<std::timed_mutex>() << " timeout\n";
	std::cout << "condition_variable " << turns<std::condition_variable>(n)
		  << "\n";
	std::cout << "condition_variable_any "
		  << turns<std::condition_variable_any>(n / 10) << ", "
		  << condition_time_out() << " timeout\n";
	once();
	std::cout << "shared_mutex "
		  << read_and_write<std::shared_mutex>(n, torn);
	std::cout << ", " << torn << " torn reads\n";
	std::cout << "shared_timed_mutex "
		  << read_and_write<std::shared_timed_mutex>(n / 10, torn)
		  << ", " << time_out<std::shared_timed_mutex>()
		  << " timeout\n";
	std::cout << "future " << futures() << "\n";
}
