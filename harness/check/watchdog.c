/* SPDX-License-Identifier: MIT */
#include "watchdog.h"

#include <pthread.h>
#include <time.h>

#include "trial.h"

static unsigned limit;

static void *watch(void *unused)
{
	if (perturb_available())
		perturb_exempt();
	nanosleep(&(struct timespec){ .tv_sec = limit }, NULL);
	watchdog_report();
	trial_hung("not done after %u s", limit);
	return unused;
}

void watchdog_start(unsigned limit_s)
{
	pthread_t thread;

	limit = limit_s;
	if (pthread_create(&thread, NULL, watch, NULL) == 0)
		pthread_detach(thread);
}

bool watchdog_still(void)
{
	return false;
}

void watchdog_exempt(void)
{
}

void watchdog_poll(bool polls)
{
	(void)polls;
}

void watchdog_object(const char *name, const void *object, size_t size)
{
	(void)name, (void)object, (void)size;
}

void watchdog_forget(const void *object)
{
	(void)object;
}

void watchdog_report(void)
{
}
