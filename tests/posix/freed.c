/* SPDX-License-Identifier: MIT */
/*
 * Objects whose memory goes away at the first moment at which it may: whoever
 * has got the mutex, the permit or the last place in a round destroys the
 * object while the other is on its way out of unlock, post or wait. A late look
 * at it is a SIGSEGV, or, where the memory is another object's at once, may
 * spoil that.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "posix.h"

enum { ROUNDS = 600 };

/* An address is used once; afterwards it is a hole. Or it is used again. */
static char *fresh;
static size_t page;
static bool reuse;
static _Atomic(void *) spare;

static void make_room(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	fresh = mmap(NULL, ROUNDS * page, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TRUE(fresh != MAP_FAILED);
}

/* Zeros. */
static void *new_page(void)
{
	void *memory = atomic_exchange(&spare, NULL);

	if (memory)
		return memset(memory, 0, page);
	memory = fresh;
	fresh += page;
	TRUE(mprotect(memory, page, PROT_READ | PROT_WRITE) == 0);
	return memory;
}

static void free_page(void *memory)
{
	if (!reuse)
		TRUE(mprotect(memory, page, PROT_NONE) == 0);
	else
		spare = memset(memory, 0x5a, page);
}

/* Both. */
#define FREED(name, page_, sentence)                                           \
	static void freed_##name(void);                                        \
	TEST(name, page_, sentence)                                            \
	{                                                                      \
		freed_##name();                                                \
	}                                                                      \
	TEST(name##_reused, page_, sentence "; and used again at once")        \
	{                                                                      \
		reuse = true;                                                  \
		freed_##name();                                                \
	}                                                                      \
	static void freed_##name(void)

/* The other thread: does job(object) once for each object that it is given. */
static struct {
	void (*job)(void *);
	_Atomic(void *) object;
	_Atomic bool stop;
	struct thread thread;
} peer;

static void *work(void *unused)
{
	for (;;) {
		void *object = atomic_exchange(&peer.object, NULL);

		if (object)
			peer.job(object);
		else if (peer.stop)
			return unused;
		else
			sched_yield();
	}
}

static void peer_start(void (*job)(void *))
{
	make_room();
	peer.job = job;
	start(&peer.thread, work, NULL);
}

static void give(void *object)
{
	peer.object = object;
}

/* The last object may be gone already, peer.object is not. */
static void await_taken(void)
{
	while (peer.object)
		sched_yield();
}

static void peer_end(void)
{
	await_taken();
	peer.stop = true;
	join(&peer.thread);
}

/* ------------------------------------------------------------------- mutex */

/* The object of the page's example, with a count of those who refer to it. */
struct counted {
	pthread_mutex_t mutex;
	int references;
};

static void drop(void *object)
{
	struct counted *c = object;
	bool last;

	CHECK(pthread_mutex_lock(&c->mutex), 0);
	last = --c->references == 0;
	CHECK(pthread_mutex_unlock(&c->mutex), 0);
	if (last) {
		CHECK(pthread_mutex_destroy(&c->mutex), 0);
		free_page(c);
	}
}

static void drop_counted(int type)
{
	pthread_mutexattr_t a;

	CHECK(pthread_mutexattr_init(&a), 0);
	CHECK(pthread_mutexattr_settype(&a, type), 0);
	peer_start(drop);
	for (int i = 0; i < ROUNDS; i++) {
		struct counted *c = new_page();

		CHECK(pthread_mutex_init(&c->mutex, &a), 0);
		c->references = 2;
		if (i % 2) { /* the peer runs into it */
			CHECK(pthread_mutex_lock(&c->mutex), 0);
			give(c);
			await_taken();
			CHECK(pthread_mutex_unlock(&c->mutex), 0);
		} else {
			give(c);
		}
		drop(c);
	}
	peer_end();
}

FREED(mutex_normal, "pthread_mutex_destroy",
      "may be destroyed and freed immediately after it is unlocked; normal")
{
	drop_counted(PTHREAD_MUTEX_NORMAL);
}

FREED(mutex_errorcheck, "pthread_mutex_destroy",
      "may be destroyed and freed immediately after it is unlocked; errorcheck")
{
	drop_counted(PTHREAD_MUTEX_ERRORCHECK);
}

FREED(mutex_recursive, "pthread_mutex_destroy",
      "may be destroyed and freed immediately after it is unlocked; recursive")
{
	drop_counted(PTHREAD_MUTEX_RECURSIVE);
}

static void drop_static(void *object)
{
	struct counted *c = object;
	bool last;

	CHECK(pthread_mutex_lock(&c->mutex), 0);
	last = --c->references == 0;
	CHECK(pthread_mutex_unlock(&c->mutex), 0);
	if (last)
		free_page(c);
}

FREED(mutex_without_destroy, "libc",
      "a statically initialised mutex may be freed without destroy")
{
	peer_start(drop_static);
	for (int i = 0; i < ROUNDS; i++) {
		struct counted *c = new_page();

		/* zeros are PTHREAD_MUTEX_INITIALIZER */
		c->references = 2;
		give(c);
		drop_static(c);
	}
	peer_end();
}

/* ------------------------------------------------------------------- rwlock */

struct rw_counted {
	pthread_rwlock_t rwlock;
	_Atomic int references;
};

/* Who is last inside is last of all: readers leave by unlock as well. */
static void drop_rw(void *object)
{
	struct rw_counted *c = object;
	bool last;

	CHECK(pthread_rwlock_wrlock(&c->rwlock), 0);
	last = --c->references == 0;
	CHECK(pthread_rwlock_unlock(&c->rwlock), 0);
	if (last) {
		CHECK(pthread_rwlock_destroy(&c->rwlock), 0);
		free_page(c);
	}
}

FREED(rwlock, "pthread_rwlock_destroy",
      "freed by the last one to unlock, while another is still in unlock")
{
	peer_start(drop_rw);
	for (int i = 0; i < ROUNDS; i++) {
		struct rw_counted *c = new_page();

		CHECK(pthread_rwlock_init(&c->rwlock, NULL), 0);
		c->references = 2;
		give(c);
		if (i % 2) {
			CHECK(pthread_rwlock_rdlock(&c->rwlock), 0);
			CHECK(pthread_rwlock_unlock(&c->rwlock), 0);
		}
		drop_rw(c);
	}
	peer_end();
}

/* ---------------------------------------------------------------- semaphore */

static void post(void *object)
{
	CHECK_ERRNO(sem_post(object), 0);
}

FREED(semaphore, "sem_destroy",
      "destroyed and freed by the waiter that the post has let through")
{
	peer_start(post);
	for (int i = 0; i < ROUNDS; i++) {
		sem_t *s = new_page();

		CHECK_ERRNO(sem_init(s, 0, 0), 0);
		give(s);
		if (i % 3 == 0)
			while (sem_trywait(s))
				sched_yield();
		else
			CHECK_ERRNO(sem_wait(s), 0);
		CHECK_ERRNO(sem_destroy(s), 0);
		free_page(s);
	}
	peer_end();
}

/* ---------------------------------------------------------------- condition */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

struct waited {
	pthread_cond_t cond;
	bool waits, goes;
};

static void wait_for(void *object)
{
	struct waited *w = object;

	CHECK(pthread_mutex_lock(&mutex), 0);
	w->waits = true;
	/* after a broadcast with destroy nothing of w is left: no loop, and
	 * the one who destroys counts on a wait that ends by the broadcast */
	CHECK(pthread_cond_wait(&w->cond, &mutex), 0);
	CHECK(pthread_mutex_unlock(&mutex), 0);
}

FREED(cond_after_broadcast, "pthread_cond_destroy",
      "destroyed and freed immediately after all who wait are awakened")
{
	peer_start(wait_for);
	for (int i = 0; i < ROUNDS; i++) {
		struct waited *w = new_page();
		bool waits = false;

		CHECK(pthread_cond_init(&w->cond, NULL), 0);
		give(w);
		while (!waits) {
			CHECK(pthread_mutex_lock(&mutex), 0);
			waits = w->waits;
			if (waits)
				break;
			CHECK(pthread_mutex_unlock(&mutex), 0);
			sched_yield(); /* not every mutex is fair */
		}
		if (i % 2)
			CHECK(pthread_cond_broadcast(&w->cond), 0);
		else
			CHECK(pthread_cond_signal(&w->cond), 0);
		if (i % 4 < 2)
			CHECK(pthread_mutex_unlock(&mutex), 0);
		CHECK(pthread_cond_destroy(&w->cond), 0);
		free_page(w);
		if (i % 4 >= 2)
			CHECK(pthread_mutex_unlock(&mutex), 0);
	}
	peer_end();
}

static void signal_it(void *object)
{
	struct waited *w = object;

	CHECK(pthread_mutex_lock(&mutex), 0);
	w->goes = true;
	CHECK(pthread_cond_signal(&w->cond), 0);
	CHECK(pthread_mutex_unlock(&mutex), 0);
}

FREED(cond_by_waiter, "pthread_cond_destroy",
      "destroyed and freed by the waiter, once signal was called under the "
      "mutex")
{
	peer_start(signal_it);
	for (int i = 0; i < ROUNDS; i++) {
		struct waited *w = new_page();

		CHECK(pthread_cond_init(&w->cond, NULL), 0);
		give(w);
		CHECK(pthread_mutex_lock(&mutex), 0);
		while (!w->goes)
			CHECK(pthread_cond_wait(&w->cond, &mutex), 0);
		CHECK(pthread_mutex_unlock(&mutex), 0);
		CHECK(pthread_cond_destroy(&w->cond), 0);
		free_page(w);
	}
	peer_end();
}

/* ------------------------------------------------------------------ barrier */

static void meet(void *object)
{
	int error = pthread_barrier_wait(object);

	if (error != PTHREAD_BARRIER_SERIAL_THREAD)
		CHECK(error, 0);
}

FREED(barrier, "pthread_barrier_destroy",
      "destroyed and freed as soon as the caller's own wait has returned")
{
	peer_start(meet);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_t *b = new_page();

		CHECK(pthread_barrier_init(b, NULL, 2), 0);
		give(b);
		meet(b);
		CHECK(pthread_barrier_destroy(b), 0);
		free_page(b);
	}
	peer_end();
}

/* --------------------------------------------------------------------- spin */

struct spin_counted {
	pthread_spinlock_t lock;
	int references;
};

static void drop_spin(void *object)
{
	struct spin_counted *c = object;
	bool last;

	CHECK(pthread_spin_lock(&c->lock), 0);
	last = --c->references == 0;
	CHECK(pthread_spin_unlock(&c->lock), 0);
	if (last) {
		CHECK(pthread_spin_destroy(&c->lock), 0);
		free_page(c);
	}
}

FREED(spin, "pthread_spin_destroy",
      "freed by the last one to unlock, while another is still in unlock")
{
	peer_start(drop_spin);
	for (int i = 0; i < ROUNDS; i++) {
		struct spin_counted *c = new_page();

		CHECK(pthread_spin_init(&c->lock, 0), 0);
		c->references = 2;
		give(c);
		drop_spin(c);
	}
	peer_end();
}
