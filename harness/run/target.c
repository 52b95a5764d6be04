/* SPDX-License-Identifier: MIT */
/*
 * The program to be run: found as execvp finds it, through scripts to what runs
 * them, and refused if the loader would leave the library out, which it does in
 * silence or with a line of its own that says little.
 *
 * Source: ld.so(8), execve(2), capabilities(7).
 */
#include "target.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../command.h"
#include "image.h"

/* execve follows so many "#!"; more are ELOOP. */
enum { SCRIPTS_MAX = 5 };

struct target {
	const char *named; /* by the user */
	const char *library;
	bool is_script; /* then path is what runs it */
	char path[PATH_MAX];
};

/* ---- finding it ---- */

static int look(const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0)
		return errno;
	if (S_ISDIR(s.st_mode))
		return EISDIR;
	return access(path, X_OK) == 0 ? 0 : errno;
}

/* In the folders of PATH, or of the system if there is none. */
static int search(struct target *t)
{
	char standard[PATH_MAX] = "/bin:/usr/bin";
	const char *folders = getenv("PATH");
	int error = ENOENT;

	confstr(_CS_PATH, standard, sizeof(standard));
	for (const char *s = folders ? folders : standard; s;) {
		int n = (int)strcspn(s, ":"), e;

		snprintf(t->path, sizeof(t->path), "%.*s%s%s", n, s,
			 n ? "/" : "", t->named);
		e = look(t->path);
		if (!e)
			return 0;
		if (e != ENOENT && e != ENOTDIR && e != EISDIR)
			error = e;
		s = s[n] ? s + n + 1 : NULL;
	}
	return error;
}

static int find(struct target *t)
{
	if (!strchr(t->named, '/'))
		return *t->named ? search(t) : ENOENT;
	snprintf(t->path, sizeof(t->path), "%s", t->named);
	return look(t->path);
}

/* runner: what a script asks for, or NULL */
static int fail_start(const char *program, const char *runner, int error)
{
	lab_fail("%s%s%s: %s", program, runner ? " is to be run by " : "",
		 runner ? runner : "", strerror(error));
	return error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND
						   : EXIT_CANNOT_RUN;
}

/* ---- looking into it ---- */

static struct image image_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct image i = image_read(fd);

	close(fd);
	return i;
}

static int refuse(const struct target *t, const char *why)
{
	return lab_fail("%s%s%s%s %s", t->named,
			t->is_script ? " is run by " : "",
			t->is_script ? t->path : "",
			t->is_script ? ", which" : "", why);
}

/* Runs with more rights than its caller has: ld.so(8), secure-execution mode.
 */
static const char *rights(const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0)
		return NULL;
	if ((s.st_mode & S_ISUID) && s.st_uid != geteuid())
		return "is set-uid";
	if ((s.st_mode & S_ISGID) && (s.st_mode & S_IXGRP) &&
	    s.st_gid != getegid())
		return "is set-gid";
	if (getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
		return "has file capabilities";
	return NULL;
}

static int check_image(const struct target *t, const struct image *i)
{
	const struct image ours = image_of(t->library);
	const char *more = rights(t->path);
	char why[300];

	if (i->class != ours.class || i->data != ours.data ||
	    i->machine != ours.machine) {
		snprintf(why, sizeof(why),
			 "is for another architecture (ELF machine %d, %d "
			 "bits) than the interposer (%d, %d bits): run a build "
			 "for this one",
			 i->machine, i->class == ELFCLASS64 ? 64 : 32,
			 ours.machine, ours.class == ELFCLASS64 ? 64 : 32);
		return refuse(t, why);
	}
	if (!i->loader[0])
		return refuse(t, "is statically linked: no loader would put "
				 "the interposer into it: link it dynamically");
	if (strstr(i->loader, "/ld-musl"))
		return refuse(t, "is linked with musl, and the interposer "
				 "stands before glibc: link it with glibc");
	if (i->tsan)
		return refuse(t, "is built with ThreadSanitizer, which would "
				 "not see what our locks order: run a build "
				 "without it");
	if (more) {
		snprintf(why, sizeof(why),
			 "%s: the loader would ignore LD_PRELOAD: run it as "
			 "its owner, or a copy without that",
			 more);
		return refuse(t, why);
	}
	return 0;
}

/* What follows "#!", up to a blank; what is neither that nor a program, execvp
 * hands to the shell. */
static void read_runner(int fd, char path[PATH_MAX])
{
	char line[257] = "";
	ssize_t n = pread(fd, line, sizeof(line) - 1, 0);
	const char *begin = line + 2;

	if (n < 2 || strncmp(line, "#!", 2) != 0) {
		strcpy(path, "/bin/sh");
		return;
	}
	begin += strspn(begin, " \t");
	snprintf(path, PATH_MAX, "%.*s", (int)strcspn(begin, " \t\n"), begin);
}

/* What path leads to: 0, and *done if it is no script; or the exit status. */
static int check_file(struct target *t, bool *done)
{
	int fd = open(t->path, O_RDONLY | O_CLOEXEC);
	struct image i;

	*done = true;
	if (fd < 0) /* for execution only: the loader will see */
		return 0;
	i = image_read(fd);
	*done = i.elf;
	if (!i.elf)
		read_runner(fd, t->path);
	close(fd);
	return i.elf ? check_image(t, &i) : 0;
}

int target_check(const char *program, const char *library)
{
	struct target t = { .named = program, .library = library };
	bool done = false;
	int error = find(&t);

	if (error)
		return fail_start(program, NULL, error);
	for (int scripts = 0; !done; scripts++) {
		t.is_script = scripts > 0;
		error = scripts > SCRIPTS_MAX ? ELOOP : look(t.path);
		if (error)
			return fail_start(program, t.path, error);
		error = check_file(&t, &done);
		if (error)
			return error;
	}
	return 0;
}

int target_become(char **program)
{
	execvp(program[0], program);
	return fail_start(program[0], NULL, errno);
}
