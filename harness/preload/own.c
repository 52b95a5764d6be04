/* SPDX-License-Identifier: MIT */
#include "own.h"

#include "counts.h"

_Thread_local uint32_t own_id;

COLD uint32_t own_new_id(void)
{
	static _Atomic uint32_t last;

	/* relaxed: that they differ is all */
	own_id = atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
	count(COUNT_threads);
	return own_id;
}
