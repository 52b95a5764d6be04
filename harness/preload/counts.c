/* SPDX-License-Identifier: MIT */
#include "counts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "say.h"
#include "settings.h"

_Atomic uint64_t counts[COUNTED];

#define COUNTS_NAME(name, text) [COUNT_##name] = #name,
static const char *const names[] = { COUNTS(COUNTS_NAME) };

void counts_forget(void)
{
	/* relaxed: there is one thread */
	for (int i = 0; i < COUNTED; i++)
		atomic_store_explicit(&counts[i], 0, memory_order_relaxed);
}

/* What ps shows, without what separates columns and lines. */
static void own_name(char *out, size_t size)
{
	snprintf(out, size, "%s", program_invocation_short_name);
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
}

/* One write, so that processes do not mix their lines. Not created here: the
 * process may have become another user's by now, who may write only. */
void counts_write(void)
{
	char text[8192], name[64];
	int n = 0;
	int fd = open(settings.counts, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return;
	own_name(name, sizeof(name));
	count(COUNT_processes);
	for (int i = 0; i < COUNTED; i++) {
		unsigned long long value =
			atomic_load_explicit(&counts[i], memory_order_relaxed);

		if (value)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      "%d\t%s\t%s\t%llu\n", getpid(), name,
				      names[i], value);
	}
	if (write(fd, text, (size_t)n) != n)
		say("%s: the counts could not be written", settings.counts);
	close(fd);
}
