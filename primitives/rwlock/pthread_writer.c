/* SPDX-License-Identifier: MIT */
/*
 * The C library's readers-writer lock, told to prefer writers.
 *
 * Source: glibc, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP in
 * pthread_rwlockattr_setkind_np(3). The kind without NONRECURSIVE prefers
 * readers in spite of its name: a reader might lock recursively.
 *
 * Progress: new readers wait as soon as a writer waits, so writers that follow
 * one another without a gap starve readers. Parks at once.
 * Costs: as rwlock/pthread: a call and two atomic read-modify-writes for a
 * reader, more for a writer. All-zero bytes are a lock that prefers readers.
 */
#include "_posix.h"

static int init(void *rwlock)
{
	pthread_rwlockattr_t kind;
	int error;

	pthread_rwlockattr_init(&kind);
	pthread_rwlockattr_setkind_np(
		&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	error = pthread_rwlock_init(rwlock, &kind);
	pthread_rwlockattr_destroy(&kind);
	return error;
}

REGISTER_RWLOCK(
	.id = {
		.name = FILE_STEM,
		.family = OTHER,
		.brief = "pthread_rwlock_t told to prefer writers",
		.source = "glibc, pthread_rwlockattr_setkind_np(3)",
		.flags = IMPL_NEEDS_INIT | IMPL_LARGE |
			 IMPL_NO_STARVATION,
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
