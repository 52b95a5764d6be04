/* SPDX-License-Identifier: MIT */
#include "fork.h"

#include "calls.h"
#include "counts.h"
#include "kinds.h"
#include "latch.h"
#include "place.h"
#include "profile/profile.h"
#include "slab.h"
#include "wait.h"

uint32_t generation;

static struct latch renewing;

extern void *__dso_handle __attribute__((visibility("hidden")));

COLD void fork_renew(_Atomic uint32_t *of, void (*renew)(void *object),
		     void *object)
{
	latch_close(&renewing);
	if (is_stale(of)) {
		renew(object);
		count(COUNT_renewed);
		/* [B] */
		atomic_store_explicit(of, generation, memory_order_release);
	}
	latch_open(&renewing);
}

static void prepare(void)
{
	/* in the order in which they are taken */
	latch_close(&renewing);
	places_close();
	spins_close();
	profile_before_fork();
	slabs_close();
}

static void in_parent(void)
{
	slabs_open();
	profile_in_parent();
	spins_open();
	places_open();
	latch_open(&renewing);
}

static void in_child(void)
{
	generation++;
	counts_forget();
	wait_forget_others();
	once_forget_others();
	in_parent();
	profile_in_child();
}

void fork_start(void)
{
	static bool registered;

	if (registered)
		return;
	registered = true;
	libc.__register_atfork(prepare, in_parent, in_child, &__dso_handle);
}

int fork_register(void (*prepare_)(void), void (*parent)(void),
		  void (*child)(void), void *object)
{
	fork_start();
	return libc.__register_atfork(prepare_, parent, child, object);
}
