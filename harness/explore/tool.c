/* SPDX-License-Identifier: MIT */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

static void add(struct words *w, char *word)
{
	w->all = realloc(w->all, ((size_t)w->n + 2) * sizeof(*w->all));
	if (!w->all || !word)
		abort();
	w->all[w->n++] = word;
	w->all[w->n] = NULL;
}

void words_add(struct words *w, const char *format, ...)
{
	va_list args;
	char *word;

	va_start(args, format);
	if (vasprintf(&word, format, args) < 0)
		abort();
	va_end(args);
	add(w, word);
}

bool words_split(struct words *w, const char *text)
{
	wordexp_t split;

	if (wordexp(text, &split, WRDE_NOCMD))
		return false;
	for (size_t i = 0; i < split.we_wordc; i++)
		words_add(w, "%s", split.we_wordv[i]);
	wordfree(&split);
	return true;
}

void words_free(struct words *w)
{
	for (int i = 0; i < w->n; i++)
		free(w->all[i]);
	free(w->all);
	*w = (struct words){ NULL, 0 };
}

/* Its standard output is `output`, or ours if that is negative. */
static int run(char *const *argv, int output, bool quiet)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		if (output >= 0)
			dup2(output, STDOUT_FILENO);
		if (quiet)
			dup2(open("/dev/null", O_WRONLY | O_CLOEXEC),
			     STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

int tool_run(char *const *argv)
{
	return run(argv, -1, false);
}

static FILE *output_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "r");

	if (!out)
		abort();
	return out;
}

FILE *tool_read(char *const *argv)
{
	FILE *out = output_file(argv[0]);

	if (run(argv, fileno(out), false) == 0 && fseek(out, 0, SEEK_SET) == 0)
		return out;
	fclose(out);
	return NULL;
}

FILE *tool_output(char *const *argv)
{
	FILE *out = output_file(argv[0]);

	run(argv, fileno(out), true);
	rewind(out);
	return out;
}
