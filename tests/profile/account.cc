// SPDX-License-Identifier: MIT
// A mutex that is never initialised by a call, locked by a function that is
// inlined from a header.
#include <mutex>

class Account
{
	std::mutex mutex;
	long sum = 0;

      public:
	__attribute__((noinline)) void deposit(long n)
	{
		std::lock_guard<std::mutex> hold(mutex);
		sum += n;
	}
};

static Account savings;

int main()
{
	for (int i = 0; i < 100; i++)
		savings.deposit(i);
}
