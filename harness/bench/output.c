/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <unistd.h>

bool output_open(struct output *o, const char *path)
{
	snprintf(o->path, sizeof(o->path), "%s", path);
	snprintf(o->draft, sizeof(o->draft), "%s.draft", path);
	o->file = fopen(o->draft, "w");
	return o->file != NULL;
}

bool output_close(struct output *o)
{
	bool good = fflush(o->file) == 0 && !ferror(o->file);
	int error;

	good = fclose(o->file) == 0 && good;
	if (good && rename(o->draft, o->path) == 0)
		return true;
	error = errno;
	unlink(o->draft);
	errno = error;
	return false;
}

void output_name(char *out, size_t size, const char *folder, const char *cell,
		 const char *ending)
{
	int at = snprintf(out, size, "%s/", folder);

	snprintf(out + at, size - (size_t)at, "%s.%s", cell, ending);
	for (char *p = out + at; *p; p++)
		if (*p == '/' || *p == ':')
			*p = *p == '/' ? '.' : '-';
}

bool output_append(int fd, const char *text, size_t size)
{
	off_t end = lseek(fd, 0, SEEK_END);
	ssize_t written = write(fd, text, size);

	if (written == (ssize_t)size)
		return true;

	int error = written < 0 ? errno : ENOSPC;

	if (ftruncate(fd, end))
		error = errno;
	errno = error;
	return false;
}

void output_text(FILE *f, const char *text)
{
	fputs(",\"", f);
	for (; *text; text++)
		fputc(*text == '"' ? '\'' : *text == '\n' ? ' ' : *text, f);
	fputc('"', f);
}
