/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"

struct settings settings;

/* As the kernel has it, for calls that come before the C library is ready. */
static const char *from_kernel(void)
{
	static char environment[128 * 1024];
	size_t length = 0;
	ssize_t n;
	int fd = open("/proc/self/environ", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && length < sizeof(environment) - 2 &&
	       (n = read(fd, environment + length,
			 sizeof(environment) - 2 - length)) > 0)
		length += (size_t)n;
	if (fd >= 0)
		close(fd);
	for (char *s = environment; *s; s += strlen(s) + 1)
		if (strncmp(s, SETTINGS_VARIABLE "=",
			    sizeof(SETTINGS_VARIABLE)) == 0)
			return s + sizeof(SETTINGS_VARIABLE);
	return NULL;
}

static bool value(const char *word, size_t length, const char *key, char *out,
		  size_t size)
{
	size_t n = strlen(key);

	if (length <= n || strncmp(word, key, n) != 0 || word[n] != '=')
		return false;
	n++;
	if (length - n >= size)
		die("a value of %s is too long", SETTINGS_VARIABLE);
	memcpy(out, word + n, length - n);
	out[length - n] = '\0';
	return true;
}

static bool is(const char *word, size_t length, const char *text)
{
	return length == strlen(text) && strncmp(word, text, length) == 0;
}

static void read_word(const char *word, size_t n)
{
	struct settings *s = &settings;

	if (value(word, n, "mutex", s->mutex, sizeof(s->mutex)) ||
	    value(word, n, "cond", s->cond, sizeof(s->cond)) ||
	    value(word, n, "rwlock", s->rwlock, sizeof(s->rwlock)) ||
	    value(word, n, "semaphore", s->semaphore, sizeof(s->semaphore)) ||
	    value(word, n, "barrier", s->barrier, sizeof(s->barrier)) ||
	    value(word, n, "spin", s->spin, sizeof(s->spin)) ||
	    value(word, n, "once", s->once, sizeof(s->once)) ||
	    value(word, n, "counts", s->counts, sizeof(s->counts)) ||
	    value(word, n, "profile", s->profile, sizeof(s->profile)))
		return;
	if (is(word, n, "fallback"))
		s->fallback = true;
	else if (is(word, n, "alone"))
		s->alone = true;
	else
		die("%s: '%.*s' is none of its words", SETTINGS_VARIABLE,
		    (int)n, word);
}

void settings_read(void)
{
	const char *s = environ ? getenv(SETTINGS_VARIABLE) : from_kernel();

	while (s && *s) {
		size_t n = strcspn(s, " ");

		if (n)
			read_word(s, n);
		s += n + (s[n] == ' ');
	}
}

/* From a list as the loader reads it: ld.so(8). */
static void remove_path(char *list, const char *path)
{
	while (*list) {
		size_t n = strcspn(list, " :");
		char *next = list + n + (list[n] != '\0');

		if (n == strlen(path) && strncmp(list, path, n) == 0)
			memmove(list, next, strlen(next) + 1);
		else
			list = next;
	}
}

void settings_leave_alone(void)
{
	char *preload = getenv("LD_PRELOAD");
	Dl_info own;

	unsetenv(SETTINGS_VARIABLE);
	if (!preload || !dladdr(&settings, &own))
		return;
	remove_path(preload, own.dli_fname);
	if (!*preload)
		unsetenv("LD_PRELOAD");
}
