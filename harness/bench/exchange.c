/* SPDX-License-Identifier: MIT */
#include "exchange.h"

#include <sys/mman.h>
#include <sys/stat.h>

static void *map(int fd, size_t size)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

struct exchange *exchange_new(void)
{
	int fd = memfd_create("synclab-window", MFD_CLOEXEC);
	struct exchange *x = NULL;

	if (fd >= 0 && ftruncate(fd, sizeof(*x)) == 0)
		x = map(fd, sizeof(*x));
	if (!x) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	x->magic = EXCHANGE_MAGIC;
	x->size = sizeof(*x);
	x->fd = fd;
	return x;
}

struct exchange *exchange_of(struct window_result *result)
{
	return (struct exchange *)((char *)result -
				   offsetof(struct exchange, result));
}

struct exchange *exchange_take(int fd)
{
	const size_t head = offsetof(struct exchange, request);
	struct exchange *x;
	struct stat st;
	bool whole;

	if (fstat(fd, &st) || (size_t)st.st_size < head)
		return NULL;
	x = map(fd, head);
	if (!x)
		return NULL;
	if (x->magic == EXCHANGE_MAGIC)
		x->taken = sizeof(*x);
	whole = x->magic == EXCHANGE_MAGIC && x->size == sizeof(*x) &&
		st.st_size == (off_t)sizeof(*x);
	munmap(x, head);
	return whole ? map(fd, sizeof(*x)) : NULL;
}
