/* SPDX-License-Identifier: MIT */
#include "watchdog.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "../../../primitives/sync.h"
#include "../stressor/stressors.h"
#include "report.h"
#include "stillness.h"
#include "trial.h"

/* How long nothing must have moved. One moment would do, were it not for
 * pollers that read a clock. */
enum { LOOK_EVERY_MS = 20, STILL_FOR_MS = 1000 };

static unsigned limit;
static sem_t begun;

static _Noreturn void end_still(void)
{
	char what[300];

	report_summary(what, sizeof(what));
	watchdog_report();
	trial_hung("nothing can move: %s", what);
}

/* Signals make sleepers look up; what they wait for must not change. */
static bool moved(const struct sight *first, const struct sight *now)
{
	const struct settings *s = trial_settings();

	if (s && s->stressors & STRESS_SIGNALS)
		return !sight_alike(first, now);
	return !sight_same(first, now);
}

/* The time at which the stillness began that lasts until now. */
static uint64_t still_since(void)
{
	static uint64_t since = UINT64_MAX;
	static struct sight first, now, again;

	if (!sight_take(&now) || !sight_take(&again) ||
	    !sight_same(&now, &again))
		return since = UINT64_MAX;
	if (since == UINT64_MAX || moved(&first, &now)) {
		first = now;
		since = now_ns();
	}
	/* pollers have to have asked since */
	return sight_asked(&first, &now) ? since : UINT64_MAX;
}

static void *watch(void *unused)
{
	uint64_t end = deadline_in(limit * NS_PER_S);

	if (perturb_available())
		perturb_exempt();
	exempt_present();
	sem_post(&begun);
	while (!deadline_passed(end)) {
		uint64_t since;

		nanosleep(&(struct timespec){ .tv_nsec = LOOK_EVERY_MS *
							 NS_PER_MS },
			  NULL);
		since = still_since();
		if (since != UINT64_MAX &&
		    now_ns() - since > STILL_FOR_MS * NS_PER_MS)
			end_still();
	}
	watchdog_report();
	trial_hung("not done after %u s", limit);
	return unused;
}

void watchdog_start(unsigned limit_s)
{
	pthread_t thread;

	limit = limit_s;
	sem_init(&begun, 0, 0);
	if (pthread_create(&thread, NULL, watch, NULL))
		return;
	pthread_detach(thread);
	/* what it finds at its start is not the trial's */
	while (sem_wait(&begun) && errno == EINTR)
		;
}
