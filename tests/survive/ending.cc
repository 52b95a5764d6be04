/* SPDX-License-Identifier: MIT */
/*
 * exit() while other threads hold, wait and hammer; handlers at exit that lock,
 * and a static object whose destructor does so after the interposer's own has
 * run.
 *
 * Prints: the end
 */
#include "survive.h"

#include <condition_variable>
#include <mutex>
#include <semaphore.h>
#include <thread>

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t lonely;
static sem_t none;

struct last {
	std::mutex mutex;
	std::recursive_mutex recursive;
	std::condition_variable condition;
	~last()
	{
		std::unique_lock<std::mutex> a(mutex);
		std::lock_guard<std::recursive_mutex> b(recursive);
		condition.wait_for(a, std::chrono::milliseconds(2));
		condition.notify_all();
		if (write(1, "the end\n", 8) < 0)
			_exit(1);
	}
};

static last it;

static void *hold(void *there)
{
	pthread_mutex_lock(&held);
	sem_post((sem_t *)there);
	for (;;)
		pause();
}

static void *want(void *)
{
	pthread_mutex_lock(&held);
	return nullptr;
}

static void *hammer(void *)
{
	for (;;) {
		std::lock_guard<std::mutex> a(it.mutex);
		it.condition.notify_one();
	}
}

static void *wait_at(void *which)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&m);
	if (which == &never)
		pthread_cond_wait(&never, &m);
	else if (which == &none)
		sem_wait(&none);
	else
		pthread_barrier_wait(&lonely);
	return nullptr;
}

static void at_exit()
{
	std::lock_guard<std::mutex> a(it.mutex);
	std::thread([] {
		std::lock_guard<std::recursive_mutex> b(it.recursive);
	}).join();
}

int main()
{
	sem_t there;

	sem_init(&there, 0, 0);
	sem_init(&none, 0, 0);
	pthread_barrier_init(&lonely, nullptr, 2);
	start(hold, &there);
	sem_wait(&there);
	for (int i = 0; i < 2; i++) {
		start(want, nullptr);
		start(wait_at, &never);
		start(wait_at, &none);
	}
	start(wait_at, &lonely);
	start(hammer, nullptr);
	atexit(at_exit);
	at_quick_exit(at_exit);
	sleep_ms(2);
	exit(0);
}
