/* SPDX-License-Identifier: MIT */
#include "start.h"

#include "chosen.h"
#include "counts.h"
#include "counts_calls.h"
#include "fork.h"
#include "imports.h"
#include "kinds.h"
#include "latch.h"
#include "node.h"
#include "profile/profile.h"
#include "settings.h"
#include "wait.h"

static void settle(void)
{
	struct calls table = libc;

	settings_read();
	chosen_find();
	mutex_answer(&table);
	cond_answer(&table);
	rwlock_answer(&table);
	semaphore_answer(&table);
	barrier_answer(&table);
	spin_answer(&table);
	once_answer(&table);
	table.pthread_cancel = wait_cancel;
	table.__register_atfork = fork_register;
	below = table;
	profile_answer(&table);
	counts_calls_answer(&table);
	answers = table;
}

/*
 * relaxed, and a latch that is closed once: other threads may be there already
 * only if a constructor has started them and nobody has used a lock for that.
 * What our own start calls in turn (a malloc that locks) gets the C library's.
 */
const struct calls *start_calls(void)
{
	static struct latch latch;
	static _Atomic bool started;
	static _Thread_local bool starting
		__attribute__((tls_model("initial-exec")));

	if (starting)
		return &libc;
	latch_close(&latch);
	if (!atomic_load_explicit(&started, memory_order_relaxed)) {
		starting = true;
		libc_find();
		settle();
		starting = false;
		atomic_store_explicit(&started, true, memory_order_relaxed);
	}
	latch_open(&latch);
	return &answers;
}

/* What needs the C library to be ready. */
__attribute__((constructor)) static void construct(void)
{
	start_calls();
	fork_start();
	node_start();
	imports_check();
	profile_start();
	if (settings.alone)
		settings_leave_alone();
}

__attribute__((destructor)) static void end(void)
{
	profile_end();
	if (settings.counts[0])
		counts_write();
}
