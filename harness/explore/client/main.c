/* SPDX-License-Identifier: MIT */
/*
 * `clients KIND/NAME CLIENT` runs a stock client with an implementation, once.
 * `clients --list` prints them, `clients --list KIND/NAME` those of its kind
 * with, in the last field, why the implementation cannot do it; each line has
 * fields between tabs: kind, name, threads, size, about and, perhaps, that.
 * Exit: 0, 2 after a usage error; what the client finds wrong aborts.
 */
#include <stdio.h>
#include <string.h>

#include "../../registry.h"
#include "kit.h"

extern const struct client *const __start_synclab_client[];
extern const struct client *const __stop_synclab_client[];

static const struct client *chosen;
static const struct registration *with;

static const struct registration *find(const char *path)
{
	const char *slash = strchr(path, '/');
	char kind[32];

	if (!slash || (size_t)(slash - path) >= sizeof(kind))
		return NULL;
	*(char *)mempcpy(kind, path, (size_t)(slash - path)) = '\0';
	return lab_find(kind, slash + 1);
}

static const struct client *find_client(const char *kind, const char *name)
{
	for (const struct client *const *c = __start_synclab_client;
	     c < __stop_synclab_client; c++)
		if (strcmp((*c)->kind, kind) == 0 &&
		    strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

/* Before main, which the explorer runs in each execution: a search through the
 * registry would cost more than many a client. */
__attribute__((constructor)) static void choose(int argc, char **argv)
{
	if (argc != 3)
		return;
	with = find(argv[strcmp(argv[1], "--list") == 0 ? 2 : 1]);
	if (with)
		chosen = find_client(with->kind, argv[2]);
}

static const char *lacks(const struct client *c, const struct registration *r)
{
	if (r->id->node_size > NODE_BYTES)
		return "needs nodes that are larger than the clients'";
	return c->lacks ? c->lacks(r->id) : NULL;
}

static void print(const struct client *c)
{
	const char *why = with ? lacks(c, with) : NULL;

	printf("%s\t%s\t%u\t%s\t%s%s%s\n", c->kind, c->name, c->threads,
	       c->size == CLIENT_LARGE ? "large" : "small", c->about,
	       why ? "\t" : "", why ? why : "");
}

static unsigned kind_rank(const struct client *c)
{
	unsigned i = 0;

	while (lab_kinds[i] && strcmp(lab_kinds[i], c->kind) != 0)
		i++;
	return i;
}

static bool is_large(const struct client *c)
{
	return c->size == CLIENT_LARGE;
}

/* By kind, the ones that are soon done first. */
static int compare(const void *a, const void *b)
{
	const struct client *x = *(const struct client *const *)a;
	const struct client *y = *(const struct client *const *)b;

	if (kind_rank(x) != kind_rank(y))
		return kind_rank(x) < kind_rank(y) ? -1 : 1;
	if (is_large(x) != is_large(y))
		return is_large(x) ? 1 : -1;
	if (x->threads != y->threads)
		return x->threads < y->threads ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void list(void)
{
	size_t n = (size_t)(__stop_synclab_client - __start_synclab_client);
	const struct client **sorted = calloc(n, sizeof(*sorted));

	if (!sorted)
		abort();
	for (size_t i = 0; i < n; i++)
		sorted[i] = __start_synclab_client[i];
	qsort(sorted, n, sizeof(*sorted), compare);
	for (size_t i = 0; i < n; i++)
		if (!with || strcmp(sorted[i]->kind, with->kind) == 0)
			print(sorted[i]);
	free(sorted);
}

static int refuse(const char *what, const char *why)
{
	fprintf(stderr, "clients: %s: %s\n", what, why);
	return 2;
}

int main(int argc, char **argv)
{
	bool lists = argc >= 2 && strcmp(argv[1], "--list") == 0;

	if (chosen && !lacks(chosen, with)) {
		chosen->run(with->id);
		return 0;
	}
	if (argc > 3 || argc < (lists ? 2 : 3))
		return refuse("usage",
			      "KIND/NAME CLIENT or --list [KIND/NAME]");
	if (argc == 3 && !with)
		return refuse(argv[lists ? 2 : 1], "no such implementation");
	if (lists) {
		list();
		return 0;
	}
	if (!chosen)
		return refuse(argv[2], "no such client of this kind");
	return refuse(argv[2], lacks(chosen, with));
}
