/* SPDX-License-Identifier: MIT */
#include "counts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "settings.h"

_Atomic uint64_t counts[COUNTED];

#define COUNTS_TEXT(name, text) [COUNT_##name] = text,
static const char *const texts[] = { COUNTS(COUNTS_TEXT) };

/* One write, so that processes do not mix their lines. */
void counts_write(void)
{
	char text[4096];
	int n = 0;
	int fd = open(settings.counts,
		      O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return;
	for (int i = 0; i < COUNTED; i++) {
		unsigned long long value =
			atomic_load_explicit(&counts[i], memory_order_relaxed);

		if (value)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      "%s[%d] %llu %s\n",
				      program_invocation_short_name, getpid(),
				      value, texts[i]);
	}
	if (n && write(fd, text, (size_t)n) < 0)
		n = 0;
	close(fd);
}
