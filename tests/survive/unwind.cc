/* SPDX-License-Identifier: MIT */
/*
 * A cancelled thread unwinds its C++ frames: through a wait, with the mutex
 * held, past a catch that throws on, and through call_once.
 *
 * Prints: unwound
 */
#include "survive.h"

#include <condition_variable>
#include <mutex>

static std::mutex mutex;
static std::condition_variable condition;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int destroyed, caught;
static bool may_end;

struct counted {
	~counted()
	{
		destroyed++;
	}
};

static void *wait_for_ever(void *)
{
	std::unique_lock<std::mutex> held(mutex);
	counted c;

	try {
		for (;;)
			pthread_cond_wait(condition.native_handle(),
					  mutex.native_handle());
	} catch (...) {
		CHECK(held.owns_lock());
		caught++;
		throw;
	}
}

static void routine()
{
	std::unique_lock<std::mutex> held(mutex);

	while (!may_end)
		pthread_cond_wait(condition.native_handle(),
				  mutex.native_handle());
}

static void *wait_in_once(void *)
{
	pthread_once(&once, routine);
	return nullptr;
}

static void cancel(pthread_t t)
{
	sleep_ms(2);
	CHECK(!pthread_cancel(t));
	CHECK(join(t) == PTHREAD_CANCELED);
	CHECK(mutex.try_lock());
	mutex.unlock();
}

int main()
{
	for (int i = 0; i < 20; i++)
		cancel(start(wait_for_ever, nullptr));
	CHECK(destroyed == caught);
	cancel(start(wait_in_once, nullptr));
	may_end = true;
	CHECK(!pthread_once(&once, routine));
	puts("unwound");
}
