/* SPDX-License-Identifier: MIT */
/*
 * reader -> compressors -> ordered writer, with a queue between each two.
 *
 * The reader takes an empty block, reads the next piece of a file into it and
 * puts it into `todo`; a compressor takes it, compresses it (zstd) and puts it
 * into `done`; the writer puts the blocks into order again, checks them, writes
 * them to a file, which it syncs now and then, and returns them through
 * `empty`. Reader and writer are two threads more than asked for, and
 * auxiliary. An operation is one block compressed: get, compress, put.
 *
 * A block's first bytes are its number, so that a block that is lost, doubled,
 * old or exchanged does not decompress to what its place demands. The files
 * have no names and are gone when the window is.
 */
#include "../harness/kit/sha256.h"
#include "../harness/kit/temp.h"
#include "../primitives/queue.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum {
	CORPUS_BYTES = 8 << 20,
	OUTPUT_BYTES = 64 << 20, /* then the writer begins anew */
	BLOCKS_PER_THREAD = 4,
	STAMP_BYTES = sizeof(uint64_t),
};

struct block {
	uint64_t number;
	size_t packed_bytes;
	uint8_t *raw, *packed;
	unsigned seen; /* how often verify has found it */
};

struct pipeline {
	const struct queue_impl *impl;
	void *empty, *todo, *done;
	uint8_t *corpus;
	int input, output;
	size_t block_bytes, packed_max;
	uint64_t sync_every, check_every;
	int level;
	unsigned n_blocks;
	struct block *blocks;
	ZSTD_CCtx **compressors; /* one a thread */
	ZSTD_DCtx *checker;	 /* the writer's */
	uint8_t *checked;
	struct block **waiting; /* the writer's: by number modulo n_blocks */
	uint64_t next;		/* the writer's: the block to be written */
	off_t at;		/* the writer's: and where */
};

/* Threads beyond the compressors. */
enum role { READER, WRITER, ROLES };

static unsigned workers(const struct cell *c)
{
	return c->threads + ROLES;
}

/* Prose of a kind: words of random letters, the first ones the most common, so
 * that zstd finds about as much as in a text. */
static void write_prose(uint8_t *to, size_t bytes)
{
	enum { WORDS = 4096, WORD = 12 };
	uint8_t(*words)[WORD] = cell_alloc((size_t)WORDS * WORD);
	uint64_t random = 1;
	size_t at = 0;

	sha256_fill(words, (size_t)WORDS * WORD, 0);
	while (at < bytes) {
		sha256_fill(&random, sizeof(random), random);

		unsigned a = random % WORDS, b = (random >> 16) % WORDS;
		const uint8_t *word = words[a * b / WORDS];
		size_t n = 2 + word[0] % (WORD - 2);

		for (size_t i = 1; i < n && at < bytes; i++)
			to[at++] = 'a' + word[i] % 26;
		if (at < bytes)
			to[at++] = ' ';
	}
	free(words);
}

/* Where in the corpus a block comes from. */
static size_t place(const struct pipeline *p, uint64_t number)
{
	return number % (CORPUS_BYTES / p->block_bytes) * p->block_bytes;
}

static bool make_files(struct cell *c, struct pipeline *p)
{
	p->corpus = cell_alloc(CORPUS_BYTES);
	write_prose(p->corpus, CORPUS_BYTES);
	p->input = temp_file();
	p->output = temp_file();
	if (p->input >= 0 && p->output >= 0 &&
	    pwrite(p->input, p->corpus, CORPUS_BYTES, 0) == CORPUS_BYTES)
		return true;
	return cell_fail(c,
			 "cannot make a file in %s: %s: set TMPDIR to a "
			 "directory that has room",
			 temp_dir(), strerror(errno));
}

static bool make_blocks(struct cell *c, struct pipeline *p)
{
	p->n_blocks = BLOCKS_PER_THREAD * (c->threads + ROLES);
	p->packed_max = ZSTD_compressBound(p->block_bytes);
	p->blocks = cell_alloc(p->n_blocks * sizeof(p->blocks[0]));
	p->waiting = cell_alloc(p->n_blocks * sizeof(struct block *));
	p->checked = cell_alloc(p->block_bytes);
	p->checker = ZSTD_createDCtx();
	p->compressors = cell_alloc(c->threads * sizeof(ZSTD_CCtx *));
	for (unsigned i = 0; i < c->threads; i++)
		p->compressors[i] = ZSTD_createCCtx();
	for (unsigned i = 0; i < p->n_blocks; i++) {
		p->blocks[i].raw = cell_alloc(p->block_bytes);
		p->blocks[i].packed = cell_alloc(p->packed_max);
		if (p->impl->put(p->empty, &p->blocks[i]) != 0)
			return cell_fail(c, "a queue of %u took only %u items",
					 p->n_blocks, i);
	}
	return true;
}

static bool make_queue(struct cell *c, void **queue, size_t capacity)
{
	const struct queue_impl *impl =
		(const struct queue_impl *)c->implementation->id;
	int error;

	*queue = cell_object(c->implementation);
	error = impl->init(*queue, capacity);
	return error == 0 ||
	       cell_fail(c, "init of a queue: %s", strerror(error));
}

static bool setup(struct cell *c)
{
	struct pipeline *p = c->state = cell_alloc(sizeof(*p));
	unsigned n_blocks = BLOCKS_PER_THREAD * (c->threads + ROLES);

	p->impl = (const struct queue_impl *)c->implementation->id;
	p->block_bytes = cell_param(c, "block_bytes");
	p->level = (int)cell_param(c, "level");
	p->sync_every = cell_param(c, "sync_every");
	p->check_every = cell_param(c, "check_every");
	return make_queue(c, &p->empty, n_blocks) &&
	       make_queue(c, &p->todo, c->threads) &&
	       make_queue(c, &p->done, n_blocks) && make_files(c, p) &&
	       make_blocks(c, p);
}

/* Whatever a thread has in hand when it leaves stays in w->own. */

static void read_blocks(struct worker *w, struct pipeline *p)
{
	uint64_t number = 0;

	while (worker_next(w) && p->impl->get(p->empty, &w->own) == 0) {
		struct block *b = w->own;

		b->number = number;
		if (pread(p->input, b->raw, p->block_bytes,
			  (off_t)place(p, number)) != (ssize_t)p->block_bytes)
			w->violations++;
		memcpy(b->raw, &number, STAMP_BYTES);
		if (p->impl->put(p->todo, b) != 0)
			return;
		w->own = NULL;
		number++;
	}
}

static void compress(struct worker *w, struct pipeline *p)
{
	ZSTD_CCtx *context = p->compressors[w->index];

	while (worker_next(w)) {
		uint64_t start = worker_start(w);

		if (p->impl->get(p->todo, &w->own) != 0)
			return;

		struct block *b = w->own;

		b->packed_bytes =
			ZSTD_compressCCtx(context, b->packed, p->packed_max,
					  b->raw, p->block_bytes, p->level);
		w->violations += ZSTD_isError(b->packed_bytes) != 0;
		if (p->impl->put(p->done, b) != 0)
			return;
		w->own = NULL;
		worker_end(w, start);
		worker_count(w, 1);
	}
}

/* Does it decompress to the piece of the corpus that belongs here? */
static bool right(struct pipeline *p, const struct block *b)
{
	const uint8_t *expected = p->corpus + place(p, p->next);

	return ZSTD_decompressDCtx(p->checker, p->checked, p->block_bytes,
				   b->packed,
				   b->packed_bytes) == p->block_bytes &&
	       memcmp(p->checked, &p->next, STAMP_BYTES) == 0 &&
	       memcmp(p->checked + STAMP_BYTES, expected + STAMP_BYTES,
		      p->block_bytes - STAMP_BYTES) == 0;
}

static void write_block(struct worker *w, struct pipeline *p,
			const struct block *b)
{
	if (b->number != p->next ||
	    (p->next % p->check_every == 0 && !right(p, b)))
		w->violations++;
	if (p->at + (off_t)b->packed_bytes > OUTPUT_BYTES)
		p->at = 0;
	if (pwrite(p->output, b->packed, b->packed_bytes, p->at) !=
		    (ssize_t)b->packed_bytes ||
	    (p->sync_every && (p->next + 1) % p->sync_every == 0 &&
	     fdatasync(p->output) != 0))
		cell_fail(w->cell,
			  "write to a file in %s: %s: free some space "
			  "or set TMPDIR",
			  temp_dir(), strerror(errno));
	p->at += (off_t)b->packed_bytes;
}

static void write_blocks(struct worker *w, struct pipeline *p)
{
	void *item;

	while (p->impl->get(p->done, &item) == 0) {
		struct block *b = item;
		struct block **slot = &p->waiting[b->number % p->n_blocks];

		/* numbers in flight are fewer than the places for them */
		w->violations += *slot != NULL;
		*slot = b;
		while ((w->own = p->waiting[p->next % p->n_blocks])) {
			p->waiting[p->next % p->n_blocks] = NULL;
			write_block(w, p, w->own);
			p->next++;
			if (p->impl->put(p->empty, w->own) != 0)
				return;
		}
	}
}

static void work(struct worker *w)
{
	struct pipeline *p = w->cell->state;

	if (w->index < w->cell->threads) {
		compress(w, p);
		return;
	}
	w->auxiliary = true;
	if (w->index == w->cell->threads + READER)
		read_blocks(w, p);
	else
		write_blocks(w, p);
}

static void stop(struct cell *c)
{
	struct pipeline *p = c->state;

	p->impl->close(p->empty);
	p->impl->close(p->todo);
	p->impl->close(p->done);
}

static void find(struct block *b)
{
	if (b)
		b->seen++;
}

static void find_in(const struct pipeline *p, void *queue)
{
	void *item;

	while (p->impl->get(queue, &item) == 0)
		find(item);
}

/* All blocks came out right, and each is in one place now. */
static bool verify(struct cell *c)
{
	struct pipeline *p = c->state;

	for (unsigned i = 0; i < c->n_workers; i++) {
		if (c->workers[i].violations)
			return cell_fail(
				c,
				"%llu blocks were not read, "
				"compressed or handed on rightly",
				(unsigned long long)c->workers[i].violations);
		find(c->workers[i].own);
	}
	find_in(p, p->empty);
	find_in(p, p->todo);
	find_in(p, p->done);
	for (unsigned i = 0; i < p->n_blocks; i++)
		find(p->waiting[i]);
	for (unsigned i = 0; i < p->n_blocks; i++)
		if (p->blocks[i].seen != 1)
			return cell_fail(c,
					 "block %u is in %u places: a queue "
					 "loses or doubles items",
					 i, p->blocks[i].seen);
	return true;
}

static void teardown(struct cell *c)
{
	struct pipeline *p = c->state;

	p->impl->destroy(p->empty);
	p->impl->destroy(p->todo);
	p->impl->destroy(p->done);
	for (unsigned i = 0; i < c->threads; i++)
		ZSTD_freeCCtx(p->compressors[i]);
	ZSTD_freeDCtx(p->checker);
	close(p->input);
	close(p->output);
}

SCENARIO(
	.name = "pipeline_compress",
	.kind = "queue",
	.bound = BOUND_MIXED,
	.brief = "read, compress in parallel, write in order: one block",
	.models = "pzstd or pigz, which compress a file with all cores",
	.params = {
		{ "block_bytes", 1 << 16, 64, CORPUS_BYTES / 2, "of a block" },
		{ "level", 1, 1, 3, "of zstd" },
		{ "sync_every", 64, 0, 1 << 20,
		  "blocks between two fdatasync; 0: none" },
		{ "check_every", 4, 1, 1 << 20,
		  "blocks of which the writer decompresses one" },
	},
	.slow = true,
	.workers = workers,
	.setup = setup,
	.work = work,
	.stop = stop,
	.verify = verify,
	.teardown = teardown);
