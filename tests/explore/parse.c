/* SPDX-License-Identifier: MIT */
/*
 * Litmus programs from text and back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "litmus.h"

const char *const model_names[MODELS] = { "rc11", "sc", "tso" };

static const struct {
	const char *name;
	int order;
} orders[] = {
	{ "rlx", __ATOMIC_RELAXED }, { "acq", __ATOMIC_ACQUIRE },
	{ "rel", __ATOMIC_RELEASE }, { "acq_rel", __ATOMIC_ACQ_REL },
	{ "sc", __ATOMIC_SEQ_CST },
};

static const char *const kinds[KINDS] = { "R",	  "W",	 "X",	  "A", "C",
					  "lock", "tas", "await", "F" };

/* The text in words and single marks. */
struct reader {
	const char *at;
	char word[64];
	const char *error;
};

static bool part_of_word(char c)
{
	return c && !strchr(" \t\n{};=:#", c);
}

static void next(struct reader *r)
{
	size_t n;

	for (;;) {
		r->at += strspn(r->at, " \t\n");
		if (*r->at != '#')
			break;
		r->at += strcspn(r->at, "\n");
	}
	for (n = 0; n + 1 < sizeof r->word && part_of_word(r->at[n]); n++)
		;
	n += !n && *r->at;
	memcpy(r->word, r->at, n);
	r->word[n] = 0;
	r->at += n;
}

static bool is(const struct reader *r, const char *word)
{
	return !strcmp(r->word, word);
}

static bool take(struct reader *r, const char *word)
{
	if (!is(r, word))
		return false;
	next(r);
	return true;
}

static void need(struct reader *r, const char *word)
{
	if (!take(r, word) && !r->error)
		r->error = word;
}

static int number(struct reader *r)
{
	char *end;
	long n = strtol(r->word, &end, 10);

	if ((end == r->word || *end) && !r->error)
		r->error = "a number";
	next(r);
	return (int)n;
}

static int register_number(struct reader *r)
{
	int n = r->word[0] == 'r' ? atoi(r->word + 1) : -1;

	if ((n < 0 || n >= REGISTERS || r->word[2]) && !r->error)
		r->error = "a register";
	next(r);
	return n;
}

static bool is_register(const struct reader *r)
{
	return r->word[0] == 'r' && r->word[1] >= '0' && r->word[1] <= '9';
}

static struct operand operand(struct reader *r)
{
	if (is_register(r))
		return (struct operand){ true, register_number(r) };
	return (struct operand){ false, number(r) };
}

static int location(struct reader *r, const struct litmus *l)
{
	for (int i = 0; i < l->locations; i++)
		if (is(r, l->name[i])) {
			next(r);
			return i;
		}
	if (!r->error)
		r->error = "a location";
	return 0;
}

static int order(struct reader *r, const char *name)
{
	for (unsigned i = 0; name && i < sizeof orders / sizeof *orders; i++)
		if (!strcmp(name, orders[i].name))
			return orders[i].order;
	if (!r->error)
		r->error = "an order";
	return 0;
}

static struct instruction instruction(struct reader *r, const struct litmus *l)
{
	struct instruction i = { .kind = KINDS, .target = -1 };
	char *rest = r->word;
	const char *kind;

	if (is_register(r)) {
		i.target = register_number(r);
		need(r, "=");
	}
	kind = strsep(&rest, ".");
	for (int k = 0; k < KINDS; k++)
		if (!strcmp(kind, kinds[k]))
			i.kind = k;
	if (i.kind == KINDS && !r->error)
		r->error = "an instruction";
	i.order = order(r, strsep(&rest, "."));
	if (i.kind == COMPARE)
		i.failed = order(r, strsep(&rest, "."));
	next(r);
	if (i.kind != FENCE)
		i.location = location(r, l);
	if (i.kind == COMPARE || i.kind == LOCK)
		i.expected = operand(r);
	if (i.kind != FENCE && i.kind != LOAD)
		i.value = operand(r);
	return i;
}

static void code(struct reader *r, struct litmus *l)
{
	struct code *c = &l->code[l->threads++];

	need(r, "{");
	while (!r->error && !take(r, "}")) {
		if (c->length == INSTRUCTIONS)
			r->error = "fewer instructions";
		else
			c->at[c->length++] = instruction(r, l);
		if (!is(r, "}"))
			need(r, ";");
	}
}

static void initial(struct reader *r, struct litmus *l)
{
	snprintf(l->name[l->locations], sizeof *l->name, "%.7s", r->word);
	next(r);
	need(r, "=");
	l->initial[l->locations++] = number(r);
}

/* Claims stand before the locations that they name, so their lines are read
 * when the program is known. */
static bool is_claim(const char *line)
{
	return !strncmp(line, "allowed ", 8) ||
	       !strncmp(line, "forbidden ", 10) ||
	       !strncmp(line, "executions ", 11);
}

static void condition(struct reader *r, const struct litmus *l, struct claim *c)
{
	if (r->word[0] >= '0' && r->word[0] <= '9') {
		int thread = number(r), n;

		need(r, ":");
		n = register_number(r);
		need(r, "=");
		outcome_register(&c->mask, thread, n, 15);
		outcome_register(&c->outcome, thread, n, number(r));
	} else {
		int where = location(r, l);

		need(r, "=");
		outcome_location(&c->mask, where, 15);
		outcome_location(&c->outcome, where, number(r));
	}
}

static const char *claim(const char *line, struct litmus *l)
{
	struct claim *c = &l->claim[l->claims++];
	struct reader r = { .at = c->text };

	snprintf(c->text, sizeof c->text, "%.*s", (int)strcspn(line, "\n"),
		 line);
	next(&r);
	c->what = is(&r, "allowed")	? ALLOWED
		  : is(&r, "forbidden") ? FORBIDDEN
					: EXECUTIONS;
	for (next(&r); !r.error && !take(&r, ":"); next(&r)) {
		unsigned before = c->models;

		for (int m = 0; m < MODELS; m++)
			c->models |= (unsigned)is(&r, model_names[m]) << m;
		if (c->models == before)
			r.error = "a model";
	}
	if (c->what == EXECUTIONS)
		c->executions = (unsigned)number(&r);
	else
		while (!r.error && r.word[0])
			condition(&r, l, c);
	return r.error;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

const char *litmus_parse(const char *text, struct litmus *l)
{
	const char *line = text;
	struct reader r = { 0 };

	*l = (struct litmus){ 0 };
	while (*line == '#' || *line == '\n' || is_claim(line))
		line = next_line(line);
	r.at = line;
	for (next(&r); !r.error && r.word[0] && !is(&r, "{");) {
		if (l->locations == LOCATIONS)
			return "fewer locations";
		initial(&r, l);
	}
	while (!r.error && r.word[0]) {
		if (l->threads == THREADS)
			return "fewer threads";
		code(&r, l);
	}
	for (line = text; *line && !r.error; line = next_line(line))
		if (is_claim(line)) {
			if (l->claims == CLAIMS)
				return "fewer claims";
			r.error = claim(line, l);
		}
	return r.error;
}

struct writer {
	char *to;
	unsigned long room;
};

static void put(struct writer *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct writer *w, const char *format, ...)
{
	__builtin_va_list arguments;
	int n;

	__builtin_va_start(arguments, format);
	n = vsnprintf(w->to, w->room, format, arguments);
	__builtin_va_end(arguments);
	if (n > 0 && (unsigned long)n < w->room) {
		w->to += n;
		w->room -= (unsigned long)n;
	}
}

static const char *order_name(int value)
{
	for (unsigned i = 0; i < sizeof orders / sizeof *orders; i++)
		if (value == orders[i].order)
			return orders[i].name;
	return "?";
}

static void put_operand(struct writer *w, struct operand o)
{
	put(w, o.is_register ? " r%d" : " %d", o.value);
}

static void put_instruction(struct writer *w, const struct litmus *l,
			    const struct instruction *i)
{
	if (i->target >= 0)
		put(w, "r%d = ", i->target);
	put(w, "%s.%s", kinds[i->kind], order_name(i->order));
	if (i->kind == COMPARE)
		put(w, ".%s", order_name(i->failed));
	if (i->kind != FENCE)
		put(w, " %s", l->name[i->location]);
	if (i->kind == COMPARE || i->kind == LOCK)
		put_operand(w, i->expected);
	if (i->kind != FENCE && i->kind != LOAD)
		put_operand(w, i->value);
}

void litmus_print(const struct litmus *l, char *to, unsigned long n)
{
	struct writer w = { to, n };

	for (int i = 0; i < l->locations; i++)
		put(&w, "%s%s=%d", i ? " " : "", l->name[i], l->initial[i]);
	for (int t = 0; t < l->threads; t++) {
		put(&w, " {");
		for (int i = 0; i < l->code[t].length; i++) {
			put(&w, i ? "; " : " ");
			put_instruction(&w, l, &l->code[t].at[i]);
		}
		put(&w, " }");
	}
}
