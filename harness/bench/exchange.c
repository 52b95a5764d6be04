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

/* Leave our size in the head of an exchange; 0 or why it cannot be taken. */
static int check_head(int fd, size_t whole)
{
	const size_t head = offsetof(struct exchange, request);
	struct exchange *x = whole < head ? NULL : map(fd, head);
	int error = EINVAL;

	if (!x)
		return error;
	if (x->magic == EXCHANGE_MAGIC) {
		x->taken = sizeof(*x);
		error = x->size == sizeof(*x) && whole >= x->size ? 0 : EPROTO;
	}
	munmap(x, head);
	return error;
}

struct exchange *exchange_take(int fd)
{
	struct stat st;
	int error =
		fstat(fd, &st) ? EINVAL : check_head(fd, (size_t)st.st_size);

	errno = error;
	return error ? NULL : map(fd, sizeof(struct exchange));
}
