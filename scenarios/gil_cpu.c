/* SPDX-License-Identifier: MIT */
/*
 * Work for the CPU, shared out to threads under a GIL, to threads without one,
 * to processes, and to both of real CPython.
 *
 * A unit is what an interpreter does for a line of a script: a call into C (the
 * SHA-256 of a block) and a few bytecodes (steps of a generator). After each
 * step a holder of the GIL looks whether it must give it up. As in CPython's
 * hashlib the call itself gives it up only if the block is long enough.
 *
 * Each unit starts with the result of the one before; the results of a chain of
 * 64 are known before the window begins.
 */
#include "_gil.h"

#include "../harness/kit/sha256.h"

enum {
	CHAIN_LENGTH = 64,
	SIZE_DEFAULT = 1024,
	STEPS_DEFAULT = 16,
	STEPS_MAX = 1000000,
	/* hashlib's HASHLIB_GIL_MINSIZE, the same in CPython 3.2 to 3.13 */
	RELEASE_BYTES = 2048,
};

/* The end of a chain at the default parameters, by CPython's hashlib. */
static const char known_end[] =
	"8886a779a5f1a8bbe869522fd539911c29cbbec781b89caed5a5d3a8401921e8";

struct shared {
	struct interpreter interpreter;
	struct crew crew;
	size_t size;
	uint64_t steps;
	struct sha256_digest expected[CHAIN_LENGTH + 1];
};

/* One worker's place in its chain. */
struct chain {
	struct sha256 *hasher;
	uint8_t *block; /* bytes 0, 1, .. 255, 0, ..; begins with the link */
	size_t size;
	uint64_t steps;
	struct sha256_digest link;
	unsigned at;
};

static void chain_open(struct chain *chain, const struct shared *s)
{
	*chain = (struct chain){
		.hasher = sha256_new(),
		.block = cell_alloc(s->size),
		.size = s->size,
		.steps = s->steps,
	};
	for (size_t i = 0; i < s->size; i++)
		chain->block[i] = (uint8_t)i;
}

static void chain_close(struct chain *chain)
{
	sha256_free(chain->hasher);
	free(chain->block);
}

static uint64_t link_load(const uint8_t *bytes)
{
	uint64_t x = 0;

	for (int i = 7; i >= 0; i--)
		x = x << 8 | bytes[i];
	return x;
}

static void link_store(uint8_t *bytes, uint64_t x)
{
	for (int i = 0; i < 8; i++, x >>= 8)
		bytes[i] = (uint8_t)x;
}

static void call(struct chain *chain, struct interpreter *it, struct worker *w)
{
	bool release = chain->size >= RELEASE_BYTES;

	memcpy(chain->block, &chain->link, sizeof(chain->link));
	if (release)
		interpreter_leave(it, w);
	chain->link = sha256(chain->hasher, chain->block, chain->size);
	if (release)
		interpreter_enter(it, w);
}

/* w: NULL where there is no GIL. */
static void unit(struct chain *chain, struct interpreter *it, struct worker *w)
{
	uint64_t x;

	call(chain, it, w);
	x = link_load(chain->link.bytes);
	for (uint64_t i = 0; i < chain->steps; i++) {
		x = x * UINT64_C(6364136223846793005) + 1;
		__asm__ volatile("" : "+r"(x)); /* a bytecode is not vectors */
		interpreter_yield(it, w);
	}
	link_store(chain->link.bytes, x);
	chain->at++;
}

/* At the end of a chain: was it right? Begins the next. */
static bool check(struct chain *chain, const struct shared *s)
{
	bool right = sha256_same(&chain->link, &s->expected[chain->at]);

	chain->link = s->expected[0];
	chain->at = 0;
	return right;
}

/* ---- known results ---- */

static void print_digest(char *text, const struct sha256_digest *digest)
{
	for (int i = 0; i < SHA256_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", digest->bytes[i]);
}

static bool prepare(struct shared *s, struct cell *c)
{
	struct chain chain;
	char end[2 * SHA256_BYTES + 1];

	chain_open(&chain, s);
	while (chain.at < CHAIN_LENGTH) {
		unit(&chain, &s->interpreter, NULL);
		s->expected[chain.at] = chain.link;
	}
	chain_close(&chain);
	print_digest(end, &chain.link);
	if (s->size == SIZE_DEFAULT && s->steps == STEPS_DEFAULT &&
	    strcmp(end, known_end) != 0)
		return cell_fail(c,
				 "a chain ends in %.16s... instead of "
				 "%.16s...",
				 end, known_end);
	return true;
}

/* ---- the cell ---- */

static void member(const struct crew *crew, unsigned index)
{
	struct shared *s = crew->cell->state;
	struct chain chain;

	chain_open(&chain, s);
	while (!crew_over(crew)) {
		unit(&chain, &s->interpreter, NULL);
		if (chain.at == CHAIN_LENGTH && !check(&chain, s))
			crew_count_failure(crew, index);
		crew_count(crew, index, 0);
	}
	if (!check(&chain, s))
		crew_count_failure(crew, index);
}

static bool setup(struct cell *c)
{
	struct shared *s = c->state = cell_alloc(sizeof(*s));
	enum actor actor = actor_of(c);
	char options[80];

	s->size = cell_param(c, "size_bytes");
	s->steps = cell_param(c, "steps_count");
	if (!prepare(s, c) || !interpreter_open(&s->interpreter, c))
		return false;
	if (actor < PROCESSES)
		return true;
	if (!crew_open(&s->crew, c, false))
		return false;
	if (actor == PROCESSES)
		return crew_fork(&s->crew, member);
	snprintf(options, sizeof(options), "size_bytes=%zu steps_count=%llu",
		 s->size, (unsigned long long)s->steps);
	return cpython_open(&s->crew, "cpu", cpython_how(actor), options,
			    c->threads, (const int[]){ -1 });
}

static void work(struct worker *w)
{
	struct shared *s = w->cell->state;
	struct interpreter *it = &s->interpreter;
	struct chain chain;

	if (s->crew.cell) {
		crew_follow(&s->crew, w);
		return;
	}
	chain_open(&chain, s);
	interpreter_enter(it, w);
	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		unit(&chain, it, w);
		worker_end(w, start);
		if (chain.at == CHAIN_LENGTH)
			w->violations += !check(&chain, s);
		interpreter_count(it);
		worker_count(w, 1);
	}
	w->violations += !check(&chain, s);
	interpreter_leave(it, w);
	chain_close(&chain);
}

static void stop(struct cell *c)
{
	struct shared *s = c->state;

	crew_stop(&s->crew);
}

static bool verify(struct cell *c)
{
	struct shared *s = c->state;

	if (s->crew.cell)
		return crew_verify(&s->crew);
	return interpreter_verify(&s->interpreter, c, cell_total_ops(c));
}

static void teardown(struct cell *c)
{
	struct shared *s = c->state;

	crew_close(&s->crew);
	interpreter_close(&s->interpreter);
	free(s);
}

SCENARIO(
	.name = "gil_cpu",
	.kind = "gil",
	.bound = BOUND_CPU,
	.brief = "one unit of a script: a SHA-256 in C and a few bytecodes",
	.models = "CPU-bound threads of CPython, against processes",
	.params = {
		{ "interval_us", 5000, 1, 10000000, "switch interval" },
		{ "size_bytes", SIZE_DEFAULT, 64, 1 << 24,
		  "hashed by a unit; the GIL is given up from 2048 on" },
		{ "steps_count", STEPS_DEFAULT, 0, STEPS_MAX, "bytecodes of a unit" },
	},
	.variants = ACTOR_VARIANTS,
	.skip = actor_skip,
	.setup = setup,
	.work = work,
	.stop = stop,
	.verify = verify,
	.teardown = teardown);
