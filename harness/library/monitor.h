/* SPDX-License-Identifier: MIT */
/*
 * What the library builds itself is built over a mutex and conditions of the
 * same family as the implementation that was asked for.
 */
#ifndef MONITOR_H
#define MONITOR_H

#include "library.h"

enum { MONITOR_CONDS = 3 };

/* Zeroed, it may be freed. */
struct monitor {
	sl_mutex *mutex;
	sl_cond *conds[MONITOR_CONDS];
};

int monitor_init(struct monitor *m, enum family family);
void monitor_free(struct monitor *m);

/* The mutexes of the families need no memory, so this cannot fail. */
static inline void monitor_enter(struct monitor *m)
{
	sl_mutex_lock(m->mutex, SL_FOREVER);
}

static inline void monitor_leave(struct monitor *m)
{
	sl_mutex_unlock(m->mutex);
}

/* 0 or SL_TIMEOUT. */
static inline int monitor_wait(struct monitor *m, unsigned cond,
			       uint64_t deadline)
{
	uint64_t now = now_ns(), rest = deadline > now ? deadline - now : 0;

	return sl_cond_wait(m->conds[cond],
			    deadline == DEADLINE_NEVER ? SL_FOREVER : rest);
}

static inline void monitor_signal(struct monitor *m, unsigned cond, unsigned n)
{
	sl_cond_signal(m->conds[cond], n);
}

#endif
