/* SPDX-License-Identifier: MIT */
#include "choice.h"

#include <string.h>

#include "../command.h"
#include "../registry.h"
#include "serve.h"

static const struct kind {
	const char *option; /* also the program's word for it */
	const char *kind;   /* whose implementations serve */
	const char *word;   /* ../preload/settings.h */
} kinds[CHOICES] = {
	[CHOICE_MUTEX] = { "mutex", "mutex", "mutex" },
	[CHOICE_COND] = { "cond", "cond", "cond" },
	[CHOICE_RWLOCK] = { "rwlock", "rwlock", "rwlock" },
	[CHOICE_SEMAPHORE] = { "sem", "semaphore", "semaphore" },
	[CHOICE_BARRIER] = { "barrier", "barrier", "barrier" },
	[CHOICE_SPIN] = { "spin", "mutex", "spin" },
	[CHOICE_ONCE] = { "once", "once", "once" },
};

const char *choice_option(enum choice_kind kind)
{
	return kinds[kind].option;
}

/* Insertions, deletions and changes between two short words (Wagner and
 * Fischer, J. ACM 1974). */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[64], n = (unsigned)strlen(b);

	if (n >= 64)
		return 64;
	for (unsigned j = 0; j <= n; j++)
		row[j] = j;
	for (unsigned i = 0; a[i]; i++) {
		unsigned corner = row[0]++;

		for (unsigned j = 0; j < n; j++) {
			unsigned best = corner + (a[i] != b[j]);

			corner = row[j + 1];
			if (corner + 1 < best)
				best = corner + 1;
			if (row[j] + 1 < best)
				best = row[j] + 1;
			row[j + 1] = best;
		}
	}
	return row[n];
}

/* All names of the kind, and the one that was perhaps meant. */
static void say_unknown(const struct kind *k, const char *name)
{
	const struct registration *const *all;
	size_t n = lab_registrations(&all);
	char list[2000] = "";
	const char *nearest = NULL;
	unsigned least = 3; /* more is another word */

	for (size_t i = 0; i < n; i++) {
		const char *other = all[i]->id->name;
		size_t length = strlen(list);

		if (strcmp(all[i]->kind, k->kind) != 0)
			continue;
		snprintf(list + length, sizeof(list) - length, "%s%s",
			 length ? ", " : "", other);
		if (distance(name, other) < least) {
			least = distance(name, other);
			nearest = other;
		}
	}
	lab_fail("--%s=%s: no such implementation: %s%s%sthere are %s",
		 k->option, name, nearest ? "did you mean " : "",
		 nearest ? nearest : "", nearest ? "? " : "", list);
}

/* NAME, or KIND/NAME; NULL: said why. */
static const struct registration *find(const struct kind *k, const char *text)
{
	const char *slash = strchr(text, '/');
	const char *name = slash ? slash + 1 : text;
	size_t n = slash ? (size_t)(slash - text) : 0;
	const struct registration *r;

	if (slash && !(n == strlen(k->kind) && !strncmp(text, k->kind, n)) &&
	    !(n == strlen(k->option) && !strncmp(text, k->option, n))) {
		lab_fail("--%s=%s: '%.*s' is not what answers this: name a %s",
			 k->option, text, (int)n, text, k->kind);
		return NULL;
	}
	r = lab_find(k->kind, name);
	if (!r)
		say_unknown(k, name);
	return r;
}

static int settle(struct choice *c, enum choice_kind kind, const char *text)
{
	const struct kind *k = &kinds[kind];
	const struct registration *r = find(k, text);
	const char *why = r ? serve_lacks(kind, r) : NULL;

	if (why)
		return lab_fail("--%s=%s: %s: name another", k->option, text,
				why);
	if (!r)
		return EXIT_USAGE;
	c->names[kind] = r->id->name;
	return 0;
}

static bool is_libc(const char *name)
{
	return !name || strcmp(name, "pthread") == 0;
}

/* The C library's conditions let go of its own mutexes only. */
static int settle_cond(struct choice *c)
{
	if (is_libc(c->names[CHOICE_MUTEX]) || !is_libc(c->names[CHOICE_COND]))
		return 0;
	if (c->named[CHOICE_COND])
		return lab_fail("--cond=%s: the C library's conditions cannot "
				"let go of mutex/%s: name another, or leave "
				"--cond out for futex",
				c->named[CHOICE_COND], c->names[CHOICE_MUTEX]);
	c->names[CHOICE_COND] = "futex";
	return 0;
}

static bool is_family(const char *name)
{
	return strcmp(name, "futex") == 0 || strcmp(name, "spin") == 0 ||
	       strcmp(name, "pthread") == 0;
}

int choice_settle(struct choice *c)
{
	if (c->family && !is_family(c->family))
		return lab_fail("--family=%s: futex, spin or pthread",
				c->family);
	for (enum choice_kind k = 0; k < CHOICES; k++) {
		const char *text = c->named[k] ? c->named[k] : c->family;
		int error = text ? settle(c, k, text) : 0;

		if (error)
			return error;
	}
	return settle_cond(c);
}

bool choice_any(const struct choice *c)
{
	for (enum choice_kind k = 0; k < CHOICES; k++)
		if (c->names[k])
			return true;
	return false;
}

void choice_print(FILE *f, const struct choice *c)
{
	for (enum choice_kind k = 0; k < CHOICES; k++)
		if (c->names[k])
			fprintf(f, "%s=%s ", kinds[k].word, c->names[k]);
}
