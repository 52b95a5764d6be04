/* SPDX-License-Identifier: MIT */
/*
 * A ring whose length is tail minus head, the tail read first: when it comes to
 * the head, that has gone past, and the difference of an empty queue is 2^63.
 *
 * Bug:       queue-length-underflows
 * Source:    eclipse-iceoryx issue 2156 (2024), SpscFifo::size; Apollo issue
 *            15166 (2023), BoundedQueue::Size
 * Scenario:  one asks for the length while others put and get
 * Violation: a length that was never one, beyond the capacity
 */
#include "../canary.h"
#include "_turns.h"

static size_t length(void *queue)
{
#if BROKEN
	struct queue *q = queue;
	position tail = look(&q->tail);

	return (tail - look(&q->head)) / STEP;
#else
	return exact_length(queue);
#endif
}

REGISTER_TURNS("a length below zero", "eclipse-iceoryx issue 2156", length,
	       NULL);
