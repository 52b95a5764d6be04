/* SPDX-License-Identifier: MIT */
/*
 * What C++ makes of pthreads: mutexes that no call initialises, conditions with
 * any lock, clocks, and a call_once whose function throws.
 *
 * Prints: C++ got what it paid for
 */
#include "survive.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

static std::mutex mutex;
static std::recursive_mutex recursive;
static std::timed_mutex timed;
static std::recursive_timed_mutex recursive_timed;
static std::shared_mutex shared;
static std::shared_timed_mutex shared_timed;
static std::condition_variable condition;
static std::condition_variable_any any;
static std::once_flag flag;
static int sum, turns, calls;

template <class Lock> static void count(Lock &lock)
{
	std::vector<std::thread> threads;
	const int before = sum, n = rounds() / 4;

	for (int i = 0; i < 4; i++)
		threads.emplace_back([&] {
			for (int k = 0; k < n; k++) {
				std::lock_guard<Lock> held(lock);
				sum++;
			}
		});
	for (auto &t : threads)
		t.join();
	CHECK(sum == before + 4 * n);
}

template <class Lock> static void times_out(Lock &lock)
{
	std::lock_guard<Lock> held(lock);

	std::thread([&] {
		CHECK(!lock.try_lock_for(3ms));
		CHECK(!lock.try_lock_until(std::chrono::system_clock::now() +
					   3ms));
		CHECK(!lock.try_lock());
	}).join();
}

/* Two threads take turns. */
template <class Lock, class Condition>
static void ping(Lock &lock, Condition &c)
{
	auto play = [&](int who) {
		std::unique_lock<Lock> held(lock);
		for (int i = 0; i < 20; i++) {
			c.wait(held, [&] { return turns % 2 == who; });
			turns++;
			c.notify_all();
		}
	};
	turns = 0;
	std::thread other(play, 1);
	play(0);
	other.join();
	CHECK(turns == 40);
	std::unique_lock<Lock> held(lock);
	CHECK(c.wait_for(held, 3ms) == std::cv_status::timeout);
	CHECK(!c.wait_until(held, std::chrono::system_clock::now() + 3ms,
			    [] { return false; }));
}

static void throws_twice()
{
	if (++calls < 3)
		throw calls;
}

static void once()
{
	std::vector<std::thread> threads;
	std::atomic<int> caught{ 0 };

	for (int i = 0; i < 4; i++)
		threads.emplace_back([&] {
			for (int k = 0; k < 3; k++)
				try {
					std::call_once(flag, throws_twice);
				} catch (int) {
					caught++;
				}
		});
	for (auto &t : threads)
		t.join();
	CHECK(calls == 3 && caught == 2);
}

int main()
{
	count(mutex);
	count(recursive);
	count(timed);
	count(recursive_timed);
	count(shared);
	count(shared_timed);
	times_out(timed);
	times_out(recursive_timed);
	times_out(shared_timed);
	ping(mutex, condition);
	ping(mutex, any);
	ping(recursive, any);
	ping(shared, any);
	std::thread([] {
		std::shared_lock<std::shared_mutex> one(shared);
		std::thread([] { CHECK(!shared.try_lock()); }).join();
		std::shared_lock<std::shared_mutex> two(shared);
	}).join();
	once();
	puts("C++ got what it paid for");
}
