/* SPDX-License-Identifier: MIT */
/*
 * A future of the library: one of the implementation's, with any number of
 * callbacks instead of one, kept by whoever submitted it and by the executor.
 */
#ifndef FUTURE_H
#define FUTURE_H

#include "../../primitives/executor.h"
#include "library.h"

struct callback {
	struct callback *next; /* the one that came before */
	sl_callback *function;
	void *argument;
};

struct sl_future {
	const struct executor_impl *impl;
	void *future;
	const sl_executor *executor; /* only its address, for a task */
	sl_task *task;
	void *argument;
	OWN_LINE _Atomic unsigned keepers;  /* 2, 1, and then it is freed */
	struct callback *_Atomic callbacks; /* or ended */
};

/* To be submitted; NULL: no memory. */
sl_future *future_make(const struct executor_impl *impl);
/* It has been: see to its end. */
void future_submitted(sl_future *f);
/* One keeper less. */
void future_drop(sl_future *f);

#endif
