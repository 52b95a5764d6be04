/* SPDX-License-Identifier: MIT */
/*
 * Histories as harness/check/history has them: its models, its judge and its
 * pictures. Nothing here knows of events: `before` says all.
 *
 * In the models' numbers of threads the last one is who sets up the object and
 * looks at what is left in it: main.
 */
#include "history.h"

#include <string.h>

#include "../../check/history/judge.h"
#include "../../check/history/picture.h"

_Static_assert((int)OPERATIONS_MAX == (int)HISTORY_OPS,
	       "all that the judge can take");

const unsigned linear_threads = CLIENT_THREADS + 1;

static const char *const names[CLIENT_THREADS + 1] = { "T1", "T2", "T3", "T4",
						       "main" };
static const struct model *model;
static struct client client;
static struct history history;
static uint64_t order[HISTORY_OPS];

static uint8_t number_of(unsigned thread)
{
	return (uint8_t)(thread ? thread - 1 : CLIENT_THREADS);
}

bool linear_begin(const char *kind, int first, int second)
{
	if (!model || strcmp(model->kind, kind) != 0)
		model = model_of(kind);
	client = (struct client){ .threads = CLIENT_THREADS,
				  .parameters = { first, second } };
	return model;
}

int linear_code(const char *operation)
{
	for (size_t i = 0; i < model->n; i++)
		if (strcmp(model->operations[i].name, operation) == 0)
			return (int)i;
	return -1;
}

int linear_argument(int code, unsigned thread, unsigned n, int argument)
{
	if (model->operations[code].argument != OWN)
		return argument;
	if (n >= CLIENT_OPS)
		return -1;
	return number_of(thread) * CLIENT_OPS + (int)n;
}

/*
 * Times for the picture: each responds as late as it can, which is right before
 * the first is invoked that has to come after it. Where `before` is an interval
 * order, these times say the same.
 */
static unsigned next_invoked(void)
{
	unsigned next = 0;
	int fewest = 65;

	for (unsigned i = 0; i < history.n; i++) {
		int earlier = __builtin_popcountll(order[i]);

		if (!history.ops[i].invoked && earlier < fewest) {
			fewest = earlier;
			next = i;
		}
	}
	return next;
}

static uint32_t respond(uint64_t which, uint32_t now)
{
	for (unsigned i = 0; i < history.n; i++) {
		struct op *op = &history.ops[i];

		if (which >> i & 1 && !op->responded && !op->open)
			op->responded = ++now;
	}
	return now;
}

static void give_times(void)
{
	uint32_t now = 0;

	for (unsigned k = 0; k < history.n; k++) {
		unsigned i = next_invoked();

		now = respond(order[i], now);
		history.ops[i].invoked = ++now;
	}
	respond(~UINT64_C(0), now);
}

static void take(const struct operation_told *told, unsigned n)
{
	history.n = n;
	for (unsigned i = 0; i < n; i++)
		history.ops[i] = (struct op){
			.code = told[i].code,
			.thread = number_of(told[i].thread),
			.open = !told[i].responded,
			.argument = told[i].argument,
			.answer = told[i].answer,
			.value = told[i].value,
			.responded = told[i].responded,
		};
}

bool linear_judge(const struct operation_told *told, unsigned n,
		  const uint64_t *before, char *text, size_t size)
{
	struct nearest nearest;

	take(told, n);
	if (judge_ordered(model, &client, &history, before, &nearest) != WRONG)
		return true;
	memcpy(order, before, n * sizeof(*before));
	for (unsigned i = 0; i < n; i++)
		history.ops[i].responded = 0;
	give_times();
	picture_why(model, &history, &nearest, names, text, size);
	return false;
}

/* Drawn one after the other, though nothing orders them. */
static void print_unordered(FILE *f)
{
	char a[80], b[80];

	for (unsigned i = 0; i < history.n; i++)
		for (unsigned j = 0; j < history.n; j++) {
			const struct op *x = &history.ops[i],
					*y = &history.ops[j];

			if (!x->responded || x->responded > y->invoked ||
			    order[j] >> i & 1)
				continue;
			picture_op(model, x, a, sizeof(a));
			picture_op(model, y, b, sizeof(b));
			fprintf(f, "Nothing orders %s (%s) and %s (%s).\n", a,
				names[x->thread], b, names[y->thread]);
		}
}

void linear_print(unsigned columns, FILE *f)
{
	fprintf(f,
		"\nHistory of the %s; what ends before another begins happens "
		"before it:\n\n",
		model->kind);
	picture_print(model, &history, names, columns, f);
	print_unordered(f);
}
