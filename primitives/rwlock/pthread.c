/* SPDX-License-Identifier: MIT */
/*
 * The C library's readers-writer lock, with its default preference.
 *
 * Source: POSIX.1-2017, pthread_rwlock_rdlock; pthread_rwlock_clockrdlock is
 * POSIX Issue 8.
 *
 * Progress: with glibc's default (PTHREAD_RWLOCK_PREFER_READER_NP) new readers
 * pass waiting writers, so readers that overlap starve writers. Parks at once.
 * Costs: a call and two atomic read-modify-writes for a reader, more for a
 * writer. All-zero bytes are PTHREAD_RWLOCK_INITIALIZER in glibc and musl.
 */
#include "_posix.h"

static int init(void *rwlock)
{
	return pthread_rwlock_init(rwlock, NULL);
}

REGISTER_RWLOCK(
	.id = {
		.name = "pthread",
		.family = PTHREAD,
		.brief = "pthread_rwlock_t of the C library; prefers readers",
		.source = "POSIX.1-2017",
		.flags = IMPL_LARGE,
		.size = sizeof(pthread_rwlock_t),
	},
	.init = init,
	.destroy = destroy,
	.rdlock = rdlock,
	.tryrdlock = tryrdlock,
	.timedrdlock = timedrdlock,
	.wrlock = wrlock,
	.trywrlock = trywrlock,
	.timedwrlock = timedwrlock,
	.unlock = unlock);
