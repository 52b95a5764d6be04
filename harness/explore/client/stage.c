/* SPDX-License-Identifier: MIT */
/*
 * The object half of a model's file runs here, under the explorer, and tells
 * it each operation; the machine half judges them in the runtime.
 */
#include "stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../check/history/client.h"
#include "../../check/law/law.h"
#include "../explore.h"

enum { NODE_BYTES = 64 };

static const struct plan *plan;
static const struct model *model;
static struct registration subject;
static struct client client;
static struct scene scene;
static struct actor actors[CLIENT_THREADS + 1];

static struct node {
	_Alignas(CACHE_LINE) char bytes[NODE_BYTES];
} nodes[CLIENT_THREADS + 1];

static unsigned code_of(const struct model *m, const char *name)
{
	for (unsigned i = 0; i < m->n; i++)
		if (strcmp(m->operations[i].name, name) == 0)
			return i;
	abort();
}

const char *stage_lacks(const struct plan *p, const void *impl)
{
	static char why[40];
	const struct model *m = model_of(p->kind);
	const struct registration r = { .kind = p->kind, .id = impl };

	for (unsigned t = 0; t < STAGE_THREADS; t++)
		for (const struct asked *a = p->of[t]; a->name; a++) {
			unsigned code = code_of(m, a->name);

			if (client_has(&m->operations[code], &r))
				continue;
			snprintf(why, sizeof(why), "has no %s", a->name);
			return r.id->unsupported ? r.id->unsupported : why;
		}
	return NULL;
}

void stage_begin(const struct plan *p, const void *impl)
{
	plan = p;
	model = model_of(p->kind);
	subject = (struct registration){ .kind = p->kind, .id = impl };
	memcpy(client.parameters, p->parameters, sizeof(client.parameters));
	scene = (struct scene){ .subject = &subject, .client = &client };
	scene.object = law_object(subject.id);
	model->setup(&scene);
	for (unsigned t = 0; t <= CLIENT_THREADS; t++)
		actors[t] = (struct actor){ .scene = &scene,
					    .impl = impl,
					    .object = scene.object,
					    .node = &nodes[t],
					    .thread = t };
	explore_history(p->kind, p->parameters[0], p->parameters[1]);
}

/* Does its thread hold what it needs for that? */
static bool ready(const struct actor *a, const struct op *op)
{
	const struct operation *o = &model->operations[op->code];

	if (o->when != ALWAYS && (o->when == HOLDING) != (a->held > 0))
		return false;
	return !model->ready || model->ready(a, op);
}

/* False: it was left out, or has failed. */
static bool perform(struct actor *a, unsigned code, int argument)
{
	struct op op = { .code = (uint8_t)code,
			 .thread = (uint8_t)a->thread,
			 .argument = argument };

	if (!ready(a, &op))
		return false;
	op.argument = explore_invoke(model->operations[code].name, argument);
	model->perform(a, &op);
	explore_respond(op.answer, op.value);
	return op.answer == SYNC_OK;
}

/* Let go of what it holds. */
static void give_up(struct actor *a)
{
	for (unsigned code = 0; code < model->n && a->held; code++)
		if (model->operations[code].gives_up)
			perform(a, code, 0);
}

void stage_play(unsigned thread)
{
	for (const struct asked *a = plan->of[thread]; a->name; a++)
		perform(&actors[thread], code_of(model, a->name), a->argument);
	give_up(&actors[thread]);
}

/* What is left in the object, asked by main alone. */
static void look_at_the_end(void)
{
	struct actor *a = &actors[CLIENT_THREADS];

	for (unsigned code = 0; code < model->n; code++) {
		const struct operation *o = &model->operations[code];

		if (!client_has(o, &subject))
			continue;
		for (unsigned i = 0; i < o->last && perform(a, code, 0); i++)
			;
	}
	give_up(a);
}

void stage_end(void)
{
	look_at_the_end();
	model->teardown(&scene);
	free(scene.object);
}

/*
 * What models' files want of check. Objects are of no age: clients of their own
 * see to that.
 */
void *law_object(const struct implementation *id)
{
	return calloc(1, id->size);
}

void law_age(const struct implementation *id, void *object)
{
	(void)id, (void)object;
}

void watchdog_forget(const void *object)
{
	(void)object;
}

_Noreturn void trial_end(enum verdict verdict, const char *format, ...)
{
	(void)verdict, (void)format;
	abort();
}
