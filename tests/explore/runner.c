/* SPDX-License-Identifier: MIT */
/*
 * A litmus program as a C program to be explored: a thread for each column,
 * atomics of the compiler with constant orders, registers written to plain
 * memory and read by main after the joins. The text is in the variable LITMUS;
 * each complete execution adds its outcome to the tally that file descriptor
 * TALLY_FD maps, or, without one, prints it.
 *
 * Only what the program does is instrumented; who interprets it is not, so
 * that an execution's events are those of the text.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "runner.h"

#define UNSEEN	__attribute__((no_sanitize("thread"), noinline))
#define VISIBLE __attribute__((noinline))

static struct litmus program;
static struct tally *tally;
static int memory[LOCATIONS];
static int registers[THREADS][REGISTERS];

static VISIBLE int load(const int *x, int order)
{
	switch (order) {
	case __ATOMIC_RELAXED:
		return __atomic_load_n(x, __ATOMIC_RELAXED);
	case __ATOMIC_ACQUIRE:
		return __atomic_load_n(x, __ATOMIC_ACQUIRE);
	default:
		return __atomic_load_n(x, __ATOMIC_SEQ_CST);
	}
}

static VISIBLE void store(int *x, int value, int order)
{
	switch (order) {
	case __ATOMIC_RELAXED:
		__atomic_store_n(x, value, __ATOMIC_RELAXED);
		return;
	case __ATOMIC_RELEASE:
		__atomic_store_n(x, value, __ATOMIC_RELEASE);
		return;
	default:
		__atomic_store_n(x, value, __ATOMIC_SEQ_CST);
	}
}

#define IN_EACH_ORDER(order, call)                                             \
	switch (order) {                                                       \
	case __ATOMIC_RELAXED:                                                 \
		return call(__ATOMIC_RELAXED);                                 \
	case __ATOMIC_ACQUIRE:                                                 \
		return call(__ATOMIC_ACQUIRE);                                 \
	case __ATOMIC_RELEASE:                                                 \
		return call(__ATOMIC_RELEASE);                                 \
	case __ATOMIC_ACQ_REL:                                                 \
		return call(__ATOMIC_ACQ_REL);                                 \
	default:                                                               \
		return call(__ATOMIC_SEQ_CST);                                 \
	}

static VISIBLE int exchange(int *x, int value, int order)
{
#define CALL(o) __atomic_exchange_n(x, value, o)
	IN_EACH_ORDER(order, CALL)
#undef CALL
}

static VISIBLE int add(int *x, int value, int order)
{
#define CALL(o) __atomic_fetch_add(x, value, o)
	IN_EACH_ORDER(order, CALL)
#undef CALL
}

static VISIBLE int compare(int *x, int expected, int desired, int order,
			   int failed)
{
/* an order of failure that is stronger than that of success is none */
#define TRY(o, f)                                                              \
	(__atomic_compare_exchange_n(x, &expected, desired, 0, o,              \
				     (f) <= (o) ? (f) : __ATOMIC_RELAXED),     \
	 expected)
#define CALL(o)                                                                \
	(failed == __ATOMIC_RELAXED   ? TRY(o, __ATOMIC_RELAXED)               \
	 : failed == __ATOMIC_ACQUIRE ? TRY(o, __ATOMIC_ACQUIRE)               \
				      : TRY(o, __ATOMIC_SEQ_CST))
	IN_EACH_ORDER(order, CALL)
#undef CALL
}

static VISIBLE void fence(int order)
{
	switch (order) {
	case __ATOMIC_ACQUIRE:
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		return;
	case __ATOMIC_RELEASE:
		__atomic_thread_fence(__ATOMIC_RELEASE);
		return;
	case __ATOMIC_ACQ_REL:
		__atomic_thread_fence(__ATOMIC_ACQ_REL);
		return;
	default:
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	}
}

static VISIBLE void keep(int *to, int value)
{
	*to = value;
}

static VISIBLE int kept(const int *from)
{
	return *from;
}

static UNSEEN int turn(const struct instruction *i, int value, int expected)
{
	int *x = &memory[i->location];

	switch (i->kind) {
	case LOCK:
		return compare(x, expected, value, i->order, __ATOMIC_RELAXED);
	case TAS:
		return exchange(x, value, i->order);
	default:
		return load(x, i->order);
	}
}

/* One call: if the compiler peels a turn off the loop, its access is another
 * one to whoever looks for turns that are alike. */
static UNSEEN int spin(const struct instruction *i, int value, int expected)
{
	int now;
	bool left;

	do {
		now = turn(i, value, expected);
		left = i->kind == LOCK	? now == expected
		       : i->kind == TAS ? now != value
					: now == value;
	} while (!left);
	return now;
}

static UNSEEN int execute(const struct instruction *i, int value, int expected)
{
	int *x = &memory[i->location];

	switch (i->kind) {
	case LOAD:
		return load(x, i->order);
	case STORE:
		store(x, value, i->order);
		break;
	case EXCHANGE:
		return exchange(x, value, i->order);
	case ADD:
		return add(x, value, i->order);
	case COMPARE:
		return compare(x, expected, value, i->order, i->failed);
	case FENCE:
		fence(i->order);
		break;
	default:
		return spin(i, value, expected);
	}
	return 0;
}

static UNSEEN void *column(void *argument)
{
	const struct code *c = argument;
	int *mine = registers[c - program.code];
	int r[REGISTERS] = { 0 };

	for (int k = 0; k < c->length; k++) {
		const struct instruction *i = &c->at[k];
		int value = i->value.is_register ? r[i->value.value]
						 : i->value.value;
		int expected = i->expected.is_register ? r[i->expected.value]
						       : i->expected.value;
		int read = execute(i, value, expected);

		if (i->target >= 0)
			r[i->target] = read;
	}
	for (int k = 0; k < REGISTERS; k++)
		keep(&mine[k], r[k]);
	return NULL;
}

static UNSEEN void note(void)
{
	struct outcome o = { 0 };

	for (int t = 0; t < program.threads; t++)
		for (int r = 0; r < REGISTERS; r++)
			outcome_register(&o, t, r, kept(&registers[t][r]));
	for (int i = 0; i < program.locations; i++)
		outcome_location(&o, i, load(&memory[i], __ATOMIC_RELAXED));
	if (tally)
		tally_add(tally, o);
	else
		printf("%016llx %04llx\n", (unsigned long long)o.registers,
		       (unsigned long long)o.memory);
}

/* Before the explorer starts, once. */
__attribute__((constructor)) static UNSEEN void start(void)
{
	const char *text = getenv("LITMUS");
	const char *error = text ? litmus_parse(text, &program) : "LITMUS=TEXT";
	void *map = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE,
			 MAP_SHARED, TALLY_FD, 0);

	if (error) {
		fprintf(stderr, "runner: expected %s\n", error);
		exit(2);
	}
	for (int i = 0; i < program.locations; i++)
		memory[i] = program.initial[i];
	tally = map == MAP_FAILED ? NULL : map;
}

UNSEEN int main(void)
{
	pthread_t thread[THREADS];

	for (int t = 0; t < program.threads; t++)
		pthread_create(&thread[t], NULL, column, &program.code[t]);
	for (int t = 0; t < program.threads; t++)
		pthread_join(thread[t], NULL);
	note();
	return 0;
}
