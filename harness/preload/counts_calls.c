/* SPDX-License-Identifier: MIT */
#include "counts_calls.h"

#include "counts.h"
#include "settings.h"

#define COUNTED_CALLS(CALL)                                                    \
	MUTEX_CALLS(CALL)                                                      \
	COND_CALLS(CALL)                                                       \
	RWLOCK_CALLS(CALL)                                                     \
	SEMAPHORE_CALLS(CALL)                                                  \
	BARRIER_CALLS(CALL)                                                    \
	SPIN_CALLS(CALL)                                                       \
	ONCE_CALLS(CALL)

static struct calls behind;

/* A function of its own: a parameter of a call may be named count as well. */
static ALWAYS_INLINE void came(bool is_libc)
{
	count(is_libc ? COUNT_calls_libc : COUNT_calls);
}

#define COUNTED_CALL(result, name, parameters, arguments)                      \
	static result counted_##name parameters                                \
	{                                                                      \
		came(behind.name == libc.name);                                \
		return behind.name arguments;                                  \
	}
COUNTED_CALLS(COUNTED_CALL)

#define PUT(result, name, parameters, arguments) table->name = counted_##name;

void counts_calls_answer(struct calls *table)
{
	if (!settings.counts[0])
		return;
	behind = *table;
	COUNTED_CALLS(PUT)
}
