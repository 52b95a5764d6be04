/* SPDX-License-Identifier: MIT */
/*
 * What lies in the bytes of the program's objects while we answer for them.
 *
 * Nobody tells us that an object begins: a static initialiser writes bytes,
 * std::mutex's constructor too, and both may write over one that was in use. So
 * an object of ours is valid as all zeroes, but for the words in which the C
 * library keeps an attribute. Those we leave to it, in their place and with its
 * meaning: they tell which objects are the C library's to the end (shared,
 * robust, priority protocols), also in a process that did not make them.
 *
 * Source of the C library's layouts: glibc, struct_mutex.h, struct_rwlock.h,
 * thread-shared-types.h (cond), internaltypes.h (sem_t, barrier); those in
 * public headers are asserted below.
 */
#ifndef OWN_H
#define OWN_H

#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>

#include "../../primitives/sync.h"

struct own_mutex {
	unsigned char object[16]; /* place.h */
	int kind;		  /* the C library's */
	_Atomic uint32_t owner;	  /* self_id() of the holder, 0: free */
	uint32_t depth;		  /* of a recursive one: locked so often more */
	_Atomic uint32_t generation; /* fork.h */
	void *node;		     /* the holder's */
};

struct own_cond {
	unsigned char object[32];
	uint32_t unused;
	uint32_t flags; /* the C library's */
	_Atomic uint32_t generation;
};

struct own_rwlock {
	unsigned char object[24];
	_Atomic uint32_t writer; /* self_id() of the writer inside, or 0 */
	int shared;		 /* the C library's */
	_Atomic uint32_t life;	 /* rwlock.c */
	_Atomic uint32_t generation;
	void *node;		 /* the writer's */
	unsigned flags;		 /* the C library's */
	_Atomic uint32_t urgent; /* rwlock_priority.h */
};

struct own_semaphore {
	uint64_t unused;
	int shared; /* the C library's */
	int unused_;
	unsigned char object[16];
};

struct own_barrier {
	uint32_t unused[3];
	int shared; /* the C library's */
	void *outside;
	uint32_t parties; /* 0: destroyed */
};

#define OWN_FITS(own, posix)                                                   \
	_Static_assert(sizeof(struct own) <= sizeof(posix), #own);
#define OWN_AT(own, member, posix, theirs)                                     \
	_Static_assert(offsetof(struct own, member) ==                         \
			       offsetof(posix, theirs),                        \
		       #own "." #member);

OWN_FITS(own_mutex, pthread_mutex_t)
OWN_FITS(own_cond, pthread_cond_t)
OWN_FITS(own_rwlock, pthread_rwlock_t)
OWN_FITS(own_semaphore, sem_t)
OWN_FITS(own_barrier, pthread_barrier_t)
OWN_AT(own_mutex, kind, pthread_mutex_t, __data.__kind)
OWN_AT(own_cond, flags, pthread_cond_t, __data.__wrefs)
OWN_AT(own_rwlock, shared, pthread_rwlock_t, __data.__shared)
OWN_AT(own_rwlock, flags, pthread_rwlock_t, __data.__flags)

/* kind: the type is in the low two bits; the attributes of those that we leave
 * to the C library are above, as in -1, which is what it makes of a destroyed
 * one. */
enum { KIND_TYPE = 3, KIND_ROBUST = 16, KIND_PRIORITY = 32 | 64 };
enum { KIND_SHARED = 128, KIND_LIBC = 0xf0 };
/* flags of a condition */
enum { COND_SHARED = 1, COND_MONOTONIC = 2 };

/*
 * Who I am: never 0, never used again, and the same in the child of a fork,
 * where what the parent held is the child's to unlock. A thread id is none of
 * these.
 */
extern _Thread_local uint32_t own_id __attribute__((tls_model("initial-exec")));
uint32_t own_new_id(void);

static ALWAYS_INLINE uint32_t self_id(void)
{
	return likely(own_id) ? own_id : own_new_id();
}

#endif
