/* SPDX-License-Identifier: MIT */
#include "monitor.h"

int monitor_init(struct monitor *m, enum family family)
{
	static const char *const names[] = {
		[OTHER] = SL_DEFAULT,
		[FUTEX] = "futex",
		[SPIN] = "spin",
		[PTHREAD] = "pthread",
	};
	int r = sl_mutex_create(names[family], &m->mutex);

	for (int i = 0; !r && i < MONITOR_CONDS; i++)
		r = sl_cond_create(names[family], m->mutex, &m->conds[i]);
	if (r)
		monitor_free(m);
	return r;
}

void monitor_free(struct monitor *m)
{
	for (int i = 0; i < MONITOR_CONDS; i++)
		sl_cond_destroy(m->conds[i]);
	sl_mutex_destroy(m->mutex);
}
