/* SPDX-License-Identifier: MIT */
/*
 * Threads append records to one file under a mutex; every sync_every-th
 * append takes the file to the disk before it lets go of the mutex.
 *
 * An operation is one record. The end of the file is a plain variable that the
 * mutex guards, so a lack of exclusion shows in the file itself, which verify
 * reads back. The file has no name and is gone when the window is.
 */
#include "../harness/kit/temp.h"
#include "../primitives/mutex.h"
#include "scenario.h"

#include <stdlib.h>
#include <string.h>

enum { RECORD_MAX = 1 << 16 };

struct record {
	uint32_t bytes; /* of the whole record */
	uint32_t writer;
	uint64_t sequence; /* of the writer, from 0 */
	uint64_t hash;	   /* of the two above and of the payload */
	uint8_t payload[];
};

struct log {
	const struct mutex_impl *impl;
	void *mutex;
	int fd;
	size_t record_bytes;
	uint64_t sync_every;
	/* guarded by the mutex */
	_Alignas(2 * CACHE_LINE) uint64_t end;
	uint64_t unsynced;
	bool occupied;
};

static const char *skip(const struct cell *c)
{
	(void)c;
	return temp_not_durable();
}

static bool setup(struct cell *c)
{
	struct log *l = c->state = cell_alloc(sizeof(*l));

	l->impl = (const struct mutex_impl *)c->implementation->id;
	l->record_bytes = cell_param(c, "record_bytes");
	l->sync_every = cell_param(c, "sync_every");
	l->fd = temp_file();
	if (l->fd < 0)
		return cell_fail(c,
				 "cannot make a file in %s: %s: set TMPDIR "
				 "to a directory that can be written",
				 temp_dir(), strerror(errno));
	l->mutex = cell_object(c->implementation);
	if (l->impl->init && l->impl->init(l->mutex) != 0)
		return cell_fail(c, "init of the mutex failed");
	return true;
}

/* FNV-1a, in words of 8 bits (Fowler, Noll, Vo). */
static uint64_t hash(const struct record *r)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ r->sequence;

	h ^= (uint64_t)r->writer << 32;
	for (size_t i = 0; i < r->bytes - sizeof(*r); i++)
		h = (h ^ r->payload[i]) * UINT64_C(0x100000001b3);
	return h;
}

static void fill(struct worker *w, struct record *r, size_t bytes)
{
	r->bytes = (uint32_t)bytes;
	r->writer = w->index;
	r->sequence = w->turn.ops;
	memset(r->payload, (int)(worker_random(w) >> 32), bytes - sizeof(*r));
	r->hash = hash(r);
}

/* Under the mutex. The end moves after the write, so that two who are inside
 * together write to the same place. */
static bool append(struct cell *c, struct log *l, const struct record *r)
{
	if (pwrite(l->fd, r, r->bytes, (off_t)l->end) != (ssize_t)r->bytes)
		return cell_fail(c,
				 "write to a file in %s: %s: free some "
				 "space or set TMPDIR",
				 temp_dir(), strerror(errno));
	l->end += r->bytes;
	if (l->sync_every == 0 || ++l->unsynced < l->sync_every)
		return true;
	l->unsynced = 0;
	if (fdatasync(l->fd) != 0)
		return cell_fail(c,
				 "fdatasync of a file in %s: %s: set TMPDIR "
				 "to a directory on a sound disk",
				 temp_dir(), strerror(errno));
	return true;
}

/* The same, and nobody else is there meanwhile. */
static bool append_alone(struct worker *w, struct log *l,
			 const struct record *r)
{
	bool ok;

	if (l->occupied)
		w->violations++;
	l->occupied = true;
	ok = append(w->cell, l, r);
	l->occupied = false;
	return ok;
}

static void work(struct worker *w)
{
	struct log *l = w->cell->state;
	struct record *r = cell_alloc(l->record_bytes);
	void *node = cell_alloc(l->impl->id.node_size);
	bool ok = true;

	while (ok && worker_next(w)) {
		fill(w, r, l->record_bytes);

		uint64_t start = worker_start(w);

		l->impl->lock(l->mutex, node);
		ok = append_alone(w, l, r);
		l->impl->unlock(l->mutex, node);
		worker_end(w, start);
		worker_count(w, ok);
	}
	free(node);
	free(r);
}

/* One record at the place; false at the end of the file, or if it is torn. */
static bool read_back(const struct log *l, struct record *r, uint64_t at)
{
	return pread(l->fd, r, l->record_bytes, (off_t)at) ==
		       (ssize_t)l->record_bytes &&
	       r->bytes == l->record_bytes && r->hash == hash(r);
}

/* Every record is there, whole, and each writer's are in its order. */
static bool check_file(struct cell *c, const struct log *l, uint64_t end)
{
	struct record *r = cell_alloc(l->record_bytes);
	uint64_t next[THREADS_MAX] = { 0 };
	const char *fault = NULL;
	uint64_t at;

	for (at = 0; !fault && at < end; at += l->record_bytes) {
		if (!read_back(l, r, at))
			fault = "torn or missing";
		else if (r->writer >= c->threads ||
			 r->sequence != next[r->writer]++)
			fault = "out of its writer's order";
	}
	free(r);
	return !fault || cell_fail(c, "the record that ends at byte %llu is %s",
				   (unsigned long long)at, fault);
}

static bool verify(struct cell *c)
{
	struct log *l = c->state;
	uint64_t end = cell_total_ops(c) * l->record_bytes;

	for (unsigned i = 0; i < c->threads; i++)
		if (c->workers[i].violations)
			return cell_fail(c,
					 "thread %u found another one in "
					 "the section",
					 i);
	if (l->end != end)
		return cell_fail(c, "the log has %llu bytes, %llu were written",
				 (unsigned long long)l->end,
				 (unsigned long long)end);
	return check_file(c, l, end);
}

static void teardown(struct cell *c)
{
	struct log *l = c->state;

	if (l->impl->destroy)
		l->impl->destroy(l->mutex);
	close(l->fd);
}

SCENARIO(
	.name = "log_fdatasync",
	.kind = "mutex",
	.bound = BOUND_IO,
	.brief = "append to a log that is synced under its lock: one record",
	.models = "a database's write-ahead log with group commit",
	.params = {
		{ "record_bytes", 128, sizeof(struct record) + 1, RECORD_MAX,
		  "of a record, its head included" },
		{ "sync_every", 64, 0, 1 << 20,
		  "records between two fdatasync; 0: none" },
	},
	.slow = true,
	.skip = skip,
	.setup = setup,
	.work = work,
	.verify = verify,
	.teardown = teardown);
