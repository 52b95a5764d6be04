/* SPDX-License-Identifier: MIT */
#include "relax.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "../command.h"
#include "../registry.h"
#include "place.h"
#include "result.h"
#include "runtime/op.h"
#include "source.h"

enum { ACCESSES_MAX = 128, PLACES_MAX = 32 };

/* An atomic access of the source: the compiler may have made several of it, in
 * each function that it is inlined into. */
struct access {
	struct place at;
	uint8_t kind; /* enum op_kind */
	int8_t order, failed;
	uintptr_t pc[PLACES_MAX];
	unsigned places;
};

/* What can be weakened: an order of an access. Where both orders of a
 * compare-exchange are the same, they are weakened together. */
struct knob {
	struct access *access;
	bool failure;
	int8_t written, alone, together, now;
	bool bounded; /* some weaker order has been verified to a bound only */
	char witness[700], report[4200]; /* against the next weaker one */
};

struct study {
	const struct settings *settings;
	struct explored *clients; /* that can run, the cheap ones first */
	size_t n;
	bool (*runs)[ACCESSES_MAX]; /* runs[client][access] */
	struct explored *trial;	    /* clients of one run */
	struct access access[ACCESSES_MAX];
	unsigned accesses;
	struct knob knob[2 * ACCESSES_MAX];
	unsigned knobs;
	struct access unseen[ACCESSES_MAX]; /* that no client executes */
	unsigned unseens;
	const char *file;
	const struct source *source;
	struct explore_page *ask;
	unsigned long runs_done;
};

/* ---- orders ---- */

static const char *const order_names[] = {
	[__ATOMIC_RELAXED] = "relaxed", [__ATOMIC_CONSUME] = "consume",
	[__ATOMIC_ACQUIRE] = "acquire", [__ATOMIC_RELEASE] = "release",
	[__ATOMIC_ACQ_REL] = "acq_rel", [__ATOMIC_SEQ_CST] = "seq_cst",
};

/* The weakest first. */
static const int8_t weakest_first[] = { __ATOMIC_RELAXED, __ATOMIC_ACQUIRE,
					__ATOMIC_RELEASE, __ATOMIC_ACQ_REL };
enum { WEAKER = sizeof(weakest_first) };

/* Orders as sets of what they demand: weaker is a subset. */
static unsigned demands(int8_t order)
{
	switch (order) {
	case __ATOMIC_RELAXED:
		return 0;
	case __ATOMIC_CONSUME:
	case __ATOMIC_ACQUIRE:
		return 1;
	case __ATOMIC_RELEASE:
		return 2;
	case __ATOMIC_ACQ_REL:
		return 3;
	default:
		return 7;
	}
}

static bool weaker(int8_t a, int8_t b)
{
	return a != b && (demands(a) & demands(b)) == demands(a);
}

/* Would C have it there? */
static bool fits(const struct knob *k, int8_t order)
{
	bool reads = k->failure || k->access->kind == OP_READ;
	bool writes = k->access->kind == OP_WRITE;

	return !(reads && demands(order) & 2) &&
	       !(writes && demands(order) & 1);
}

static bool candidate(const struct knob *k, int8_t order)
{
	return fits(k, order) && weaker(order, k->written);
}

/* What a compare-exchange that fails is left with, of its order. */
static int8_t of_failure(int8_t order)
{
	if (order == __ATOMIC_RELEASE)
		return __ATOMIC_RELAXED;
	return order == __ATOMIC_ACQ_REL ? __ATOMIC_ACQUIRE : order;
}

/* ---- runs ---- */

static void add_orders(struct study *s, const struct access *a, int8_t order,
		       int8_t failed)
{
	for (unsigned i = 0; i < a->places; i++) {
		if (s->ask->orders == EXPLORE_ORDERS_MAX)
			abort();
		s->ask->order[s->ask->orders++] = (struct explore_order){
			.pc = a->pc[i], .order = order, .failed = failed
		};
	}
}

/* The orders of the knobs as they are set now; which accesses differ from what
 * is written goes to changed. */
static void set_orders(struct study *s, bool *changed)
{
	s->ask->orders = 0;
	for (unsigned i = 0; i < s->accesses; i++) {
		struct access *a = &s->access[i];
		int8_t order = a->order, failed = a->failed;

		for (unsigned k = 0; k < s->knobs; k++) {
			if (s->knob[k].access != a)
				continue;
			if (s->knob[k].failure)
				failed = s->knob[k].now;
			else
				order = s->knob[k].now;
		}
		if (a->order == a->failed)
			failed = of_failure(order);
		changed[i] = order != a->order || failed != a->failed;
		if (changed[i])
			add_orders(s, a, order, failed);
	}
}

static bool concerned(const struct study *s, size_t client, const bool *changed)
{
	for (unsigned i = 0; i < s->accesses; i++)
		if (changed[i] && s->runs[client][i])
			return true;
	return false;
}

static void name_report(const struct study *s, struct explored *e,
			const struct knob *k)
{
	char name[160];

	snprintf(name, sizeof(name), "%s-%s", e->name, e->client);
	*strchr(name, '/') = '-';
	snprintf(e->report, sizeof(e->report),
		 "%s/relax-%s-%d.%d%s-%s-%s.report", place_output(), name,
		 k->access->at.line, k->access->at.column,
		 k->failure ? "f" : "", order_names[k->now],
		 settings_models[s->settings->ask.model]);
	e->trace[0] = '\0';
	unlink(e->report);
}

static void note_witness(struct knob *k, const struct explored *e)
{
	char text[600];

	result_violation(e, text, sizeof(text));
	snprintf(k->witness, sizeof(k->witness), "%s: %s: %s",
		 order_names[k->now], e->client, text);
	snprintf(k->report, sizeof(k->report), "%s", e->report);
}

/* Do all clients verify with the knobs as they are now set? If not, the reason
 * is knob k's to tell. */
static enum verdict try(struct study *s, struct knob *k)
{
	struct exploring how = {
		.ask = s->ask,
		.jobs = s->settings->jobs,
		.until_violation = true,
		.progress = isatty(STDERR_FILENO),
	};
	bool changed[ACCESSES_MAX];
	enum verdict v = VERIFIED;
	size_t n = 0;

	set_orders(s, changed);
	for (size_t i = 0; i < s->n; i++)
		if (concerned(s, i, changed)) {
			s->trial[n] = s->clients[i];
			s->trial[n].page = NULL;
			s->trial[n].ended = false;
			name_report(s, &s->trial[n++], k);
		}
	explored_run(s->trial, n, &how);
	s->runs_done += n;
	for (size_t i = 0; i < n; i++) {
		enum verdict this = s->trial[i].verdict;

		if (this == VIOLATED && v != VIOLATED)
			note_witness(k, &s->trial[i]);
		if (this == VIOLATED ||
		    (this == NOT_SUPPORTED && v != VIOLATED) ||
		    (this == VERIFIED_TO_BOUND && v == VERIFIED))
			v = this;
		explored_forget(&s->trial[i]);
	}
	return v;
}

static bool holds(struct study *s, struct knob *k, int8_t order)
{
	enum verdict v;

	k->now = order;
	v = try(s, k);
	k->bounded = k->bounded || v == VERIFIED_TO_BOUND;
	return v == VERIFIED || v == VERIFIED_TO_BOUND;
}

/* The weakest order from `least` on that holds with the others as they are. */
static int8_t weaken(struct study *s, struct knob *k, int8_t least)
{
	for (int i = 0; i < WEAKER; i++) {
		int8_t order = weakest_first[i];

		if (candidate(k, order) && !weaker(order, least) &&
		    holds(s, k, order))
			return order;
	}
	return k->written;
}

/* ---- what there is to weaken ---- */

static bool same_place(const struct place *a, const struct place *b)
{
	return strcmp(a->file, b->file) == 0 && a->line == b->line &&
	       a->column == b->column;
}

static struct access *find_access(struct study *s, const struct place *at,
				  const struct explore_site *site)
{
	for (unsigned i = 0; i < s->accesses; i++) {
		struct access *a = &s->access[i];

		if (same_place(&a->at, at) && a->kind == site->kind &&
		    a->order == site->order && a->failed == site->failed)
			return a;
	}
	if (s->accesses == ACCESSES_MAX)
		return NULL;
	s->access[s->accesses] = (struct access){ .at = *at,
						  .kind = site->kind,
						  .order = site->order,
						  .failed = site->failed };
	return &s->access[s->accesses++];
}

static void add_place(struct access *a, uintptr_t pc)
{
	for (unsigned i = 0; i < a->places; i++)
		if (a->pc[i] == pc)
			return;
	if (a->places < PLACES_MAX)
		a->pc[a->places++] = pc;
}

/* Its own file, headers of its kind that this includes among it; not what it
 * uses of others, and not the client. */
static bool is_own(const struct place *at, const char *file)
{
	return strcmp(at->unit, file) == 0 && !strstr(at->file, "/../");
}

static void note_sites(struct study *s, size_t client)
{
	const struct explore_page *p = s->clients[client].page;

	for (uint32_t i = 0; i < p->sites && i < EXPLORE_SITES_MAX; i++) {
		struct access *a;
		struct place at;

		if (!source_find(s->source, p->site[i].pc, &at) ||
		    !is_own(&at, s->file))
			continue;
		a = find_access(s, &at, &p->site[i]);
		if (!a)
			continue;
		add_place(a, p->site[i].pc);
		s->runs[client][a - s->access] = true;
	}
}

static bool has_place(const struct access *all, unsigned n,
		      const struct place *at)
{
	for (unsigned i = 0; i < n; i++)
		if (same_place(&all[i].at, at))
			return true;
	return false;
}

static uint8_t kind_of(const char *call)
{
	if (strstr(call, "_load"))
		return OP_READ;
	if (strstr(call, "_store"))
		return OP_WRITE;
	return strstr(call, "_fence") ? OP_FENCE : OP_UPDATE;
}

/* Its orders are not known: they are arguments of a call that is not made. */
static void note_unseen(void *study, const char *call, uintptr_t pc)
{
	struct study *s = study;
	struct place at;

	if (s->unseens == ACCESSES_MAX || !source_find(s->source, pc, &at) ||
	    !is_own(&at, s->file) || has_place(s->access, s->accesses, &at) ||
	    has_place(s->unseen, s->unseens, &at))
		return;
	s->unseen[s->unseens++] =
		(struct access){ .at = at, .kind = kind_of(call) };
}

static void add_knob(struct study *s, struct access *a, bool failure)
{
	int8_t written = failure ? a->failed : a->order;

	s->knob[s->knobs++] = (struct knob){ .access = a,
					     .failure = failure,
					     .written = written,
					     .alone = written,
					     .together = written,
					     .now = written };
}

static void add_knobs(struct study *s)
{
	for (unsigned i = 0; i < s->accesses; i++) {
		struct access *a = &s->access[i];

		add_knob(s, a, false);
		if (a->kind == OP_UPDATE && a->failed != a->order)
			add_knob(s, a, true);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct knob *x = a, *y = b;
	const struct place *p = &x->access->at, *q = &y->access->at;
	int files = strcmp(p->file, q->file);

	if (files || p->line != q->line)
		return files ? files : p->line - q->line;
	if (p->column != q->column)
		return p->column - q->column;
	return x->failure - y->failure;
}

/* ---- the study ---- */

static int by_cost(const void *a, const void *b)
{
	uint64_t x = explored_executions(a), y = explored_executions(b);

	return (x > y) - (x < y);
}

/* The implementation as it is: it has to verify, and says what it executes. */
static int baseline(struct study *s)
{
	struct exploring how = {
		.ask = s->ask,
		.jobs = s->settings->jobs,
		.progress = isatty(STDERR_FILENO),
	};

	s->ask->record_sites = true;
	explored_run(s->clients, s->n, &how);
	s->ask->record_sites = false;
	s->runs_done += s->n;
	for (size_t i = 0; i < s->n; i++) {
		const struct explored *e = &s->clients[i];

		if (e->verdict == VIOLATED || e->verdict == NOT_SUPPORTED) {
			result_tell(e, s->settings);
			return e->verdict == VIOLATED ? EXIT_CHECK : EXIT_USAGE;
		}
	}
	qsort(s->clients, s->n, sizeof(*s->clients), by_cost);
	return 0;
}

static int collect(struct study *s)
{
	s->source = source_open(s->clients[0].argv[0]);
	if (!s->source)
		return lab_fail("%s has no debug information: build it with "
				"`make explorer`",
				s->clients[0].argv[0]);
	for (size_t i = 0; i < s->n; i++)
		note_sites(s, i);
	source_calls(s->source, "__tsan_atomic", note_unseen, s);
	add_knobs(s);
	qsort(s->knob, s->knobs, sizeof(*s->knob), by_place);
	return 0; /* the source stays open: names of files are in it */
}

static void weaken_all(struct study *s)
{
	for (unsigned i = 0; i < s->knobs; i++) {
		struct knob *k = &s->knob[i];

		k->alone = weaken(s, k, __ATOMIC_RELAXED);
		k->now = k->written;
	}
	for (unsigned i = 0; i < s->knobs; i++) {
		struct knob *k = &s->knob[i];

		if (k->alone == k->written)
			continue;
		k->together = weaken(s, k, k->alone);
		k->now = k->together;
	}
}

/* ---- what is told ---- */

static const char *operation(const struct access *a)
{
	switch (a->kind) {
	case OP_READ:
		return "load";
	case OP_WRITE:
		return "store";
	case OP_FENCE:
		return "fence";
	default:
		return "update";
	}
}

/* The table has a line for what cannot be weaker, too: it is shown complete. */
static void print_knob(const struct knob *k)
{
	char at[200];

	snprintf(at, sizeof(at), "%s:%d", k->access->at.file,
		 k->access->at.line);
	printf("  %-36s %-8s %-8s %-8s %-8s %s%s\n", at,
	       k->failure ? "failing" : operation(k->access),
	       order_names[k->written], order_names[k->alone],
	       order_names[k->together],
	       k->witness[0]			? k->witness
	       : k->written == __ATOMIC_RELAXED ? "is the weakest"
	       : k->alone == __ATOMIC_RELAXED	? "no client can tell"
						: "",
	       k->bounded ? " (to a bound)" : "");
	if (k->witness[0] && access(k->report, R_OK) == 0)
		printf("  %38s%s\n", "", place_shown(k->report));
}

static void print_unseen(const struct access *a)
{
	char at[200];

	snprintf(at, sizeof(at), "%s:%d", a->at.file, a->at.line);
	printf("  %-36s %-8s %26s %s\n", at, operation(a), "",
	       "is not executed by any client");
}

static void print_text(const struct study *s)
{
	printf("%s: %u atomic accesses, %zu clients, %lu runs\n",
	       s->clients[0].name, s->accesses, s->n, s->runs_done);
	printf("  %-36s %-8s %-8s %-8s %-8s %s\n", "place", "what", "written",
	       "alone", "together", "witness against weaker");
	for (unsigned i = 0; i < s->knobs; i++)
		print_knob(&s->knob[i]);
	for (unsigned i = 0; i < s->unseens; i++)
		print_unseen(&s->unseen[i]);
	fflush(stdout);
}

static void dump_json(json_t *o)
{
	json_dumpf(o, stdout, 0);
	putchar('\n');
	json_decref(o);
}

static void print_json(const struct study *s)
{
	for (unsigned i = 0; i < s->knobs; i++) {
		const struct knob *k = &s->knob[i];
		json_t *o = json_pack(
			"{s:s, s:s, s:i, s:i, s:s, s:b, s:s, s:s, s:s, s:b, "
			"s:s, s:s}",
			"implementation", s->clients[0].name, "file",
			k->access->at.file, "line", k->access->at.line,
			"column", k->access->at.column, "operation",
			k->failure ? "failing" : operation(k->access),
			"executed", true, "written", order_names[k->written],
			"alone", order_names[k->alone], "together",
			order_names[k->together], "bounded", k->bounded,
			"witness", k->witness, "report", k->report);

		dump_json(o);
	}
	for (unsigned i = 0; i < s->unseens; i++) {
		const struct access *a = &s->unseen[i];

		dump_json(json_pack("{s:s, s:s, s:i, s:i, s:s, s:b}",
				    "implementation", s->clients[0].name,
				    "file", a->at.file, "line", a->at.line,
				    "column", a->at.column, "operation",
				    operation(a), "executed", false));
	}
	fflush(stdout);
}

static int status(const struct study *s)
{
	int r = 0;

	for (unsigned i = 0; i < s->knobs; i++) {
		const struct knob *k = &s->knob[i];

		if (k->alone == k->written)
			continue;
		if (!k->bounded)
			return EXIT_CHECK;
		r = EXPLORE_BOUNDED;
	}
	return r;
}

static int study(struct study *s)
{
	const struct registration *r;
	char kind[80];
	int status_code = baseline(s);

	if (status_code)
		return status_code;
	snprintf(kind, sizeof(kind), "%s", s->clients[0].name);
	*strchr(kind, '/') = '\0';
	r = lab_find(kind, strchr(s->clients[0].name, '/') + 1);
	s->file = r->file;
	status_code = collect(s);
	if (status_code)
		return status_code;
	weaken_all(s);
	if (s->settings->format == FORMAT_JSON)
		print_json(s);
	else
		print_text(s);
	return status(s);
}

/* The clients of one implementation, `all` to `all + n`. */
static int relax_one(const struct explored *all, size_t n,
		     const struct settings *settings)
{
	struct study *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		abort();
	s->settings = settings;
	s->clients = calloc(n, sizeof(*s->clients));
	s->trial = calloc(n, sizeof(*s->trial));
	s->runs = calloc(n, sizeof(*s->runs));
	s->ask = malloc(sizeof(*s->ask));
	if (!s->clients || !s->trial || !s->runs || !s->ask)
		abort();
	memcpy(s->ask, &settings->ask, sizeof(*s->ask));
	for (size_t i = 0; i < n; i++)
		if (all[i].verdict != NOT_APPLICABLE)
			s->clients[s->n++] = all[i];
	if (s->n)
		r = study(s);
	for (size_t i = 0; i < s->n; i++)
		explored_forget(&s->clients[i]);
	free(s->ask);
	free(s->runs);
	free(s->trial);
	free(s->clients);
	free(s);
	return r;
}

/* Of the statuses of several: what is wrong before what could be weaker. */
static int worse(int a, int b)
{
	static const int rank[] = { [0] = 0,
				    [EXPLORE_BOUNDED] = 1,
				    [EXIT_CHECK] = 2,
				    [EXIT_USAGE] = 3 };

	return rank[a] > rank[b] ? a : b;
}

int relax(struct explored *all, size_t n, const struct settings *s)
{
	int r = 0;

	for (size_t i = 0, end; i < n; i = end) {
		for (end = i;
		     end < n && strcmp(all[end].name, all[i].name) == 0;)
			end++;
		r = worse(r, relax_one(all + i, end - i, s));
	}
	return r;
}
