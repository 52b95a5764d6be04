/* SPDX-License-Identifier: MIT */
/*
 * A queue of sleepers: futexes and conditions sleep on it.
 *
 * The order is first in, first out, as the kernel's within one priority
 * (kernel/futex/waitwake.c: plist). Callers may not rely on it, so that
 * --wake=any takes any of them.
 *
 * Moving sleepers from one queue to another is one step in the kernel, which
 * holds the locks of both. Here it is three events: read the source, enter them
 * in the target, then take them out of the source provided that its value is
 * still the one that was read; executions in which it is not are dropped. Until
 * then a sleeper listens at the source only, and after it at the target only,
 * where it may have been woken already. It finds out from the graph where it
 * went: the write that took it out says so in its operation.
 */
#include "call_queue.h"

enum {
	ENTRY_BITS = 6,
	ENTRIES_MAX = 8,
	THREAD_BITS = 4,
	CLASSES = 1 << (ENTRY_BITS - THREAD_BITS),
	REMOVED_SHIFT = ENTRY_BITS * ENTRIES_MAX,
};

#define ENTRY	((UINT64_C(1) << ENTRY_BITS) - 1)
#define ENTRIES ((UINT64_C(1) << REMOVED_SHIFT) - 1)

/* Masks that have been in use in this process, by class. */
static uint32_t masks[CLASSES] = { QUEUE_ANY_MASK };

static unsigned class_of(const struct call *c, uint32_t mask)
{
	for (unsigned i = 0; i < CLASSES; i++) {
		if (masks[i] == 0)
			masks[i] = mask;
		if (masks[i] == mask)
			return i;
	}
	violation_raise(UNSUPPORTED, c->pc,
			"%s with more than %d different bit sets", c->what,
			CLASSES);
	return 0;
}

static unsigned length(uint64_t q)
{
	q &= ENTRIES;
	return q ? (63U - (unsigned)__builtin_clzll(q)) / ENTRY_BITS + 1 : 0;
}

static unsigned entry_at(uint64_t q, unsigned i)
{
	return (unsigned)(q >> (i * ENTRY_BITS) & ENTRY);
}

static unsigned entry_thread(unsigned entry)
{
	return (entry & ((1 << THREAD_BITS) - 1)) - 1;
}

static uint64_t removed_bit(unsigned thread)
{
	return UINT64_C(1) << (REMOVED_SHIFT + thread);
}

/* A queue being taken apart: those who stay, and those taken out in turn. */
struct split {
	uint64_t stay, out;
	unsigned stays, outs;
	uint64_t removed; /* their bits */
};

static void put(struct split *s, unsigned entry, bool out)
{
	if (out) {
		s->out |= (uint64_t)entry << (ENTRY_BITS * s->outs++);
		s->removed |= removed_bit(entry_thread(entry));
	} else {
		s->stay |= (uint64_t)entry << (ENTRY_BITS * s->stays++);
	}
}

/* Take out n of those that match, from the first-th on and round again. */
static struct split split(uint64_t q, unsigned n, uint32_t mask, unsigned first)
{
	struct split s = { 0 };
	unsigned all = length(q), matching = 0, k = 0;

	for (unsigned i = 0; i < all; i++)
		matching += (masks[entry_at(q, i) >> THREAD_BITS] & mask) != 0;
	for (unsigned i = 0; i < all; i++) {
		unsigned entry = entry_at(q, i);
		bool out = (masks[entry >> THREAD_BITS] & mask) != 0;

		if (out) {
			out = (k + matching - first % matching) % matching < n;
			k++;
		}
		put(&s, entry, out);
	}
	return s;
}

static struct split split_one(uint64_t q, unsigned thread)
{
	struct split s = { 0 };

	for (unsigned i = 0; i < length(q); i++)
		put(&s, entry_at(q, i), entry_thread(entry_at(q, i)) == thread);
	return s;
}

/* admits: the sleeper `operand` has been taken out by this write. */
static bool taken_out(const struct op *op, uint64_t q)
{
	return (q & (removed_bit((unsigned)op->operand) | DESTROYED)) != 0;
}

/* update: append the entries in `operand`. */
static bool append(const struct op *op, uint64_t q, uint64_t *written)
{
	unsigned n = length(q);

	if (n + length(op->operand) > ENTRIES_MAX || (q & DESTROYED))
		return false;
	*written = (q & ENTRIES) | op->operand << (n * ENTRY_BITS);
	return true;
}

/* update: take the sleeper `operand` out, by itself. */
static bool leave(const struct op *op, uint64_t q, uint64_t *written)
{
	struct split s = split_one(q, (unsigned)op->operand);

	*written = s.stay;
	return s.outs != 0;
}

/* update: nothing, if nobody is there. */
static bool nobody(const struct op *op, uint64_t q, uint64_t *written)
{
	(void)op;
	*written = 0;
	return length(q) == 0;
}

/* How many, which of them first, which masks. */
static uint64_t wake_operand(unsigned n, unsigned first, uint32_t mask)
{
	return (uint64_t)mask << 32 | first << 8 | n;
}

static struct split wake_split(uint64_t operand, uint64_t q)
{
	return split(q, operand & 0xff, (uint32_t)(operand >> 32),
		     operand >> 8 & 0xff);
}

static bool wake(const struct op *op, uint64_t q, uint64_t *written)
{
	struct split s = wake_split(op->operand, q);

	*written = s.removed | s.stay | (q & DESTROYED);
	return true;
}

static bool wake_as_seen(const struct op *op, uint64_t q, uint64_t *written)
{
	return wake(op, q, written) && q == op->expected;
}

/* How many to wake, how many of the others to move, and the address whose
 * queue they move to. */
static uint64_t move_operand(unsigned n, unsigned moves, const void *to)
{
	return (uint64_t)(uintptr_t)to << 16 | moves << 8 | n;
}

static void move_split(uint64_t operand, uint64_t q, struct split *woken,
		       struct split *moved)
{
	*woken = split(q, operand & 0xff, QUEUE_ANY_MASK, 0);
	*moved = split(woken->stay, operand >> 8 & 0xff, QUEUE_ANY_MASK, 0);
}

static bool move(const struct op *op, uint64_t q, uint64_t *written)
{
	struct split woken, moved;

	move_split(op->operand, q, &woken, &moved);
	*written = woken.removed | moved.removed | moved.stay;
	return q == op->expected;
}

static bool destroy(const struct op *op, uint64_t q, uint64_t *written)
{
	(void)op;
	*written = DESTROYED;
	return length(q) == 0;
}

static uint64_t change(const struct call *c, uintptr_t key,
		       bool (*update)(const struct op *, uint64_t, uint64_t *),
		       uint64_t operand)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL, key);

	op.update = update;
	op.operand = operand;
	return op_do(&op);
}

static void enter(const struct call *c, uintptr_t key, uint64_t entries,
		  bool fresh)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL, key);

	op.update = append;
	op.operand = entries;
	op.fresh = fresh;

	uint64_t q = op_do(&op);

	call_alive(c, q);
	if (length(q) + length(entries) > ENTRIES_MAX)
		violation_raise(UNSUPPORTED, c->pc,
				"%s: more than %d sleepers on one object",
				c->what, ENTRIES_MAX);
}

void queue_enter(const struct call *c, uintptr_t key, uint32_t mask, bool fresh)
{
	unsigned me = op_thread();

	if (me + 1 >= 1 << THREAD_BITS)
		violation_raise(UNSUPPORTED, c->pc,
				"%s by a 16th thread: only 15 may sleep",
				c->what);
	enter(c, key, class_of(c, mask) << THREAD_BITS | (me + 1), fresh);
}

/* An update that makes sense only if it writes. */
static void insist(const struct call *c, struct op *op)
{
	uint64_t written;

	if (!op->update(op, op_do(op), &written))
		call_drop(c, op->key);
}

void queue_leave(const struct call *c, uintptr_t key)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL, key);

	op.update = leave;
	op.operand = op_thread();
	insist(c, &op);
}

/* Wait to be taken out. Returns where this sleeper sleeps on; 0: woken. */
static uintptr_t await(const struct call *c, uintptr_t key, bool moot)
{
	struct op op = call_op(c, OP_READ, __ATOMIC_ACQUIRE, key);
	unsigned me = op_thread();

	op.admits = taken_out;
	op.operand = me;
	op.moot = moot;
	call_alive(c, op_do(&op));

	const struct event *read = graph_event(graph, me, running->next - 1);
	const struct event *writer = &graph->events[read->rf];
	struct split woken, moved;

	if (writer->op.update != move)
		return 0;
	read = graph_event(graph, writer->thread, writer->index - 1U);
	move_split(writer->op.operand, read->read, &woken, &moved);
	if (woken.removed & removed_bit(me))
		return 0;
	return (key >> 56) << 56 | writer->op.operand >> 16;
}

/* Each thread may be woken for no reason once in an execution: without a bound
 * a loop around the wait would have no end. */
static bool may_be_spurious(void)
{
	static uint32_t done[THREADS_MAX];

	if (!page->spurious || done[op_thread()] == execution)
		return false;
	done[op_thread()] = execution;
	return true;
}

/* How a sleep is to end. Being woken is the first: without it there is no
 * other, and a sleeper that nobody wakes is a deadlock though it might return
 * for no reason. */
static enum queue_end choose(const struct call *c, uint64_t deadline,
			     bool eintr)
{
	enum queue_end ends[4] = { QUEUE_WOKEN };
	unsigned n = 1;

	if (time_may_pass(deadline))
		ends[n++] = QUEUE_EXPIRED;
	if (may_be_spurious()) {
		ends[n++] = QUEUE_SPURIOUS;
		if (eintr)
			ends[n++] = QUEUE_EINTR;
	}
	return n == 1 ? QUEUE_WOKEN : ends[op_choose(n, c->what, c->pc)];
}

enum queue_end queue_sleep(const struct call *c, uintptr_t key,
			   uint64_t deadline, bool eintr)
{
	do {
		enum queue_end end = choose(c, deadline, eintr);

		if (end != QUEUE_WOKEN) {
			queue_leave(c, key);
			if (end == QUEUE_EXPIRED)
				time_expire(deadline);
			return end;
		}
		key = await(c, key, deadline != NEVER);
	} while (key);
	return QUEUE_WOKEN;
}

/* --wake=any, and fewer are woken than sleep: which is a choice, made in sight
 * of the queue; if it changes before the wake, the execution is dropped. */
static uint64_t wake_any(const struct call *c, uintptr_t key, unsigned n,
			 uint32_t mask)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL, key);
	unsigned matching, first = 0;

	op.expected = call_look(c, key, __ATOMIC_ACQUIRE);
	matching = split(op.expected, QUEUE_ALL, mask, 0).outs;
	if (n < matching)
		first = op_choose(matching, "which sleeper", c->pc);
	op.operand = wake_operand(n, first, mask);
	op.update = wake_as_seen;
	insist(c, &op);
	return op.expected;
}

unsigned queue_wake(const struct call *c, uintptr_t key, unsigned n,
		    uint32_t mask)
{
	uint64_t q;

	if (n > QUEUE_ALL)
		n = QUEUE_ALL;
	if (page->wake_any && n < ENTRIES_MAX)
		q = wake_any(c, key, n, mask);
	else
		q = change(c, key, wake, wake_operand(n, 0, mask));
	call_alive(c, q);
	return split(q, n, mask, 0).outs;
}

unsigned queue_move(const struct call *c, enum hidden kind, const void *from,
		    const void *to, unsigned n, unsigned moves, bool fresh)
{
	uintptr_t source = hidden_key(kind, (uintptr_t)from);
	struct op look = call_op(c, OP_READ, __ATOMIC_ACQUIRE, source);
	struct op take = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL, source);
	struct split woken, moved;

	look.fresh = fresh;
	take.operand = move_operand(n < QUEUE_ALL ? n : QUEUE_ALL,
				    moves < QUEUE_ALL ? moves : QUEUE_ALL, to);
	take.expected = op_do(&look);
	move_split(take.operand, take.expected, &woken, &moved);
	if (moved.outs)
		enter(c, hidden_key(kind, (uintptr_t)to), moved.out, false);
	take.update = move;
	insist(c, &take);
	return woken.outs + moved.outs;
}

unsigned queue_pop(const struct call *c, uintptr_t key)
{
	uint64_t operand = wake_operand(1, 0, QUEUE_ANY_MASK);
	struct split s = wake_split(operand, change(c, key, wake, operand));

	return s.outs ? entry_thread((unsigned)s.out) + 1 : 0;
}

void queue_expect_none(const struct call *c, uintptr_t key)
{
	struct op op = call_op(c, OP_UPDATE, __ATOMIC_ACQ_REL, key);

	op.update = nobody;
	insist(c, &op);
}

bool queue_destroy(const struct call *c, uintptr_t key)
{
	uint64_t q = change(c, key, destroy, 0);

	call_alive(c, q);
	return length(q) == 0;
}
