/* SPDX-License-Identifier: MIT */
/*
 * A million mutexes and other objects that begin and are never destroyed, on
 * the stack and on the heap: std::mutex has no destructor that calls anything.
 *
 * Prints: no memory is lost
 */
#include "survive.h"

#include <memory>
#include <mutex>
#include <shared_mutex>

static long sum;

static __attribute__((noinline)) void on_stack(int depth)
{
	volatile char elsewhere[64 * 8] = { 0 };
	std::mutex m;
	std::recursive_mutex r;

	(void)elsewhere;
	std::lock_guard<std::mutex> a(m);
	std::lock_guard<std::recursive_mutex> b(r);
	sum++;
	if (depth)
		on_stack(depth - 1);
}

static void on_heap(int n)
{
	struct object {
		char padding[40];
		std::mutex mutex;
		std::shared_mutex shared;
		pthread_spinlock_t spin;
	};

	for (int i = 0; i < n; i++) {
		auto some = std::make_unique<object[]>(1 + i % 4);
		std::lock_guard<std::mutex> a(some[i % 4 / 2].mutex);
		std::lock_guard<std::shared_mutex> b(some[0].shared);
		/* nor do many destroy a spinlock, which does nothing */
		pthread_spin_init(&some[0].spin, 0);
		pthread_spin_lock(&some[0].spin);
		sum++;
		pthread_spin_unlock(&some[0].spin);
	}
}

int main()
{
	long before;

	on_stack(9);
	on_heap(1000);
	before = resident_kib();
	for (int i = 0; i < 40000; i++)
		on_stack(9);
	on_heap(100000);
	CHECK(sum == 10 + 1000 + 400000 + 100000);
	if (resident_kib() - before > 2048) {
		fprintf(stderr, "%ld KiB more\n", resident_kib() - before);
		return 1;
	}
	puts("no memory is lost");
}
