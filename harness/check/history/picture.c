/* SPDX-License-Identifier: MIT */
#include "picture.h"

#include <stdarg.h>
#include <string.h>

const char *const picture_threads[CLIENT_THREADS + 1] = {
	"thread 0", "thread 1", "thread 2", "thread 3", "at last"
};

/* "ok", "busy" ...: the names of enum sync_result. */
static const char *result_name(int answer)
{
	switch (answer) {
	case SYNC_OK:
		return "ok";
	case SYNC_BUSY:
		return "busy";
	case SYNC_TIMEOUT:
		return "timeout";
	case SYNC_NOT_OWNER:
		return "not owner";
	case SYNC_OVERFLOW:
		return "overflow";
	case SYNC_INVALID:
		return "invalid";
	case SYNC_CLOSED:
		return "closed";
	case SYNC_BROKEN:
		return "broken";
	case SYNC_CANCELED:
		return "canceled";
	case SYNC_NO_MEMORY:
		return "no memory";
	case SYNC_NO_THREAD:
		return "no thread";
	default:
		return "?";
	}
}

struct text {
	char *at;
	size_t left;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *t,
							 const char *format,
							 ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(t->at, t->left, format, arguments);
	va_end(arguments);
	if (n < 0 || (size_t)n >= t->left)
		n = t->left ? (int)t->left - 1 : 0;
	t->at += n;
	t->left -= (size_t)n;
}

static void append_answer(struct text *t, const struct operation *o,
			  const struct op *op)
{
	switch (o->answer) {
	case NO_RESULT:
		return;
	case RESULT:
		append(t, "=%s", result_name(op->answer));
		return;
	case TRUTH:
		append(t, "=%s", op->answer ? "true" : "false");
		return;
	case RESULT_NUMBER:
		if (op->answer != SYNC_OK) {
			append(t, "=%s", result_name(op->answer));
			return;
		}
		/* fall through */
	case NUMBER:
		append(t, "=%llu", (unsigned long long)op->value);
	}
}

void picture_op(const struct model *m, const struct op *op, char *text,
		size_t size)
{
	const struct operation *o = &m->operations[op->code];
	struct text t = { text, size };

	append(&t, "%s(", o->name);
	if (o->argument == WITHIN)
		append(&t, "%d us", op->argument);
	else if (o->argument != NOTHING)
		append(&t, "%d", op->argument);
	append(&t, ")");
	if (op->responded)
		append_answer(&t, o, op);
}

enum {
	EVENTS = 2 * HISTORY_OPS,
	LABEL = 40,
	WIDTH = EVENTS * (LABEL + 6),
	ROWS = CLIENT_THREADS + 1, /* the last: what was done at the end */
	INDENT = 10,
};

struct canvas {
	char rows[ROWS][WIDTH];
	bool label[WIDTH]; /* a part may not begin here: within a label */
	bool used[ROWS];
	unsigned width;
};

static void label(const struct model *m, const struct op *op, char *text)
{
	char name[LABEL - 10];

	picture_op(m, op, name, sizeof(name));
	snprintf(text, LABEL, "%s%s", name,
		 op->responded ? ""
		 : op->open    ? " ..."
			       : " ...stuck");
}

/* The operations' ends in order of time; NULL beyond the last. */
struct event {
	const struct op *op;
	bool response;
};

static void sort_events(const struct history *h, struct event *events)
{
	/* places are distinct, but there may be holes where ops were cut off */
	uint32_t after = 0;

	for (;; events++) {
		uint32_t best = UINT32_MAX;

		for (unsigned i = 0; i < h->n; i++) {
			const struct op *op = &h->ops[i];

			if (op->invoked > after && op->invoked < best) {
				best = op->invoked;
				*events = (struct event){ op, false };
			}
			if (op->responded > after && op->responded < best) {
				best = op->responded;
				*events = (struct event){ op, true };
			}
		}
		if (best == UINT32_MAX)
			break;
		after = best;
	}
	events->op = NULL;
}

static void draw_op(struct canvas *v, const struct model *m,
		    const struct op *op, unsigned from, unsigned to)
{
	char text[LABEL];
	char *row = v->rows[op->thread];
	unsigned n;

	label(m, op, text);
	n = (unsigned)strlen(text);
	memset(row + from, '-', to - from);
	row[from] = '|';
	if (op->responded)
		row[to] = '|';
	else
		memset(row + from + 2 + n, ' ', to - (from + 2 + n));
	memcpy(row + from + 2, text, n);
	memset(v->label + from + 1, true, n + 2);
	v->used[op->thread] = true;
}

static void draw(struct canvas *v, const struct model *m,
		 const struct history *h)
{
	struct event events[EVENTS + 1];
	unsigned from[HISTORY_OPS] = { 0 }, to[HISTORY_OPS] = { 0 }, at = 0;

	memset(v->rows, ' ', sizeof(v->rows));
	sort_events(h, events);
	for (const struct event *e = events; e->op; e++) {
		unsigned i = (unsigned)(e->op - h->ops);
		char text[LABEL];

		label(m, e->op, text);
		if (e->response) {
			unsigned least = from[i] + (unsigned)strlen(text) + 3;

			to[i] = at = at > least ? at : least;
		} else {
			from[i] = at;
		}
		at += 2;
	}
	v->width = at;
	for (unsigned i = 0; i < h->n; i++) {
		char text[LABEL];
		unsigned end;

		label(m, &h->ops[i], text);
		end = from[i] + (unsigned)strlen(text) + 2;
		if (h->ops[i].responded)
			end = to[i];
		draw_op(v, m, &h->ops[i], from[i], end);
		if (end + 1 > v->width)
			v->width = end + 1;
	}
}

/* The end of a part that begins here: not within a label, if that can be. */
static unsigned part_end(const struct canvas *v, unsigned from, unsigned most)
{
	if (v->width <= from + most)
		return v->width;
	for (unsigned to = from + most; to > from; to--)
		if (!v->label[to])
			return to;
	return from + most;
}

void picture_print(const struct model *m, const struct history *h,
		   const char *const *threads, unsigned columns, FILE *out)
{
	static struct canvas v;

	memset(&v, 0, sizeof(v));
	draw(&v, m, h);
	for (unsigned from = 0, to; from < v.width; from = to) {
		to = part_end(&v, from, columns - INDENT);
		if (from)
			fputc('\n', out);
		for (unsigned t = 0; t < ROWS; t++) {
			unsigned n = to;

			if (!v.used[t])
				continue;
			while (n > from && v.rows[t][n - 1] == ' ')
				n--;
			fputs(threads[t], out);
			if (n > from)
				fprintf(out, "%*s%.*s",
					INDENT - (int)strlen(threads[t]), "",
					(int)(n - from), v.rows[t] + from);
			fputc('\n', out);
		}
	}
}

/* What could not be placed: the first to respond, else one that is stuck. */
static const struct op *odd_one(const struct model *m, const struct history *h,
				const struct nearest *nearest)
{
	const struct op *odd = NULL;

	for (unsigned i = 0; i < h->n; i++) {
		const struct op *op = &h->ops[i];

		if (nearest->done >> i & 1 || op->open)
			continue;
		if (op->responded == 0 &&
		    (odd || (m->stuck && m->stuck(&nearest->state, op))))
			continue;
		if (!odd || !odd->responded || op->responded < odd->responded)
			odd = op;
	}
	return odd;
}

void picture_why(const struct model *m, const struct history *h,
		 const struct nearest *nearest, const char *const *threads,
		 char *why, size_t size)
{
	const struct op *odd = odd_one(m, h, nearest);
	struct text t = { why, size };
	char name[80], state[120] = "";

	append(&t, "no order explains it");
	if (!odd)
		return;
	picture_op(m, odd, name, sizeof(name));
	if (m->show)
		m->show(&nearest->state, state, sizeof(state));
	append(&t, ": %s (%s)%s", name, threads[odd->thread],
	       odd->responded ? "" : " is stuck");
	if (state[0])
		append(&t, ", %s %s", odd->responded ? "while" : "although",
		       state);
}
