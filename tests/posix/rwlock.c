/* SPDX-License-Identifier: MIT */
/*
 * Read-write locks. Deadlines are in timed.c.
 */
#include <string.h>

#include "posix.h"

enum { READERS = 4 };

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static _Atomic int reading, let_go;

static void unlock(void)
{
	CHECK(pthread_rwlock_unlock(&rwlock), 0);
}

static void *try_both(void *results)
{
	int *error = results;

	error[0] = pthread_rwlock_tryrdlock(&rwlock);
	if (!error[0])
		unlock();
	error[1] = pthread_rwlock_trywrlock(&rwlock);
	if (!error[1])
		unlock();
	return NULL;
}

/* What another thread gets from tryrdlock and trywrlock. */
static void expect(int to_read, int to_write)
{
	struct thread t;
	int error[2];

	start(&t, try_both, error);
	join(&t);
	CHECK(error[0], to_read);
	CHECK(error[1], to_write);
}

static void basics(void)
{
	struct timespec until = never(CLOCK_REALTIME);

	expect(0, 0);
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	expect(0, EBUSY);
	unlock();
	CHECK(pthread_rwlock_wrlock(&rwlock), 0);
	expect(EBUSY, EBUSY);
	unlock();
	CHECK(pthread_rwlock_tryrdlock(&rwlock), 0);
	expect(0, EBUSY);
	unlock();
	CHECK(pthread_rwlock_trywrlock(&rwlock), 0);
	expect(EBUSY, EBUSY);
	unlock();
	CHECK(pthread_rwlock_timedrdlock(&rwlock, &until), 0);
	expect(0, EBUSY);
	unlock();
	CHECK(pthread_rwlock_timedwrlock(&rwlock, &until), 0);
	expect(EBUSY, EBUSY);
	unlock();
	expect(0, 0);
}

TEST(static_initialiser, "pthread_rwlock_init",
     "PTHREAD_RWLOCK_INITIALIZER: readers share, a writer excludes all")
{
	basics();
	CHECK(pthread_rwlock_destroy(&rwlock), 0);
}

TEST(any_memory, "pthread_rwlock_init",
     "initialises whatever was in the memory before, to unlocked")
{
	for (int byte = 0; byte < 256; byte += 51) {
		memset(&rwlock, byte, sizeof(rwlock));
		CHECK(pthread_rwlock_init(&rwlock, NULL), 0);
		basics();
		CHECK(pthread_rwlock_destroy(&rwlock), 0);
	}
}

TEST(again_after_destroy, "pthread_rwlock_destroy",
     "a destroyed lock can be initialised again")
{
	for (int i = 0; i < 3; i++) {
		CHECK(pthread_rwlock_destroy(&rwlock), 0);
		CHECK(pthread_rwlock_init(&rwlock, NULL), 0);
		basics();
	}
}

/* ------------------------------------------------------------------- kinds */

static void make_kind(int kind)
{
	pthread_rwlockattr_t a;
	int is;

	CHECK(pthread_rwlockattr_init(&a), 0);
	CHECK(pthread_rwlockattr_setkind_np(&a, kind), 0);
	CHECK(pthread_rwlockattr_getkind_np(&a, &is), 0);
	CHECK(is, kind);
	CHECK(pthread_rwlock_init(&rwlock, &a), 0);
	CHECK(pthread_rwlockattr_destroy(&a), 0);
}

#define BASICS(name, kind)                                                     \
	TEST(basics_##name, "libc",                                            \
	     "pthread_rwlockattr_setkind_np: a lock like others; " #name)      \
	{                                                                      \
		make_kind(kind);                                               \
		basics();                                                      \
		CHECK(pthread_rwlock_destroy(&rwlock), 0);                     \
	}
BASICS(prefer_reader, PTHREAD_RWLOCK_PREFER_READER_NP)
BASICS(prefer_writer, PTHREAD_RWLOCK_PREFER_WRITER_NP)
BASICS(writer_nonrecursive, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)

TEST(static_nonrecursive, "libc",
     "PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP is as init")
{
	rwlock = (pthread_rwlock_t)
		PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
	basics();
	CHECK(pthread_rwlock_destroy(&rwlock), 0);
}

TEST(unknown_kind, "libc", "pthread_rwlockattr_setkind_np: EINVAL for 99")
{
	pthread_rwlockattr_t a;
	int kind;

	CHECK(pthread_rwlockattr_init(&a), 0);
	CHECK(pthread_rwlockattr_setkind_np(&a, 99), EINVAL);
	CHECK(pthread_rwlockattr_getkind_np(&a, &kind), 0);
	CHECK(kind, PTHREAD_RWLOCK_DEFAULT_NP);
}

/* ----------------------------------------------------------- who waits for
 * whom */

static void *read_together(void *unused)
{
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	reading++;
	await(&reading, READERS); /* all are inside */
	unlock();
	return unused;
}

static void start_all(struct thread *threads, int n, void *(*body)(void *))
{
	for (int i = 0; i < n; i++)
		start(&threads[i], body, NULL);
}

static void join_all(struct thread *threads, int n)
{
	for (int i = 0; i < n; i++)
		join(&threads[i]);
}

TEST(readers_share, "pthread_rwlock_rdlock",
     "acquired if no writer holds it and none is blocked: all at once")
{
	struct thread threads[READERS];

	start_all(threads, READERS, read_together);
	join_all(threads, READERS);
}

static void *read_when_allowed(void *unused)
{
	entering();
	return read_together(unused);
}

TEST(readers_after_writer, "pthread_rwlock_unlock",
     "when a writer unlocks, all readers that are blocked acquire it")
{
	struct thread threads[READERS];

	CHECK(pthread_rwlock_wrlock(&rwlock), 0);
	start_all(threads, READERS, read_when_allowed);
	for (int i = 0; i < READERS; i++)
		AWAIT_BLOCKED(&threads[i]);
	CHECK(reading, 0);
	unlock();
	join_all(threads, READERS);
}

static void *write_once(void *unused)
{
	entering();
	CHECK(pthread_rwlock_wrlock(&rwlock), 0);
	unlock();
	return unused;
}

TEST(writer_after_last_reader, "pthread_rwlock_unlock",
     "the last read lock to be released makes it available to a writer")
{
	struct thread writer;

	/* two of the three by one thread: each has its own unlock */
	for (int i = 0; i < 3; i++)
		CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	start(&writer, write_once, NULL);
	AWAIT_BLOCKED(&writer);
	unlock();
	AWAIT_ASLEEP(&writer);
	unlock();
	AWAIT_ASLEEP(&writer);
	unlock();
	join(&writer);
}

static void *read_twice(void *unused)
{
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	reading = 1;
	await(&let_go, 1);
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	reading = 2;
	CHECK(pthread_rwlock_tryrdlock(&rwlock), 0);
	reading = 3;
	unlock();
	unlock();
	unlock();
	return unused;
}

TEST(recursive_reader, "pthread_rwlock_rdlock",
     "n read locks of a thread; libc: also while a writer is blocked")
{
	struct thread reader, writer;

	start(&reader, read_twice, NULL);
	await(&reading, 1);
	start(&writer, write_once, NULL);
	AWAIT_BLOCKED(&writer);
	let_go = 1;
	for (int ms = 0; ms < 1000 && reading < 3 && !reader.done; ms++)
		pause_ms(1);
	if (reading < 3) { /* is it slow, or deadlocked? ask its state */
		AWAIT_ASLEEP(&reader);
		fail(__FILE__, __LINE__,
		     "a reader's lock number %d waits for the writer, which "
		     "waits for the reader",
		     reading + 1);
	}
	join(&reader);
	join(&writer);
}

static void *read_once(void *unused)
{
	entering();
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	reading = 1;
	unlock();
	return unused;
}

TEST(other_reader, "pthread_rwlock_rdlock",
     "with a blocked writer: implementation-defined; libc lets readers in")
{
	struct thread reader, writer;

	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	start(&writer, write_once, NULL);
	AWAIT_BLOCKED(&writer);
	start(&reader, read_once, NULL);
	for (int ms = 0; ms < 50 && !reader.done; ms++)
		pause_ms(1);
	if (!reader.done)
		note("a blocked writer keeps new readers out");
	unlock();
	join(&reader);
	join(&writer);
}

TEST(nonrecursive_writer_first, "libc",
     "PREFER_WRITER_NONRECURSIVE: a blocked writer keeps new readers out")
{
	struct thread reader, writer;

	make_kind(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	start(&writer, write_once, NULL);
	AWAIT_BLOCKED(&writer);
	start(&reader, read_once, NULL);
	for (int ms = 0; ms < 50 && !reader.done; ms++)
		pause_ms(1);
	if (reader.done) /* a preference, no law */
		note("a new reader overtakes a blocked writer");
	unlock();
	join(&reader);
	join(&writer);
}

static void writer_gives_up(void)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 5);

	CHECK(pthread_rwlock_timedwrlock(&rwlock, &soon), ETIMEDOUT);
}

static void *give_up(void *unused)
{
	writer_gives_up();
	return unused;
}

TEST(writer_that_gave_up, "pthread_rwlock_timedwrlock",
     "a writer that timed out keeps no reader out")
{
	for (int i = 0; i < 2; i++) {
		struct thread writer;

		if (i) {
			CHECK(pthread_rwlock_destroy(&rwlock), 0);
			make_kind(PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
		}
		CHECK(pthread_rwlock_rdlock(&rwlock), 0);
		start(&writer, give_up, NULL);
		join(&writer);
		expect(0, EBUSY);
		unlock();
		expect(0, 0);
	}
}

static int (*own_call)(pthread_rwlock_t *);
static _Atomic int own_error;

static void *lock_own(void *unused)
{
	CHECK(pthread_rwlock_wrlock(&rwlock), 0);
	entering();
	own_error = own_call(&rwlock);
	unlock();
	return unused;
}

/* Deadlock is allowed; libc tells. */
static void writers_own(int (*call)(pthread_rwlock_t *))
{
	struct thread t;

	own_call = call;
	own_error = -1;
	start(&t, lock_own, NULL);
	while (!t.entered && !t.done)
		pause_ms(1);
	for (int ms = 0; ms < 200 && !t.done; ms++)
		pause_ms(1);
	if (!t.done) {
		note("deadlocks, where libc says EDEADLK");
		return;
	}
	join(&t);
	CHECK(own_error, EDEADLK);
	expect(0, 0);
}

TEST(writer_reads, "pthread_rwlock_rdlock",
     "EDEADLK (or deadlock): the current thread owns it for writing")
{
	writers_own(pthread_rwlock_rdlock);
}

TEST(writer_writes, "pthread_rwlock_wrlock",
     "EDEADLK (or deadlock): the current thread owns it for writing")
{
	writers_own(pthread_rwlock_wrlock);
}

TEST(writer_until, "pthread_rwlock_timedwrlock",
     "EDEADLK, or a timeout: the current thread owns it for writing")
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 10);
	struct timespec soon_too = in_ms(CLOCK_MONOTONIC, 10);
	int error[4];

	CHECK(pthread_rwlock_wrlock(&rwlock), 0);
	error[0] = pthread_rwlock_timedrdlock(&rwlock, &soon);
	error[1] = pthread_rwlock_timedwrlock(&rwlock, &soon);
	error[2] =
		pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &soon_too);
	error[3] =
		pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &soon_too);
	for (int i = 0; i < 4; i++) {
		TRUE(error[i] == EDEADLK || error[i] == ETIMEDOUT);
		if (error[i] == ETIMEDOUT)
			note("times out, where libc says EDEADLK");
	}
	CHECK(pthread_rwlock_tryrdlock(&rwlock), EBUSY);
	CHECK(pthread_rwlock_trywrlock(&rwlock), EBUSY);
	unlock();
	expect(0, 0);
}

TEST(reader_tries_to_write, "pthread_rwlock_trywrlock",
     "EBUSY: it is locked for reading, by the caller too")
{
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	CHECK(pthread_rwlock_trywrlock(&rwlock), EBUSY);
	unlock();
	CHECK(pthread_rwlock_trywrlock(&rwlock), 0);
}

TEST(many_read_locks, "pthread_rwlock_unlock",
     "as many unlocks as read locks; also in another order than locked")
{
	enum { MANY = 60 };
	static pthread_rwlock_t locks[MANY];

	for (int i = 0; i < MANY; i++)
		for (int depth = 0; depth <= i % 3; depth++)
			CHECK(pthread_rwlock_rdlock(&locks[i]), 0);
	for (int i = 0; i < MANY; i++) {
		pthread_rwlock_t *l = &locks[i * 7 % MANY];

		for (int depth = 0; depth <= i * 7 % MANY % 3; depth++) {
			CHECK(pthread_rwlock_trywrlock(l), EBUSY);
			CHECK(pthread_rwlock_unlock(l), 0);
		}
		CHECK(pthread_rwlock_trywrlock(l), 0);
		CHECK(pthread_rwlock_unlock(l), 0);
	}
}

/* ------------------------------------------------------------- many threads */

enum { THREADS = 4, LOOPS = 3000 };

struct pair {
	pthread_rwlock_t rwlock;
	unsigned a, b; /* equal, unless a writer is inside */
};

static void read_and_write(struct pair *p, int index)
{
	for (int i = 0; i < LOOPS; i++) {
		if ((i + index) % 4) {
			CHECK(pthread_rwlock_rdlock(&p->rwlock), 0);
			TRUE(p->a == p->b);
		} else {
			CHECK(pthread_rwlock_wrlock(&p->rwlock), 0);
			p->a++;
			if (i % 256 == 0)
				sched_yield();
			p->b++;
		}
		CHECK(pthread_rwlock_unlock(&p->rwlock), 0);
	}
}

static struct pair pair = { .rwlock = PTHREAD_RWLOCK_INITIALIZER };

static void *mix(void *index)
{
	read_and_write(&pair, (int)(intptr_t)index);
	return NULL;
}

TEST(excludes, "XBD 4.15.2",
     "readers see all of a writer or nothing, and no write is lost")
{
	struct thread threads[THREADS];

	for (intptr_t i = 0; i < THREADS; i++)
		start(&threads[i], mix, (void *)i);
	join_all(threads, THREADS);
	CHECK((int)pair.a, THREADS * LOOPS / 4);
}

static void mix_in_child(void *shared)
{
	read_and_write(shared, 0);
}

TEST(shared, "pthread_rwlockattr_setpshared",
     "PTHREAD_PROCESS_SHARED: any process that maps it may operate on it")
{
	struct pair *p = shared_memory(sizeof(*p));
	pid_t children[THREADS];
	pthread_rwlockattr_t a;

	CHECK(pthread_rwlockattr_init(&a), 0);
	CHECK(pthread_rwlockattr_setpshared(&a, PTHREAD_PROCESS_SHARED), 0);
	CHECK(pthread_rwlock_init(&p->rwlock, &a), 0);
	for (int i = 0; i < THREADS; i++)
		children[i] = start_process(mix_in_child, p);
	for (int i = 0; i < THREADS; i++)
		join_process(children[i]);
	CHECK((int)p->a, THREADS * LOOPS / 4);
	CHECK(pthread_rwlock_destroy(&p->rwlock), 0);
}

static void basics_in_child(void *unused)
{
	unlock(); /* what its thread holds */
	basics();
	(void)unused;
}

TEST(fork, "fork",
     "the child's thread holds what the caller held, in its own copy")
{
	CHECK(pthread_rwlock_rdlock(&rwlock), 0);
	join_process(start_process(basics_in_child, NULL));
	unlock();
	expect(0, 0);
}
