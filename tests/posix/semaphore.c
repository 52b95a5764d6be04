/* SPDX-License-Identifier: MIT */
/*
 * Semaphores, unnamed and named. Deadlines are in timed.c, EINTR and handlers
 * in signals.c, cancellation in cancel.c.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "posix.h"

static sem_t sem;

static int value_of(sem_t *s)
{
	int value;

	CHECK_ERRNO(sem_getvalue(s, &value), 0);
	return value;
}

/* From value 0. */
static void basics(sem_t *s)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 5);

	CHECK_ERRNO(sem_trywait(s), EAGAIN);
	CHECK_ERRNO(sem_timedwait(s, &soon), ETIMEDOUT);
	for (int i = 1; i <= 3; i++) {
		CHECK_ERRNO(sem_post(s), 0);
		CHECK(value_of(s), i);
	}
	CHECK_ERRNO(sem_wait(s), 0);
	CHECK(value_of(s), 2);
	CHECK_ERRNO(sem_trywait(s), 0);
	CHECK(value_of(s), 1);
	CHECK_ERRNO(sem_timedwait(s, &soon), 0);
	CHECK(value_of(s), 0);
	CHECK_ERRNO(sem_trywait(s), EAGAIN);
}

TEST(counts, "sem_wait",
     "decremented by wait, incremented by post, never below zero")
{
	CHECK_ERRNO(sem_init(&sem, 0, 0), 0);
	basics(&sem);
	CHECK_ERRNO(sem_destroy(&sem), 0);
}

TEST(init_value, "sem_init", "the value of the semaphore shall be value")
{
	static const unsigned values[] = { 0, 1, 7, SEM_VALUE_MAX - 1,
					   SEM_VALUE_MAX };

	for (int i = 0; i < 5; i++) {
		CHECK_ERRNO(sem_init(&sem, 0, values[i]), 0);
		CHECK(value_of(&sem), (int)values[i]);
		CHECK_ERRNO(sem_trywait(&sem), i ? 0 : EAGAIN);
		CHECK_ERRNO(sem_destroy(&sem), 0);
	}
}

TEST(init_invalid, "sem_init", "EINVAL: value exceeds SEM_VALUE_MAX")
{
	CHECK_ERRNO(sem_init(&sem, 0, (unsigned)SEM_VALUE_MAX + 1), EINVAL);
	CHECK_ERRNO(sem_init(&sem, 1, UINT_MAX), EINVAL);
}

TEST(overflow, "sem_post",
     "EOVERFLOW: the maximum would be exceeded; the value is unchanged")
{
	CHECK_ERRNO(sem_init(&sem, 0, SEM_VALUE_MAX - 1), 0);
	CHECK_ERRNO(sem_post(&sem), 0);
	CHECK_ERRNO(sem_post(&sem), EOVERFLOW);
	CHECK(value_of(&sem), SEM_VALUE_MAX);
	CHECK_ERRNO(sem_wait(&sem), 0);
	CHECK(value_of(&sem), SEM_VALUE_MAX - 1);
}

TEST(any_memory, "sem_init", "initialises whatever was in the memory before")
{
	for (int byte = 0; byte < 256; byte += 51) {
		memset(&sem, byte, sizeof(sem));
		CHECK_ERRNO(sem_init(&sem, 0, 0), 0);
		basics(&sem);
		CHECK_ERRNO(sem_destroy(&sem), 0);
	}
}

TEST(errno_is_kept, "sem_post",
     "a call that succeeds need not, but here does, leave errno alone")
{
	CHECK_ERRNO(sem_init(&sem, 0, 0), 0);
	errno = ERANGE;
	TRUE(sem_post(&sem) == 0 && sem_wait(&sem) == 0);
	if (errno != ERANGE)
		note("errno is changed by a call that succeeds");
}

/* ------------------------------------------------------------- among threads
 */

enum { WAITERS = 4 };

static _Atomic int through;

static void *wait_once(void *unused)
{
	entering();
	CHECK_ERRNO(sem_wait(&sem), 0);
	through++;
	return unused;
}

static void join_all(struct thread *threads, int n)
{
	for (int i = 0; i < n; i++)
		join(&threads[i]);
}

TEST(post_wakes_one, "sem_post",
     "one of the threads that are blocked returns, for each post")
{
	struct thread threads[WAITERS];
	int value;

	CHECK_ERRNO(sem_init(&sem, 0, 0), 0);
	for (int i = 0; i < WAITERS; i++)
		start(&threads[i], wait_once, NULL);
	for (int i = 0; i < WAITERS; i++)
		AWAIT_BLOCKED(&threads[i]);
	/* zero, or minus the number of those that wait */
	value = value_of(&sem);
	TRUE(value == 0 || value == -WAITERS);
	CHECK_ERRNO(sem_post(&sem), 0);
	await(&through, 1);
	CHECK_ERRNO(sem_post(&sem), 0);
	await(&through, 2);
	pause_ms(5);
	CHECK(through, 2);
	CHECK_ERRNO(sem_post(&sem), 0);
	CHECK_ERRNO(sem_post(&sem), 0);
	join_all(threads, WAITERS);
	CHECK(value_of(&sem), 0);
}

enum { PERMITS = 2, THREADS = 4, LOOPS = 3000 };

struct shared {
	sem_t sem;
	_Atomic int inside;
	unsigned plain; /* guarded where there is one permit */
};

static void use(struct shared *s, int permits)
{
	for (int i = 0; i < LOOPS; i++) {
		struct timespec until = never(CLOCK_REALTIME);
		unsigned was;

		CHECK_ERRNO(i % 2 ? sem_wait(&s->sem)
				  : sem_timedwait(&s->sem, &until),
			    0);
		TRUE(++s->inside <= permits);
		was = s->plain;
		if (i % 256 == 0)
			sched_yield();
		if (permits == 1)
			s->plain = was + 1;
		s->inside--;
		CHECK_ERRNO(sem_post(&s->sem), 0);
	}
}

static struct shared local;

static void *use_permits(void *permits)
{
	use(&local, (int)(intptr_t)permits);
	return NULL;
}

static void limits(int permits)
{
	struct thread threads[THREADS];

	CHECK_ERRNO(sem_init(&local.sem, 0, (unsigned)permits), 0);
	for (int i = 0; i < THREADS; i++)
		start(&threads[i], use_permits, (void *)(intptr_t)permits);
	join_all(threads, THREADS);
	CHECK(value_of(&local.sem), permits);
}

TEST(binary, "XBD 4.15.2",
     "one permit: one thread at a time, and memory is synchronised")
{
	limits(1);
	CHECK((int)local.plain, THREADS * LOOPS);
}

TEST(counting, "sem_wait", "never more threads inside than permits")
{
	limits(PERMITS);
}

static sem_t back;

static void *answer(void *unused)
{
	for (int i = 0; i < LOOPS; i++) {
		CHECK_ERRNO(sem_wait(&sem), 0);
		CHECK_ERRNO(sem_post(&back), 0);
	}
	return unused;
}

TEST(ping_pong, "sem_post", "no post is lost: two threads wake each other")
{
	struct thread t;

	CHECK_ERRNO(sem_init(&sem, 0, 0), 0);
	CHECK_ERRNO(sem_init(&back, 0, 0), 0);
	start(&t, answer, NULL);
	for (int i = 0; i < LOOPS; i++) {
		CHECK_ERRNO(sem_post(&sem), 0);
		CHECK_ERRNO(sem_wait(&back), 0);
	}
	join(&t);
	CHECK(value_of(&sem), 0);
	CHECK(value_of(&back), 0);
}

/* ----------------------------------------------------------------- processes
 */

static void use_in_child(void *shared)
{
	use(shared, 1);
}

TEST(shared, "sem_init",
     "pshared not 0: any process that can access it can use it")
{
	struct shared *s = shared_memory(sizeof(*s));
	pid_t children[THREADS];

	CHECK_ERRNO(sem_init(&s->sem, 1, 1), 0);
	for (int i = 0; i < THREADS; i++)
		children[i] = start_process(use_in_child, s);
	for (int i = 0; i < THREADS; i++)
		join_process(children[i]);
	CHECK((int)s->plain, THREADS * LOOPS);
	CHECK(value_of(&s->sem), 1);
	CHECK_ERRNO(sem_destroy(&s->sem), 0);
}

/* --------------------------------------------------------------------- named
 */

static char name[64];

/* A name that nobody else uses. */
static void make_name(void)
{
	sem_t *s;

	snprintf(name, sizeof(name), "/synclab-posix-%d", getpid());
	s = sem_open(name, O_CREAT | O_EXCL, 0600, 0);
	if (s == SEM_FAILED && (errno == ENOSYS || errno == EACCES))
		skip("no named semaphores here: %s", strerrorname_np(errno));
	TRUE(s != SEM_FAILED);
	CHECK_ERRNO(sem_close(s), 0);
	CHECK_ERRNO(sem_unlink(name), 0);
}

static sem_t *open_named(int flags, unsigned value)
{
	sem_t *s = sem_open(name, flags, 0600, value);

	TRUE(s != SEM_FAILED);
	return s;
}

TEST(open, "sem_open", "O_CREAT: created with the value; then used like others")
{
	sem_t *s;

	make_name();
	s = open_named(O_CREAT, 3);
	CHECK_ERRNO(sem_unlink(name), 0);
	CHECK(value_of(s), 3);
	for (int i = 0; i < 3; i++)
		CHECK_ERRNO(sem_wait(s), 0);
	basics(s);
	CHECK_ERRNO(sem_close(s), 0);
}

TEST(open_twice, "sem_open",
     "several opens of a name return the same address; O_CREAT has no effect")
{
	sem_t *first, *second, *third;

	make_name();
	first = open_named(O_CREAT, 1);
	second = open_named(O_CREAT, 9);
	third = sem_open(name, 0);
	CHECK_ERRNO(sem_unlink(name), 0);
	TRUE(first == second && second == third);
	CHECK(value_of(third), 1);
	CHECK_ERRNO(sem_close(first), 0);
	CHECK_ERRNO(sem_close(second), 0);
	basics((sem_wait(third), third));
	CHECK_ERRNO(sem_close(third), 0);
}

TEST(open_errors, "sem_open",
     "EEXIST: O_EXCL and it exists; ENOENT: it does not; EINVAL: the value")
{
	sem_t *s;

	make_name();
	TRUE(sem_open(name, 0) == SEM_FAILED);
	CHECK(errno, ENOENT);
	TRUE(sem_open(name, O_CREAT, 0600, (unsigned)SEM_VALUE_MAX + 1) ==
	     SEM_FAILED);
	CHECK(errno, EINVAL);
	s = open_named(O_CREAT | O_EXCL, 1);
	TRUE(sem_open(name, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED);
	CHECK(errno, EEXIST);
	CHECK_ERRNO(sem_unlink(name), 0);
	CHECK_ERRNO(sem_unlink(name), ENOENT);
	CHECK_ERRNO(sem_close(s), 0);
}

TEST(unlink, "sem_unlink",
     "the name goes at once, the semaphore stays for those who have it open")
{
	sem_t *old, *new;

	make_name();
	old = open_named(O_CREAT, 1);
	CHECK_ERRNO(sem_unlink(name), 0);
	new = open_named(O_CREAT | O_EXCL, 5);
	CHECK_ERRNO(sem_unlink(name), 0);
	TRUE(old != new);
	CHECK_ERRNO(sem_post(old), 0);
	CHECK(value_of(old), 2);
	CHECK(value_of(new), 5);
	CHECK_ERRNO(sem_close(old), 0);
	CHECK_ERRNO(sem_close(new), 0);
}

static void answer_named(void *unused)
{
	sem_t *s = open_named(0, 0);

	/* its own opening, of the same object */
	for (int i = 0; i < 3; i++)
		CHECK_ERRNO(sem_post(s), 0);
	CHECK_ERRNO(sem_close(s), 0);
	(void)unused;
}

TEST(named_between_processes, "sem_open",
     "processes that open a name refer to one semaphore")
{
	pid_t child;
	sem_t *s;

	make_name();
	s = open_named(O_CREAT | O_EXCL, 0);
	child = start_process(answer_named, NULL);
	for (int i = 0; i < 3; i++)
		CHECK_ERRNO(sem_wait(s), 0);
	join_process(child);
	CHECK_ERRNO(sem_unlink(name), 0);
	CHECK(value_of(s), 0);
}
