/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../command.h"
#include "place.h"
#include "tool.h"

struct build {
	char *const *files;
	int n;
	struct words cc, flags;
	char folder[4096]; /* of its objects */
	char *wrapped;	   /* text of build/explore/wrapped */
};

/* By prefix; what only describes an object or a thread needs no answer. */
static const char *const prefixes[] = { "pthread_", "sem_", "thrd_", "mtx_",
					"cnd_",	    "tss_", "mq_",   "epoll_",
					"aio_",	    "io_",  NULL };
static const char *const harmless[] = { "attr_",	 "pthread_self",
					"pthread_equal", "thrd_current",
					"thrd_equal",	 NULL };
/* In full. */
static const char *const blocking[] = { "accept",
					"accept4",
					"alarm",
					"call_once",
					"clone",
					"connect",
					"fcntl",
					"flock",
					"fork",
					"futex",
					"lockf",
					"msgrcv",
					"msgsnd",
					"pause",
					"pipe",
					"pipe2",
					"poll",
					"ppoll",
					"pselect",
					"recv",
					"recvmsg",
					"select",
					"semop",
					"semtimedop",
					"setitimer",
					"sigwait",
					"sigsuspend",
					"sigtimedwait",
					"sigwaitinfo",
					"socketpair",
					"eventfd",
					"timer_create",
					"timerfd_create",
					"vfork",
					"wait",
					"waitid",
					"waitpid",
					"nanosleep",
					"clock_nanosleep",
					"sleep",
					"usleep",
					"sched_yield",
					NULL };

static bool begins_with_one(const char *name, const char *const *all)
{
	for (; *all; all++)
		if (strncmp(name, *all, strlen(*all)) == 0)
			return true;
	return false;
}

static bool contains_one(const char *name, const char *const *all)
{
	for (; *all; all++)
		if (strstr(name, *all))
			return true;
	return false;
}

static bool is_one(const char *name, const char *const *all)
{
	for (; *all; all++)
		if (strcmp(name, *all) == 0)
			return true;
	return false;
}

static bool answered(const struct build *b, const char *name)
{
	char line[300];

	snprintf(line, sizeof(line), "-Wl,--wrap=%s\n", name);
	return strstr(b->wrapped, line) != NULL;
}

static bool may_block(const char *name)
{
	return is_one(name, blocking) || (begins_with_one(name, prefixes) &&
					  !contains_one(name, harmless));
}

static char *read_whole(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &size, '\0', f) < 0)
		text = strdup("");
	fclose(f);
	return text;
}

static void object_name(const struct build *b, int i, char *path, size_t size)
{
	snprintf(path, size, "%s/%d.o", b->folder, i);
}

static int compile(const struct build *b, int i)
{
	struct words w = { NULL, 0 };
	char object[4200];
	int status;

	object_name(b, i, object, sizeof(object));
	for (int k = 0; k < b->cc.n; k++)
		words_add(&w, "%s", b->cc.all[k]);
	words_split(&w, "-std=gnu11 -O2 -g -fno-omit-frame-pointer "
			"-fsanitize=thread -fno-builtin-memset "
			"-fno-builtin-memcpy -fno-builtin-memmove -pthread");
	words_add(&w, "-idirafter");
	words_add(&w, "%s", place_library()); /* explore.h */
	for (int k = 0; k < b->flags.n; k++)
		words_add(&w, "%s", b->flags.all[k]);
	words_add(&w, "-c");
	words_add(&w, "%s", b->files[i]);
	words_add(&w, "-o");
	words_add(&w, "%s", object);
	status = tool_run(w.all);
	words_free(&w);
	if (status == 127 << 8)
		return lab_fail("%s: there is no such compiler: install gcc, "
				"or set CC",
				b->cc.all[0]);
	return status ? lab_fail("%s: %s does not compile it: see above",
				 b->files[i], b->cc.all[0])
		      : 0;
}

/* nm -P: "NAME TYPE ...", type U or w where it is not defined. */
static FILE *symbols(const struct build *b, int i)
{
	char object[4200];
	char *nm[] = { "nm", "-P", object, NULL };

	object_name(b, i, object, sizeof(object));
	return tool_read(nm);
}

static bool defined_somewhere(const struct build *b, const char *wanted)
{
	char name[256], type[4];
	bool found = false;

	for (int i = 0; i < b->n && !found; i++) {
		FILE *f = symbols(b, i);

		while (f && !found &&
		       fscanf(f, "%255s %3s%*[^\n]", name, type) == 2)
			found = type[0] != 'U' && strcmp(name, wanted) == 0;
		if (f)
			fclose(f);
	}
	return found;
}

static int check_calls(const struct build *b, int i)
{
	char name[256], type[4];
	FILE *f = symbols(b, i);
	int r = 0;

	if (!f)
		return lab_fail("nm fails: install binutils");
	while (!r && fscanf(f, "%255s %3s%*[^\n]", name, type) == 2)
		if (type[0] == 'U' && may_block(name) && !answered(b, name) &&
		    !defined_somewhere(b, name))
			r = lab_fail("%s: calls %s, which the explorer cannot "
				     "answer: docs/explore.md lists what it "
				     "can",
				     b->files[i], name);
	fclose(f);
	return r;
}

static int link_all(const struct build *b, const char *library,
		    const char *program)
{
	struct words w = { NULL, 0 };
	char object[4200];
	int status;

	for (int k = 0; k < b->cc.n; k++)
		words_add(&w, "%s", b->cc.all[k]);
	words_add(&w, "-pthread");
	for (int i = 0; i < b->n; i++) {
		object_name(b, i, object, sizeof(object));
		words_add(&w, "%s", object);
	}
	for (int k = 0; k < b->flags.n; k++)
		words_add(&w, "%s", b->flags.all[k]);
	words_add(&w, "@%s/wrapped", library);
	words_add(&w, "-L%s", library);
	words_add(&w, "-lexplore");
	words_add(&w, "-Wl,-rpath,%s", library);
	words_add(&w, "-Wl,-z,now");
	words_add(&w, "-o");
	words_add(&w, "%s", program);
	status = tool_run(w.all);
	words_free(&w);
	return status ? lab_fail("%s: cannot be linked: see above", b->files[0])
		      : 0;
}

/* One place for the same compiler, files and flags: a second run replaces the
 * first. */
static void name_program(const struct build *b, const char *cflags, char *path,
			 unsigned size)
{
	char *text = NULL, real[PATH_MAX], stem[256];
	size_t length = 0;
	FILE *f = open_memstream(&text, &length);

	for (int i = 0; i < b->cc.n; i++)
		fprintf(f, "%s ", b->cc.all[i]);
	fprintf(f, "%s", cflags);
	for (int i = 0; i < b->n; i++)
		fprintf(f, "\n%s",
			realpath(b->files[i], real) ? real : b->files[i]);
	fclose(f);
	snprintf(real, sizeof(real), "%s", b->files[0]);
	snprintf(stem, sizeof(stem), "%s", basename(real));
	stem[strcspn(stem, ".")] = '\0';
	snprintf(path, size, "%s/%s-%08x", place_output(), stem,
		 place_hash(text));
	free(text);
}

/* Built under another name, so that runs at the same time do not meet. */
static int build_in_folder(const struct build *b, const char *library,
			   const char *path)
{
	char program[4200];
	int r = 0;

	for (int i = 0; i < b->n && !r; i++)
		r = compile(b, i);
	for (int i = 0; i < b->n && !r; i++)
		r = check_calls(b, i);
	snprintf(program, sizeof(program), "%s/program", b->folder);
	if (!r)
		r = link_all(b, library, program);
	if (!r && rename(program, path))
		r = lab_fail("%s: %s: remove it", path, strerror(errno));
	unlink(program);
	for (int i = 0; i < b->n; i++) {
		object_name(b, i, program, sizeof(program));
		unlink(program);
	}
	return r;
}

static int build(struct build *b, const char *cflags, char *path, unsigned size)
{
	const char *cc = getenv("CC"), *library = place_library();
	char wrapped[4200];
	int r;

	if (!library)
		return lab_fail("the explorer's library is not there: build it "
				"with `make explorer`");
	if (!words_split(&b->cc, cc && *cc ? cc : "gcc") || b->cc.n == 0)
		return lab_fail("CC=%s: give a compiler and its options", cc);
	if (!words_split(&b->flags, cflags))
		return lab_fail("--cflags=%s: not the words of a shell: put "
				"what is special in quotes",
				cflags);
	snprintf(wrapped, sizeof(wrapped), "%s/wrapped", library);
	b->wrapped = read_whole(wrapped);
	if (!b->wrapped)
		return lab_fail("%s is not there: build it with `make "
				"explorer`",
				wrapped);
	snprintf(b->folder, sizeof(b->folder), "%s/build.XXXXXX",
		 place_output());
	if (!mkdtemp(b->folder))
		return lab_fail("%s: %s: set TMPDIR to a folder of yours",
				b->folder, strerror(errno));
	name_program(b, cflags, path, size);
	r = build_in_folder(b, library, path);
	rmdir(b->folder);
	return r;
}

int program_build(char *const *files, int n, const char *cflags, char *path,
		  unsigned size)
{
	struct build b = { .files = files, .n = n };
	int r = 0;

	for (int i = 0; i < n && !r; i++)
		if (access(files[i], R_OK))
			r = lab_fail("%s: %s: name a C file that is there",
				     files[i], strerror(errno));
	if (!r)
		r = build(&b, cflags, path, size);
	words_free(&b.cc);
	words_free(&b.flags);
	free(b.wrapped);
	return r;
}
