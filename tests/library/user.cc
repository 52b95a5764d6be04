// SPDX-License-Identifier: MIT
// A user's C++ program: everything is declared for C++, and a guard of the
// user's own goes round it.
#include <synclab.h>

#include <cstdio>
#include <thread>
#include <vector>

namespace
{

class Lock
{
      public:
	explicit Lock(sl_mutex *m) : mutex(m)
	{
		result = sl_mutex_lock(mutex, SL_FOREVER);
	}
	~Lock()
	{
		if (!result)
			sl_mutex_unlock(mutex);
	}
	Lock(const Lock &) = delete;
	Lock &operator=(const Lock &) = delete;
	int result;

      private:
	sl_mutex *mutex;
};

long count(const char *name)
{
	std::vector<std::thread> threads;
	sl_mutex *mutex = nullptr;
	long n = 0;

	if (sl_mutex_create(name, &mutex))
		return -1;
	for (int i = 0; i < 3; i++)
		threads.emplace_back([&] {
			for (int j = 0; j < 1000; j++) {
				Lock lock(mutex);
				n++;
			}
		});
	for (auto &t : threads)
		t.join();
	return sl_mutex_destroy(mutex) ? -1 : n;
}

} // namespace

int main()
{
	for (std::size_t i = 0; sl_implementation("mutex", i); i++)
		std::printf("%s %ld\n", sl_implementation("mutex", i),
			    count(sl_implementation("mutex", i)));
	return 0;
}
